// SPDX-License-Identifier: Apache-2.0
// Where reads of zero inputs are passed over, a core takes as long as the reads that are left.
#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
#include "support.h"

namespace pimento::sim::testing {
namespace {

constexpr double kTolerance = 1e-6;  // ns; the model counts femtoseconds

// 20 pixels of 8 slices, 16 rows, 64 columns.
arch::Stage skipping_stage(std::int64_t reads, int producer = arch::kChipInput) {
  arch::Stage stage = matrix_stage({.slices = 8, .columns = 64}, producer);
  const std::int64_t some = reads > 0 ? 1 : 0;
  stage.tiles[0].cores[0].kept =
      arch::KeptReads{reads, 15 * reads, 63 * reads, 0, 1000 * reads + some, 20 * 8 * 16};
  return stage;
}

SimulationResult simulated(std::vector<arch::Stage> stages, int images = 1) {
  return simulate(chip_of({}), program_of(std::move(stages)), images);
}

// Nothing stalls, and the last step has a read: reads follow each other without a gap.
TEST(Skipping, ReadsThatAreLeftSetTheTime) {
  const SimulationResult result = simulated({skipping_stage(53)});
  EXPECT_NEAR(nanoseconds(result.makespan()), 100 + 52 * 100 + 64, kTolerance);
  EXPECT_NEAR(nanoseconds(result.stages[0].bound), 100 + 52 * 100 + 64, kTolerance);
}

TEST(Skipping, CountsWhatIsLeft) {
  const SimulationResult result = simulated({skipping_stage(53)}, 3);
  const arch::Counts& counts = result.stages[0].counts;
  EXPECT_EQ(counts.total(arch::Action::kRowDrive), 3 * 15 * 53);
  EXPECT_EQ(counts.total(arch::Action::kInputRegisterBit), 3 * 15 * 53);
  EXPECT_EQ(counts.total(arch::Action::kAdcConversion), 3 * 63 * 53);
  EXPECT_EQ(counts.total(arch::Action::kShiftAdd), 3 * 63 * 53);
  EXPECT_EQ(counts.total(arch::Action::kSample), 3 * 63 * 53);
  EXPECT_EQ(counts.total(arch::Action::kCellRead), 3 * (1000 * 53 + 1));
  EXPECT_EQ(counts.total(arch::Action::kInputTestBit), 3 * 20 * 8 * 16);
}

TEST(Skipping, AllReadsTakeAsLongAsWithoutIt) {
  const SimulationResult result = simulated({skipping_stage(160)}, 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), 100 + 319 * 100 + 64, kTolerance);
}

TEST(Skipping, NoReadsTakeNoTime) {
  const SimulationResult result = simulated({skipping_stage(0)}, 2);
  EXPECT_EQ(nanoseconds(result.makespan()), 0.0);
  EXPECT_EQ(nanoseconds(result.stages[0].bound), 0.0);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kAdcConversion), 0);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kInputTestBit), 2 * 20 * 8 * 16);
}

// One read in every fourth step: floor((s + 1) 5 / 20) grows in steps 3, 7, 11, 15, 19.
TEST(Skipping, ReadsAreSharedOutEvenly) {
  const SimulationResult result = simulated({skipping_stage(5), skipping_stage(160, 0)});
  // The second layer starts its first pixel at once and stays the slower one.
  EXPECT_NEAR(nanoseconds(result.stages[1].first_issue), 0.0, kTolerance);
  EXPECT_NEAR(nanoseconds(result.makespan()), 100 + 159 * 100 + 64, kTolerance);
  EXPECT_NEAR(nanoseconds(result.stages[0].last_done), 100 + 4 * 100 + 64, kTolerance);
}

}  // namespace
}  // namespace pimento::sim::testing
