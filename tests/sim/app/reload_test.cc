// SPDX-License-Identifier: Apache-2.0
// `pimento run --strategy reload` from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// A macro a layer, and a chip of one macro: a round a layer.
constexpr const char* kOneMacro =
    " --chip reram_128x128_1b --set core.macros=1 --set tile.cores=1 --set chip.tiles=1 ";

class Reload : public testing::Test {
 protected:
  [[nodiscard]] ProgramRun run(const std::string& arguments) const {
    return run_program("run " + network + kOneMacro + arguments);
  }
  Scratch scratch;
  std::string network = scratch.write("tiny.yaml", kTinyNetwork);
};

TEST_F(Reload, ReportsWhatWasWritten) {
  const ProgramRun run = this->run("--strategy reload --images 2 --json");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json report = json::parse(run.out);
  const json& writes = report["writes"];
  EXPECT_EQ(writes["rounds"], 2);
  // One-bit cells end as they began; conv1 takes 27 x 32 cells, fc 64 x 80.
  EXPECT_EQ(writes["cells_set"], writes["cells_reset"]);
  EXPECT_EQ(writes["cells_taken"], 27 * 32 + 64 * 80);
  EXPECT_EQ(writes["most_writes_of_a_cell"], 2);
  const double cells = writes["cells_set"].get<double>() + writes["cells_reset"].get<double>();
  // Only cells of both layers change.
  EXPECT_GT(cells, 0.0);
  EXPECT_LE(cells, 2 * 27 * 32);
  EXPECT_NEAR(writes["energy_j"].get<double>(), cells * 0.6e-12, 1e-18);
  // The rows of conv1, 20 ns each, twice.
  EXPECT_NEAR(writes["time_s"].get<double>(), 2 * 27 * 20e-9, 1e-15);
  EXPECT_DOUBLE_EQ(writes["share_of_run"].get<double>(),
                   writes["time_s"].get<double>() / report["totals"]["latency_s"].get<double>());
  EXPECT_NEAR(writes["years_to_endurance"].get<double>(),
              1e6 / 2 * report["totals"]["latency_s"].get<double>() / 31557600, 1e-12);
  double priced = 0.0;
  for (const json& item : report["components"]) {
    const auto name = item["name"].get<std::string>();
    if (name == "macro.array:cell_set" || name == "macro.array:cell_reset") {
      priced += item["energy_j"].get<double>();
    }
  }
  EXPECT_DOUBLE_EQ(priced, writes["energy_j"].get<double>());
}

TEST_F(Reload, TextHasASectionOfWrites) {
  const ProgramRun run = this->run("--strategy reload");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\nWrites: the arrays are written anew in each round\n"));
  EXPECT_THAT(run.out, HasSubstr("the run follows another one: its first round finds"));
}

// Without a price for writing the rest is priced all the same, and the report says so.
TEST_F(Reload, ChipsWithoutPricesCountAlone) {
  const ProgramRun run = run_program("run " + network +
                                     " --chip isaac_ce --set core.macros=1 --set tile.cores=1 "
                                     "--set chip.tiles=1 --strategy reload");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("not known: the array has no set_energy or no reset_energy"));
  EXPECT_THAT(run.out, HasSubstr("counted but not priced, because the chip has no such component "
                                 "or no price for it: "));
  EXPECT_THAT(run.out, HasSubstr(" cell_set (macro.array)"));
}

// Arrays of 32 rows and columns: two macros for fc's rows, so it is made in parts; it has one row
// in the report with the work of all of them.
TEST_F(Reload, LayersInPartsHaveOneRow) {
  const std::string arrays = "--set macro.rows=32 --set macro.columns=32 --json --strategy ";
  const ProgramRun cut = run(arrays + "reload --set tile.cores=2");
  const ProgramRun whole = run(arrays + "dense --set chip.tiles=auto");
  ASSERT_EQ(cut.exit_code, 0) << cut.err;
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const json a = json::parse(cut.out);
  const json b = json::parse(whole.out);
  EXPECT_EQ(a["writes"]["rounds"], 4);
  ASSERT_EQ(a["layers"].size(), b["layers"].size());
  for (std::size_t i = 0; i < a["layers"].size(); ++i) {
    EXPECT_EQ(a["layers"][i]["name"], b["layers"][i]["name"]);
    EXPECT_EQ(a["layers"][i]["macs"], b["layers"][i]["macs"]);
    EXPECT_EQ(a["layers"][i]["adc_conversions"], b["layers"][i]["adc_conversions"]);
  }
  EXPECT_EQ(a["totals"]["macs"], b["totals"]["macs"]);
  EXPECT_EQ(a["totals"]["weights"], b["totals"]["weights"]);
  EXPECT_EQ(a["totals"]["crossbars"], 2);
}

TEST_F(Reload, DoubleBufferingHidesWriting) {
  const std::string arrays =
      "--set macro.rows=32 --set macro.columns=32 --json --strategy reload --images 50 ";
  const ProgramRun one = run(arrays + "--set tile.cores=4");
  const ProgramRun two = run(arrays + "--set tile.cores=4 --set chip.double_buffering=true");
  ASSERT_EQ(one.exit_code, 0) << one.err;
  ASSERT_EQ(two.exit_code, 0) << two.err;
  const json alone = json::parse(one.out)["writes"];
  const json hidden = json::parse(two.out)["writes"];
  EXPECT_EQ(alone["hidden_time_s"], 0.0);
  EXPECT_GT(hidden["hidden_time_s"], 0.0);
  EXPECT_GT(hidden["rounds"], alone["rounds"]);
  EXPECT_LT(hidden["time_s"], alone["time_s"]);
}

TEST_F(Reload, MapShowsTheRounds) {
  const ProgramRun run =
      run_program("map " + network + kOneMacro +
                  "--set macro.rows=32 --set macro.columns=32 --strategy reload");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("(1 of 2: \"fc\" in 6 rounds); 7 rounds of at most 1 macros"));
  EXPECT_THAT(
      run.out,
      HasSubstr("  fc          8         64 x 10       8       6       1               2 x 3  "));
  EXPECT_THAT(run.out, HasSubstr("macros are written 7 times in all, round by round"));
}

TEST_F(Reload, DenseDoesNotFit) {
  const ProgramRun run = this->run("--strategy dense");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("the network does not fit: layer \"fc\""));
}

}  // namespace
}  // namespace pimento::app
