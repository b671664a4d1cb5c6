// SPDX-License-Identifier: Apache-2.0
// Parallel windows: one read makes a block of pixels. Times against closed forms: 400 ns a read,
// the result 64 ns later, a map of 4x5 pixels.
#include <gtest/gtest.h>

#include "support.h"

namespace pimento::sim::testing {
namespace {

constexpr double kTolerance = 1e-6;  // ns

arch::Stage stepped(arch::Grid step, int producer = arch::kChipInput) {
  arch::Stage stage = matrix_stage({.slices = 4, .columns = 64}, producer);
  stage.step = step;
  stage.tiles[0].partial_sums *= step.pixels();
  stage.tiles[0].cores[0].partial_sums *= step.pixels();
  return stage;
}

struct Window {
  arch::Grid step;
  int reads;  // of an image
};

class ParallelWindows : public ::testing::TestWithParam<Window> {};

TEST_P(ParallelWindows, TakeAReadEach) {
  const auto& [step, reads] = GetParam();
  const SimulationResult result = simulate(chip_of({}), program_of({stepped(step)}), 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), 2 * reads * 400 + 64, kTolerance);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kRowDrive), 2 * reads * 4 * 16);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kOffchipBit), 2 * 20 * (64 + 64));
}
INSTANTIATE_TEST_SUITE_P(Steps, ParallelWindows,
                         ::testing::Values(Window{{1, 1}, 20}, Window{{1, 5}, 4}, Window{{2, 2}, 6},
                                           Window{{3, 2}, 6}, Window{{4, 1}, 5},
                                           Window{{4, 5}, 1}));

TEST(Steps, CopiesTakeTurnsByStep) {
  arch::Stage stage = stepped({2, 2});
  stage.tiles.push_back(stage.tiles[0]);
  stage.tiles[1].replica = 1;
  const SimulationResult result = simulate(chip_of({}), program_of({stage}), 1);
  EXPECT_NEAR(nanoseconds(result.makespan()), 3 * 400 + 64, kTolerance);
}

// Pixels beyond the edge are dropped: the vector unit works on 20 pixels, of 4, 4, 2, 4, 4 and 2.
TEST(Steps, VectorWorkIsForPixelsOfTheMap) {
  const ChipText chip{.tile_components =
                          "vector_unit: {kind: fixed, energy: 1 pJ, rate: 1 GHz, source: none}"};
  arch::Stage stage = stepped({2, 2});
  stage.vector_ops = 30;
  const SimulationResult result = simulate(chip_of(chip), program_of({stage}), 1);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kVectorOp), 20 * 30);
  EXPECT_NEAR(nanoseconds(result.makespan()), 6 * 400 + 64 + 2 * 30, kTolerance);
}

// A step of 2x2 with 3x3 windows waits for pixel (2, 2), the 13th.
TEST(Steps, WaitForTheWindowOfTheirLastPixel) {
  arch::Stage stage = stepped({2, 2}, 0);
  stage.inputs[0].window = {false, 3, 3, 1, 1, 1, 1};
  const arch::Program program =
      program_of({matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput), stage});
  const SimulationResult result = simulate(chip_of({}), program, 1);
  EXPECT_NEAR(nanoseconds(result.stages[1].first_issue), 13 * 400 + 64, kTolerance);
}

// The reader takes 100 ns a pixel. Pixels 0 to 3 reach it as they are made; the lower row follows
// pixel 4 at 1264 ns. Of the second band, pixels 10 to 14 have come by 2464 ns, and with the last
// of them the five of the lower row.
TEST(Steps, LowerRowsWaitForTheUpperOne) {
  const arch::Program program =
      program_of({stepped({2, 2}), matrix_stage({.slices = 1, .columns = 64}, 0)});
  const SimulationResult result = simulate(chip_of({}), program, 1);
  EXPECT_NEAR(nanoseconds(result.stages[1].first_issue), 464, kTolerance);
  EXPECT_NEAR(nanoseconds(result.stages[0].last_done), 2464, kTolerance);
  EXPECT_NEAR(nanoseconds(result.makespan()), 2464 + 5 * 100 + 164, kTolerance);
}

// Places for a row and a step; one less, and the step that needs them never starts.
TEST(Steps, FinishWithLeastRoomAtTheReader) {
  arch::Program program =
      program_of({stepped({2, 2}), matrix_stage({.slices = 1, .columns = 64}, 0)});
  program.stages[1].inputs[0].capacity = 7;
  EXPECT_NO_THROW((void)simulate(chip_of({}), program, 1));
}

TEST(Steps, AreStuckWithOnePlaceLess) {
  arch::Program program =
      program_of({stepped({2, 2}), matrix_stage({.slices = 1, .columns = 64}, 0)});
  program.stages[1].inputs[0].capacity = 6;
  EXPECT_THROW((void)simulate(chip_of({}), program, 1), SimulationError);
}

}  // namespace
}  // namespace pimento::sim::testing
