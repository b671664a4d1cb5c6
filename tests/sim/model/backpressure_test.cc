// SPDX-License-Identifier: Apache-2.0
// Bounded buffers: a fast producer waits for its reader; a buffer below its least size stops the
// chip, and the simulation says who waits for what.
#include <gmock/gmock.h>

#include "support.h"

namespace pimento::sim::testing {
namespace {

using ::testing::HasSubstr;

arch::Program fast_then_slow(std::int64_t capacity) {
  const StageShape fast{.slices = 1, .columns = 64};
  const StageShape slow{.slices = 8, .columns = 64};
  arch::Program program = program_of({matrix_stage(fast, arch::kChipInput), matrix_stage(slow, 0)});
  program.stages[1].inputs[0].capacity = capacity;
  return program;
}

TEST(Backpressure, ProducerRunsAheadByTheCapacityOnly) {
  const SimulationResult result = simulate(chip_of({}), fast_then_slow(3), 1);
  // The reader starts pixel k at 164 + 800 k; one more is loaded beside the one being read, so the
  // producer's last pixel waits until the reader has loaded pixel 16, when pixel 15 starts.
  EXPECT_NEAR(nanoseconds(result.stages[0].last_done), 164 + 15 * 800 + 164, 1e-6);
}

TEST(Backpressure, ASmallBufferDoesNotSlowTheSlowestStage) {
  const SimulationResult result = simulate(chip_of({}), fast_then_slow(1), 1);
  EXPECT_NEAR(nanoseconds(result.makespan()), 164 + 19 * 800 + 100 + 7 * 100 + 64, 1e-6);
}

arch::Program windowed(std::int64_t capacity) {
  arch::Stage reader = matrix_stage({.slices = 4, .columns = 64}, 0);
  reader.inputs[0].window = {false, 3, 3, 1, 1, 1, 1};
  arch::Program program =
      program_of({matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput), reader});
  program.stages[1].inputs[0].capacity = capacity;
  return program;
}

// Three rows of five pixels are the least for a 3x3 window in the middle of the map.
TEST(Backpressure, ThreeRowsSuffice) {
  EXPECT_NO_THROW((void)simulate(chip_of({}), windowed(15), 1));
}

TEST(Backpressure, OnePixelLessIsStuckAndSaysWhy) {
  try {
    (void)simulate(chip_of({}), windowed(14), 1);
    FAIL() << "14 pixels cannot hold the window";
  } catch (const SimulationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("stuck"));
    EXPECT_THAT(error.what(), HasSubstr("waits for room in the buffer of \"stage after 0\""));
    EXPECT_THAT(error.what(), HasSubstr("waits for pixel 15 of input 0, has 14"));
  }
}

}  // namespace
}  // namespace pimento::sim::testing
