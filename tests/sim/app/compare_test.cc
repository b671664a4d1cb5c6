// SPDX-License-Identifier: Apache-2.0
// `pimento compare` from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Compare : public testing::Test {
 protected:
  [[nodiscard]] ProgramRun run(const std::string& arguments) const {
    return run_program("compare " + network + " " + arguments);
  }
  Scratch scratch;
  std::string network = scratch.write("tiny.yaml", kTinyNetwork);
};

TEST_F(Compare, AgreesWithRun) {
  const ProgramRun run = this->run("--json");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json report = json::parse(run.out);
  ASSERT_EQ(report["policies"].size(), 4U);
  EXPECT_EQ(report["baseline"], "uniform16");
  for (const json& row : report["policies"]) {
    const std::string policy = row["policy"];
    const ProgramRun alone = run_program("run " + network + " --json --policy " + policy);
    EXPECT_EQ(json::parse(alone.out)["totals"]["energy_j"], row["totals"]["energy_j"]) << policy;
    EXPECT_EQ(json::parse(alone.out)["totals"]["area_mm2"], row["totals"]["area_mm2"]) << policy;
  }
  const json& four = report["policies"][2];
  EXPECT_EQ(four["weight_bits_mean"], 4.0);
  EXPECT_EQ(four["size"]["compression"], 8.0);
  EXPECT_EQ(four["energy_ratio"].get<double>(),
            four["totals"]["energy_j"].get<double>() /
                report["policies"][0]["totals"]["energy_j"].get<double>());
}

TEST_F(Compare, TheNumberOfJobsChangesNothing) {
  EXPECT_EQ(run("--jobs 1").out, run("--jobs 4").out);
}

TEST_F(Compare, TakesTheBaselineItIsTold) {
  const ProgramRun run = this->run("--policies uniform8,uniform2 --baseline uniform2 --json");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(json::parse(run.out)["policies"][1]["energy_ratio"], 1.0);
}

TEST_F(Compare, SavesAllFormsAndSaysSo) {
  const std::string folder = scratch.path("out");
  const ProgramRun run = this->run("--policies uniform4 --out " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(content_of(folder + "/compare.txt"), run.out);
  EXPECT_TRUE(json::accept(content_of(folder + "/compare.json")));
  EXPECT_THAT(content_of(folder + "/compare.csv"), HasSubstr("\nuniform4,4,4,"));
  EXPECT_THAT(run.err, HasSubstr("pimento: wrote " + folder + "/compare.txt, "));
}

TEST_F(Compare, OneWrongPolicyIsOneErrorAndNothingWritten) {
  const std::string folder = scratch.path("out");
  const ProgramRun run = this->run("--policies uniform8,hawq_resnet20 --out " + folder);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("pimento: error: "));
  EXPECT_THAT(run.err, HasSubstr("hawq_resnet20"));
  EXPECT_FALSE(std::filesystem::exists(folder));
}

// What only shows while mapping comes from a child process.
TEST_F(Compare, AnErrorOfAChildNamesThePolicy) {
  const ProgramRun run =
      run_program("compare vgg16_cifar --policies uniform2,uniform16 --set chip.tiles=3");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("error: policy \"uniform"));
  EXPECT_THAT(run.err, HasSubstr("does not fit"));
}

TEST_F(Compare, WrongListsOfPoliciesAreMistakes) {
  EXPECT_EQ(run("--policies uniform8,,uniform4").err,
            "pimento: error: --policies: found an empty name in \"uniform8,,uniform4\"; expected "
            "names with commas between them, such as uniform8,uniform4\n");
  EXPECT_EQ(run("--policies uniform8,uniform8").err,
            "pimento: error: --policies: \"uniform8\" is given twice; remove one\n");
  EXPECT_EQ(run("--baseline best").err,
            "pimento: error: --baseline: found \"best\"; expected one of the compared policies: "
            "uniform16, uniform8, uniform4, uniform2\n");
}

TEST_F(Compare, PoliciesOfOneNameGoByWhatWasTyped) {
  const std::string copy = scratch.write(
      "copy.yaml",
      "schema: pimento/policy/1\nname: uniform8\ndefault: {weights: 5, activations: 5}\n");
  const ProgramRun run = this->run("--json --policies uniform8," + copy);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(json::parse(run.out)["policies"][1]["policy"], copy);
}

}  // namespace
}  // namespace pimento::app
