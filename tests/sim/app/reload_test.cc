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

TEST_F(Reload, DenseDoesNotFit) {
  const ProgramRun run = this->run("--strategy dense");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("the network does not fit: layer \"fc\""));
}

}  // namespace
}  // namespace pimento::app
