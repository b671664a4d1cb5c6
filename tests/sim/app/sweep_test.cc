// SPDX-License-Identifier: Apache-2.0
// `pimento sweep` from outside.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/sim/app/support.h"
#include "tests/sim/sweep/support.h"

namespace pimento::app {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Sweep : public testing::Test {
 protected:
  void write_sweep(const std::string& axes) {
    write_file_atomically(folder_.path() / "s.yaml",
                          "schema: pimento/sweep/1\nname: s\nnetwork: resnet20_cifar\n"
                          "chip: reram_128x128_1b\npolicy: uniform4\naxes:\n" +
                              axes);
  }
  [[nodiscard]] ProgramRun sweep(const std::string& options, const std::string& out = "out") const {
    return run_program("sweep '" + (folder_.path() / "s.yaml").string() + "' --out '" +
                       (folder_.path() / out).string() + "' " + options);
  }
  [[nodiscard]] std::string read(const std::string& file) const {
    return read_file(folder_.path() / file, 1 << 24);
  }
  [[nodiscard]] bool exists(const std::string& file) const {
    return fs::exists(folder_.path() / file);
  }
  sim::TemporaryFolder folder_;
};

TEST_F(Sweep, WritesAllFormsAndPrintsTheTable) {
  write_sweep("  macro.rows: [64, 128]\n  macro.cell_bits: [1, 2]\n");
  const ProgramRun run = sweep("");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("sweep s\n  network: resnet20_cifar\n"));
  EXPECT_THAT(run.out, HasSubstr("* Pareto-optimal in energy, latency and area: "));
  EXPECT_THAT(run.err, HasSubstr("sweep s: 4 of 4 (100 %)\n"));
  EXPECT_THAT(run.err, HasSubstr("pimento: 0 of 4 points were known, 4 were run; wrote "));
  EXPECT_THAT(read("out/sweep.csv"), StartsWith("macro.rows,macro.cell_bits,energy_j,latency_s,"));
  const auto json = nlohmann::json::parse(read("out/sweep.json"));
  EXPECT_EQ(json["points"].size(), 4u);
  EXPECT_GT(json["points"][0]["energy_j"], 0.0);
  EXPECT_GT(json["points"][0]["crossbars"], json["points"][3]["crossbars"]);
}

TEST_F(Sweep, AgreesWithSingleRuns) {
  write_sweep("  macro.rows: [64, 128]\n");
  const ProgramRun swept = sweep("--json");
  const ProgramRun single = run_program(
      "run resnet20_cifar --chip reram_128x128_1b --policy uniform4 --set macro.rows=64 --json");
  ASSERT_EQ(swept.exit_code, 0) << swept.err;
  ASSERT_EQ(single.exit_code, 0) << single.err;
  const auto point = nlohmann::json::parse(swept.out)["points"][0];
  const auto totals = nlohmann::json::parse(single.out)["totals"];
  for (const char* figure : {"energy_j", "latency_s", "area_mm2", "crossbars", "adc_conversions"}) {
    EXPECT_EQ(point[figure], totals[figure]) << figure;
  }
}

TEST_F(Sweep, GivesTheSameBytesForAnyJobsAndAgain) {
  write_sweep("  macro.rows: [64, 128, 256]\n  policy: [uniform8, uniform4]\n");
  write_file_atomically(folder_.path() / "s.yaml", [&] {
    std::string text = read("s.yaml");
    return text.erase(text.find("policy: uniform4\n"), 17);
  }());
  const ProgramRun one = sweep("--jobs 1 --csv", "one");
  ASSERT_EQ(one.exit_code, 0) << one.err;
  const ProgramRun many = sweep("--jobs 4 --csv", "many");
  EXPECT_EQ(one.out, many.out);
  EXPECT_EQ(one.out, read("one/sweep.csv"));
  EXPECT_EQ(read("one/sweep.json"), read("many/sweep.json"));
  const ProgramRun again = sweep("--csv", "many");
  EXPECT_EQ(again.out, one.out);
  EXPECT_THAT(again.err, HasSubstr("6 of 6 points were known, 0 were run"));
  EXPECT_EQ(read("one/sweep.json"), read("many/sweep.json"));
  EXPECT_THAT(sweep("--fresh", "many").err, HasSubstr("0 of 6 points were known, 6 were run"));
}

TEST_F(Sweep, AWrongAxisRefusesTheWholeSweep) {
  write_sweep("  macro.rws: [64, 128]\n");
  const ProgramRun run = sweep("");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("s.yaml: the first of 2 points is wrong: "));
  EXPECT_THAT(run.err, HasSubstr("macro.rws: unknown key; did you mean \"rows\"?"));
  EXPECT_FALSE(exists("out"));
}

TEST_F(Sweep, SomeFailedPointsAreAWarning) {
  write_sweep("  macro.rows: [64, -1]\n");
  const ProgramRun run = sweep("");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("  failed: macro.rows=-1: "));
  EXPECT_THAT(run.err, EndsWith("pimento: warning: 1 of 2 points failed; the column \"error\" says "
                                "why\n"));
  EXPECT_THAT(read("out/sweep.csv"), HasSubstr("\n-1,,,,,,,,,,,"));
}

TEST_F(Sweep, OnlyFailedPointsAreAMistake) {
  write_sweep("  chip.tiles: [1, 2]\n");
  const ProgramRun run = sweep("");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("pimento: error: all 2 points failed, the first with: "));
}

TEST_F(Sweep, AnAxisCannotBeSet) {
  write_sweep("  macro.rows: [64]\n");
  const ProgramRun run = sweep("--set macro.rows=128");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("--set macro.rows=128: macro.rows is an axis of "));
  EXPECT_FALSE(exists("out"));
}

TEST_F(Sweep, AnInterruptedSweepGoesOn) {
  write_sweep("  macro.rows: [64, 65, 66, 67, 68, 69, 70, 71, 72, 73]\n  images: [20]\n");
  const std::string points = (folder_.path() / "out" / "points").string();
  const ProgramRun stopped = sweep(
      "--jobs 1 & program=$!; for i in $(seq 1000); do ls '" + points +
      "'/*.json >/dev/null 2>&1 && break; sleep 0.02; done; kill -TERM $program; wait $program");
  EXPECT_EQ(stopped.exit_code, 130);
  EXPECT_EQ(stopped.out, "");
  EXPECT_THAT(stopped.err, HasSubstr("of 10 points are done and kept in " + points +
                                     "; the same command goes on with the other "));
  EXPECT_FALSE(exists("out/sweep.csv"));
  std::size_t kept = 0;
  for (const auto& entry : fs::directory_iterator(points)) {
    kept += entry.path().extension() == ".json" ? 1 : 0;
  }
  EXPECT_GE(kept, 1u);
  EXPECT_LT(kept, 10u);
  const ProgramRun rest = sweep("");
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.err,
              HasSubstr(fmt::format("{} of 10 points were known, {} were run", kept, 10 - kept)));
}

TEST_F(Sweep, AnOutputFolderThatIsAFileIsAMistake) {
  write_sweep("  macro.rows: [64]\n");
  write_file_atomically(folder_.path() / "out", "x");
  EXPECT_EQ(sweep("").exit_code, 2);
}

}  // namespace
}  // namespace pimento::app
