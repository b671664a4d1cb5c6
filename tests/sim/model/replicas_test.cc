// SPDX-License-Identifier: Apache-2.0
// Copies of a layer make its pixels in turn. Times against closed forms: 400 ns a pixel and copy,
// the result 64 ns later.
#include <gtest/gtest.h>

#include "support.h"

namespace pimento::sim::testing {
namespace {

constexpr double kTolerance = 1e-6;  // ns

// 20 pixels by `copies` copies, each on a core of its own.
arch::Stage copied(int copies, int producer = arch::kChipInput) {
  arch::Stage stage = matrix_stage({.slices = 4, .columns = 64}, producer);
  for (int replica = 1; replica < copies; ++replica) {
    stage.tiles.push_back(stage.tiles.front());
    stage.tiles.back().replica = replica;
  }
  return stage;
}

class Copies : public ::testing::TestWithParam<int> {};

TEST_P(Copies, DivideTheTime) {
  const int copies = GetParam();
  const SimulationResult result = simulate(chip_of({}), program_of({copied(copies)}), 1);
  const int turns = (20 + copies - 1) / copies;
  EXPECT_NEAR(nanoseconds(result.makespan()), turns * 400 + 64, kTolerance);
  EXPECT_DOUBLE_EQ(nanoseconds(result.stages[0].bound), nanoseconds(result.makespan()));
}
INSTANTIATE_TEST_SUITE_P(Replicas, Copies, ::testing::Values(1, 2, 3, 4, 5, 7, 10, 20));

// Turns begin anew with each image: of 3 x 20 pixels the first of three copies makes 3 x 7.
TEST(Replicas, TakeTurnsImageByImage) {
  const SimulationResult result = simulate(chip_of({}), program_of({copied(3)}), 3);
  EXPECT_NEAR(nanoseconds(result.makespan()), 3 * 7 * 400 + 64, kTolerance);
}

TEST(Replicas, OnOneLaneGainNothing) {
  arch::Program program = program_of({copied(4)});
  for (arch::TileWork& tile : program.stages[0].tiles) tile.cores[0].core = 0;
  const SimulationResult result = simulate(chip_of({}), program, 1);
  EXPECT_NEAR(nanoseconds(result.makespan()), 20 * 400 + 64, kTolerance);
}

// The second copy is through with pixel 1 after 264 ns, the first with pixel 0 after 464.
TEST(Replicas, APixelThatOvertookAnotherIsHeldBack) {
  arch::Program program = program_of({copied(2), matrix_stage({.slices = 1, .columns = 64}, 0)});
  program.stages[0].tiles[0].cores[0].reads = 2;
  const SimulationResult result = simulate(chip_of({}), program, 1);
  EXPECT_NEAR(nanoseconds(result.stages[1].first_issue), 800 + 64, kTolerance);
  // The slow copy makes 10 pixels; behind its last one the pixel of the fast copy was waiting.
  EXPECT_NEAR(nanoseconds(result.stages[0].last_done), 10 * 800 + 64, kTolerance);
  EXPECT_NEAR(nanoseconds(result.makespan()), 10 * 800 + 64 + 100 + 164, kTolerance);
}

// A window that one copy still loads is not given away by another that loaded faster: the buffer of
// one pixel holds pixel 1 only once pixel 0 went over the bus, 200 ns later.
TEST(Replicas, APixelStaysUntilItsCopyHasLoadedIt) {
  const ChipText chip{.tile_components =
                          "bus: {kind: fixed, energy: 1 pJ, width: 1 b, rate: 1 GHz, source: "
                          "none}"};
  arch::Stage stage = copied(2);
  stage.inputs[0].capacity = 1;
  stage.grid = stage.inputs[0].grid = {1, 2};
  stage.tiles[0].cores[0].input_bits = Bits(200);
  stage.tiles[1].cores[0].input_bits = Bits(10);
  stage.tiles[1].tile = 1;
  const arch::Program program = program_of({stage});
  EXPECT_NEAR(nanoseconds(simulate(chip_of(chip), program, 1).makespan()), 200 + 10 + 464,
              kTolerance);
}

// With room for both, the second copy has loaded pixel 1 long before the first has pixel 0, at
// 6000 ns. Only then do the next two come in, 1000 ns each, and go out again as slowly.
TEST(Replicas, PixelsAreGivenAwayInOrder) {
  const ChipText chip{
      .tile_components = "bus: {kind: fixed, energy: 1 pJ, width: 1 b, rate: 1 GHz, source: none}",
      .chip_components =
          "io_link: {kind: fixed, energy: 1 pJ, width: 64 b, rate: 1 MHz, source: none}"};
  arch::Stage stage = copied(2);
  stage.grid = stage.inputs[0].grid = {1, 2};
  stage.inputs[0].capacity = 2;
  stage.tiles[0].cores[0].input_bits = Bits(5000);
  stage.tiles[1].cores[0].input_bits = Bits(10);
  stage.tiles[1].tile = 1;
  const SimulationResult result = simulate(chip_of(chip), program_of({stage}), 2);
  EXPECT_NEAR(nanoseconds(result.image_done[0]), 1000 + 5000 + 464 + 2000, kTolerance);
  EXPECT_NEAR(nanoseconds(result.image_done[1]), 6000 + 1000 + 5000 + 464 + 2000, kTolerance);
}

}  // namespace
}  // namespace pimento::sim::testing
