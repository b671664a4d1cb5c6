// SPDX-License-Identifier: Apache-2.0
#include "arch/encoding.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "arch/component.h"

namespace pimento::arch {
namespace {

TEST(Encoding, SumsReachAsFarAsCellsAndDrivesAllow) {
  EXPECT_EQ(sum_range(Encoding::kOffset, 128, 1, 1), (SumRange{0, 128}));
  EXPECT_EQ(sum_range(Encoding::kXnor, 128, 2, 1), (SumRange{0, 384}));
  EXPECT_EQ(sum_range(Encoding::kSignMagnitude, 9, 2, 3), (SumRange{-9 * 3 * 7, 9 * 3 * 7}));
  EXPECT_EQ(sum_range(Encoding::kOffsetFlipped, 128, 2, 1), (SumRange{0, 192}));
  EXPECT_EQ(sum_range(Encoding::kOffsetFlipped, 9, 1, 2), (SumRange{0, 4 * 3}));
}

// ISAAC: 128 rows of 2-bit cells need 9 bits, and 8 with flipped columns. RAELLA-like pairs need
// one more than one line does.
TEST(Encoding, LosslessBitsFollowFromTheSums) {
  const auto bits = [](Encoding encoding, int rows, int cell_bits, int rows_at_once = 0) {
    return MacroGeometry{rows, 128, cell_bits, 1, encoding, rows_at_once}.lossless_adc_bits();
  };
  EXPECT_EQ(bits(Encoding::kOffset, 128, 2), 9);
  EXPECT_EQ(bits(Encoding::kOffsetFlipped, 128, 2), 8);
  EXPECT_EQ(bits(Encoding::kOffset, 127, 1), 7);
  EXPECT_EQ(bits(Encoding::kOffset, 128, 1), 8);
  EXPECT_EQ(bits(Encoding::kSignMagnitude, 127, 1), 8);
  EXPECT_EQ(bits(Encoding::kSignMagnitude, 128, 1), 9);
  EXPECT_EQ(bits(Encoding::kOffset, 128, 1, 9), 4);
  EXPECT_EQ(bits(Encoding::kOffset, 1, 1), 1);
  const std::vector<std::pair<int, int>> of_rows{{8, 4},   {9, 4},   {16, 5},  {64, 7},
                                                 {128, 8}, {256, 9}, {512, 10}};
  for (const auto& [rows, expected] : of_rows) {
    EXPECT_EQ(bits(Encoding::kTwosComplement, rows, 1), expected) << rows;
  }
}

}  // namespace
}  // namespace pimento::arch
