// SPDX-License-Identifier: Apache-2.0
// `pimento run` from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class Run : public testing::Test {
 protected:
  [[nodiscard]] ProgramRun run(const std::string& arguments) const {
    return run_program("run " + network + " " + arguments);
  }
  Scratch scratch;
  std::string network = scratch.write("tiny.yaml", kTinyNetwork);
};

TEST_F(Run, ReportsATinyNetwork) {
  const ProgramRun text = run("");
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, StartsWith("network      tiny ("));
  EXPECT_THAT(text.out,
              HasSubstr("\nchip         isaac_ce (embedded:configs/chips/isaac_ce.yaml)"));
  EXPECT_THAT(text.out,
              HasSubstr("\npolicy       uniform8 (embedded:configs/policies/uniform8.yaml)\n"));
  EXPECT_THAT(text.out, HasSubstr("weights      synthetic gaussian, seed 1\n"));
  EXPECT_THAT(text.out, testing::Not(HasSubstr("\x1b")));
  EXPECT_EQ(text.err, "");
}

TEST_F(Run, JsonAgreesWithArithmetic) {
  const ProgramRun run = this->run("--json --chip reram_128x128_1b");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json report = json::parse(run.out);
  const json& totals = report["totals"];
  // conv1: 27 x 4 at 64 positions; fc: 64 x 10.
  EXPECT_EQ(totals["macs"], 27 * 4 * 64 + 64 * 10);
  EXPECT_EQ(totals["weights"], 27 * 4 + 64 * 10);
  EXPECT_EQ(totals["weight_bits"], 8 * (27 * 4 + 64 * 10));
  EXPECT_EQ(totals["crossbars"], 2);
  EXPECT_EQ(totals["images"], 1);
  double energy = 0.0;
  for (const json& item : report["components"]) energy += item["energy_j"].get<double>();
  EXPECT_EQ(energy, totals["energy_j"].get<double>());
}

TEST_F(Run, SameInputSameBytes) {
  EXPECT_EQ(run("--json").out, run("--json").out);
  EXPECT_EQ(run("").out, run("").out);
}

TEST_F(Run, SettingsReachChipNetworkAndPolicy) {
  const ProgramRun run = this->run(
      "--json --set macro.rows=64 --set network.name=other --set policy.default.weights=3");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json report = json::parse(run.out);
  EXPECT_EQ(report["network"], "other");
  EXPECT_EQ(report["layers"][0]["weight_bits_per_weight"], 3);
  EXPECT_EQ(report["provenance"]["overrides"],
            json({"macro.rows=64", "network.name=other", "policy.default.weights=3"}));
}

TEST_F(Run, SavesAllForms) {
  const std::string folder = scratch.path("deep/er");
  const ProgramRun run = this->run("--csv --out " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(content_of(folder + "/run.csv"), run.out);
  EXPECT_TRUE(json::accept(content_of(folder + "/run.json")));
  EXPECT_THAT(content_of(folder + "/run.txt"), StartsWith("network      tiny"));
  EXPECT_EQ(run.err, "pimento: wrote " + folder + "/run.txt, " + folder + "/run.json and " +
                         folder + "/run.csv\n");
}

TEST_F(Run, APlaceThatCannotBeWrittenIsAMistake) {
  const std::string file = scratch.write("file", "");
  const ProgramRun run = this->run("--out " + file + "/below");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, StartsWith("pimento: error: "));
}

TEST_F(Run, APolicyOfAnotherNetworkIsAMistake) {
  const ProgramRun run = this->run("--policy hawq_resnet20");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("hawq_resnet20"));
}

TEST_F(Run, ANetworkThatDoesNotFitIsAMistake) {
  const ProgramRun run = run_program("run vgg16_cifar --set chip.tiles=1");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("does not fit"));
}

TEST_F(Run, PricesBeyondNumbersAreAMistake) {
  const ProgramRun run = this->run(
      "--chip reram_128x128_1b --set 'chip.components.io_link={kind: fixed, energy: 1e305 J, "
      "source: none}'");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("leave the range of numbers"));
}

}  // namespace
}  // namespace pimento::app
