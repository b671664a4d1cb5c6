// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/simulate.h"

#include <gmock/gmock.h>

#include "arch/program/static_counts.h"
#include "tests/sim/model/support.h"

namespace pimento::sim::testing {
namespace {

using ::testing::HasSubstr;

TEST(Simulate, CountsOfOneMacro) {
  const arch::Program program = program_of({matrix_stage({}, arch::kChipInput)});
  const SimulationResult result = simulate(chip_of({}), program, 2);
  const arch::Counts& counts = result.stages[0].counts;
  // 2 images x 20 pixels x 8 slices.
  EXPECT_EQ(counts.total(arch::Action::kAdcConversion), 2 * 20 * 8 * 128);
  EXPECT_EQ(counts.total(arch::Action::kRowDrive), 2 * 20 * 8 * 16);
  EXPECT_EQ(counts.total(arch::Action::kCellRead), 2 * 20 * 8 * 128 * 16);
  EXPECT_EQ(counts.total(arch::Action::kOffchipBit), 2 * 20 * (64 + 64));
  EXPECT_EQ(counts.total(arch::Action::kRouterBit), 0);
  EXPECT_EQ(result.image_done.size(), 2U);
}

TEST(Simulate, RouterBitsAreBitsTimesRouters) {
  const StageShape far{.tile = 3};
  const arch::Program program =
      program_of({matrix_stage({}, arch::kChipInput), matrix_stage(far, 0)});
  const SimulationResult result = simulate(chip_of({}), program, 1);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kRouterBit), 20 * 64 * 3);
}

TEST(Simulate, BoundIsReachedWhereNothingStalls) {
  const SimulationResult result =
      simulate(chip_of({}), program_of({matrix_stage({}, arch::kChipInput)}), 1);
  EXPECT_DOUBLE_EQ(nanoseconds(result.stages[0].bound), nanoseconds(result.makespan()));
}

TEST(Simulate, OneSimulationAProcess) {
  const arch::Program program = program_of({matrix_stage({}, arch::kChipInput)});
  (void)simulate(chip_of({}), program, 1);
  EXPECT_THROW((void)simulate(chip_of({}), program, 1), InternalError);
}

TEST(Simulate, ABrokenProgramIsRefused) {
  arch::Program program = program_of({matrix_stage({}, arch::kChipInput)});
  program.stages[0].home_tile = 99;
  try {
    (void)simulate(chip_of({}), program, 1);
    FAIL() << "tile 99 does not exist";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("its home is tile 99; the chip has 4"));
  }
}

}  // namespace
}  // namespace pimento::sim::testing
