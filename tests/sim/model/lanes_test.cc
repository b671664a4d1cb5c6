// SPDX-License-Identifier: Apache-2.0
// Layers on the same macros are served one after the other; layers on different ones at once. Times
// against closed forms, as in latency_test.cc: reads take 100 ns, conversions 64 ns.
#include <gtest/gtest.h>

#include "support.h"

namespace pimento::sim::testing {
namespace {

constexpr double kTolerance = 1e-6;  // ns

// Two layers of 20 pixels, 400 ns and 800 ns each pixel, on one core.
arch::Program two_layers(int second_producer, int first_lane, int second_lane) {
  arch::Program program = program_of({matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput),
                                      matrix_stage({.slices = 8, .columns = 64}, second_producer)});
  for (arch::Stage& stage : program.stages) stage.tiles[0].cores[0].core = 0;
  program.stages[0].tiles[0].cores[0].lane = first_lane;
  program.stages[1].tiles[0].cores[0].lane = second_lane;
  return program;
}

TEST(Lanes, LayersOnOneLaneTakeTheSumOfTheirTimes) {
  const SimulationResult result = simulate(chip_of({}), two_layers(arch::kChipInput, 0, 0), 1);
  EXPECT_NEAR(nanoseconds(result.makespan()), 20 * (400 + 800) + 64, kTolerance);
}

TEST(Lanes, LayersBehindEachOtherOnOneLaneTakeTheSumToo) {
  const SimulationResult result = simulate(chip_of({}), two_layers(0, 2, 2), 3);
  EXPECT_NEAR(nanoseconds(result.makespan()), 3 * 20 * (400 + 800) + 64, kTolerance);
}

TEST(Lanes, LayersOnTwoLanesOverlap) {
  const SimulationResult result = simulate(chip_of({}), two_layers(arch::kChipInput, 0, 1), 1);
  EXPECT_NEAR(nanoseconds(result.stages[0].last_done), 20 * 400 + 64, kTolerance);
  EXPECT_NEAR(nanoseconds(result.makespan()), 20 * 800 + 64, kTolerance);
}

TEST(Lanes, OfTwoCoresHaveNothingToDoWithEachOther) {
  arch::Program program = two_layers(arch::kChipInput, 1, 1);
  program.stages[1].tiles[0].cores[0].core = 1;
  const SimulationResult result = simulate(chip_of({}), program, 1);
  EXPECT_NEAR(nanoseconds(result.makespan()), 20 * 800 + 64, kTolerance);
}

// A layer on both lanes of a core, one of which a second layer uses too, waits there alone.
TEST(Lanes, ALayerMayUseSeveralOfACore) {
  arch::Program program = two_layers(arch::kChipInput, 0, 1);
  arch::TileWork& tile = program.stages[0].tiles[0];
  tile.cores.push_back(tile.cores[0]);
  tile.cores[1].lane = 1;
  const SimulationResult result = simulate(chip_of({}), program, 1);
  EXPECT_NEAR(nanoseconds(result.makespan()), 20 * (400 + 800) + 64, kTolerance);
  EXPECT_NEAR(nanoseconds(result.stages[0].bound), 20 * 400 + 64, kTolerance);
}

}  // namespace
}  // namespace pimento::sim::testing
