// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/adc.h"

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::exact {
namespace {

arch::MacroSpec macro_of(int rows, int cell_bits, int dac_bits) {
  return mapper::make_chip({.rows = rows, .cell_bits = cell_bits, .dac_bits = dac_bits}).macro;
}

TEST(Adc, LargestSumIsThatOfFullRowsAndCells) {
  EXPECT_EQ(sums_of(macro_of(128, 1, 1), 0).highest, 128);
  EXPECT_EQ(sums_of(macro_of(128, 2, 1), 0).highest, 384);
  EXPECT_EQ(sums_of(macro_of(128, 2, 3), 0).highest, 128 * 3 * 7);
  EXPECT_EQ(sums_of(macro_of(128, 1, 1), 9).highest, 9);
  EXPECT_EQ(sums_of(macro_of(8, 1, 1), 9).highest, 8);
}

// Pairs of lines have sums of both signs; zero is a code.
TEST(Adc, PairsHaveCodesOfBothSigns) {
  arch::MacroSpec macro = macro_of(128, 1, 1);
  macro.encoding = arch::Encoding::kSignMagnitude;
  EXPECT_TRUE(full_range(macro, {.adc_bits = 9}).is_exact(-128, 128));
  const kernels::Transfer coarse = full_range(macro, {.adc_bits = 4});
  EXPECT_EQ(describe(macro, {.adc_bits = 4}), "4 bits, full range: -128 to 128 in steps of 18.29");
  EXPECT_EQ(kernels::real_value(coarse, 0), 0.0);
  EXPECT_EQ(kernels::real_value(coarse, 9), 0.0);
  EXPECT_NEAR(kernels::real_value(coarse, 10), 128.0 / 7, 1e-3);
  EXPECT_NEAR(kernels::real_value(coarse, -10), -128.0 / 7, 1e-3);
  EXPECT_NEAR(kernels::real_value(coarse, 128), 128.0, 1e-3);
  const kernels::Transfer signs = full_range(macro, {.adc_bits = 1});
  EXPECT_EQ(kernels::real_value(signs, -3), -128.0);
  EXPECT_EQ(kernels::real_value(signs, 3), 128.0);
}

TEST(Adc, FlippedColumnsHaveHalfTheSums) {
  arch::MacroSpec macro = macro_of(128, 2, 1);
  macro.encoding = arch::Encoding::kOffsetFlipped;
  EXPECT_TRUE(full_range(macro, {.adc_bits = 8}).is_exact(0, 192));
}

// 128 rows of one bit have 129 sums: eight bits tell them apart, seven do not.
TEST(Adc, FullRangeIsExactFromTheLosslessBitsOn) {
  const arch::MacroSpec macro = macro_of(128, 1, 1);
  const kernels::Transfer eight = full_range(macro, {.adc_bits = 8});
  EXPECT_TRUE(eight.is_exact(0, 128));
  EXPECT_EQ(describe(macro, {.adc_bits = 8}), "8 bits, which tell every sum from 0 to 128 apart");
  const kernels::Transfer seven = full_range(macro, {.adc_bits = 7});
  EXPECT_FALSE(seven.is_exact(0, 128));
  EXPECT_FALSE(seven.saturates(128));
  EXPECT_NEAR(kernels::real_value(seven, 128), 128.0, 1e-2);
  EXPECT_NEAR(kernels::real_value(seven, 64), 64.0 * 128 / 127, 1e-2);  // code 64 of 127
  EXPECT_EQ(describe(macro, {.adc_bits = 7}), "7 bits, full range: 0 to 128 in steps of 1.008");
}

TEST(Adc, DigitalReadoutTellsEverySumApart) {
  const ColumnReading reading = column_reading(mapper::shipped_chip("ad_pim"));
  EXPECT_FALSE(reading.adc_bits.has_value());
  EXPECT_TRUE(full_range(macro_of(1024, 8, 8), reading).is_exact(0, 1024 * 255 * 255));
}

TEST(Adc, ResolutionIsThatOfTheChip) {
  EXPECT_EQ(column_reading(mapper::shipped_chip("isaac_ce")).adc_bits, 8);
}

}  // namespace
}  // namespace pimento::exact
