// SPDX-License-Identifier: Apache-2.0
#include "arch/dynamic_energy.h"

#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

TEST(DynamicEnergy, IsCountsTimesPrices) {
  Counts counts;
  counts.record(Action::kAdcConversion, 3);
  counts.record(Action::kVectorOp, 5);  // the chip has no such unit
  EXPECT_DOUBLE_EQ(dynamic_energy(chip_of(kTinyChip), counts).value(), 6e-12);
  EXPECT_DOUBLE_EQ(dynamic_energy(chip_of(kTinyChip), {}).value(), 0.0);
}

}  // namespace
}  // namespace pimento::arch
