// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/row_reads.h"

#include <array>

#include <gtest/gtest.h>

namespace pimento::exact {
namespace {

using arch::ZeroSkipping;

constexpr std::array<std::uint32_t, 5> kInputs{0b0000, 0b0101, 0b0001, 0b0000, 0b1000};

ReadingRule rule_of(ZeroSkipping skipping, std::int64_t unit_rows, int dac_bits = 1,
                    int driven_bits = 4) {
  return {skipping, unit_rows, dac_bits, driven_bits};
}

void expect_reads(const RowSet& rows, const ReadingRule& rule, std::int64_t reads,
                  std::int64_t drives) {
  const RowReads found = reads_of(rows, rule, kInputs.data());
  EXPECT_EQ(found.reads, reads);
  EXPECT_EQ(found.drives, drives);
}

const RowSet kAll{{0, 1, 2, 3, 4}, {}};

TEST(RowReads, AreAllWhereNothingIsPassedOver) {
  expect_reads(kAll, rule_of(ZeroSkipping::kNone, 5), 4, 20);
  expect_reads(kAll, rule_of(ZeroSkipping::kNone, 2), 3 * 4, 20);
  expect_reads(kAll, rule_of(ZeroSkipping::kNone, 2, 3), 3 * 2, 10);
}

// Fragments {0, 5}, {1, 0}, {8}: up to bits 2, 0 and 3.
TEST(RowReads, LeadingBitsGoUpToTheHighestBitOfAFragment) {
  expect_reads(kAll, rule_of(ZeroSkipping::kLeadingBits, 5), 4, 20);
  expect_reads(kAll, rule_of(ZeroSkipping::kLeadingBits, 2), 3 + 1 + 4, 2 * 3 + 2 * 1 + 4);
  expect_reads(kAll, rule_of(ZeroSkipping::kLeadingBits, 2, 2), 2 + 1 + 2, 2 * 2 + 2 * 1 + 2);
  expect_reads({{0, 3}, {}}, rule_of(ZeroSkipping::kLeadingBits, 2), 0, 0);
}

TEST(RowReads, SlicesAreThoseInWhichAnyRowHasABit) {
  expect_reads(kAll, rule_of(ZeroSkipping::kSlices, 5), 3, 15);
  expect_reads(kAll, rule_of(ZeroSkipping::kSlices, 2), 2 + 1 + 1, 2 * 2 + 2 * 1 + 1);
  expect_reads(kAll, rule_of(ZeroSkipping::kSlices, 5, 2), 2, 10);
  expect_reads({{4}, {}}, rule_of(ZeroSkipping::kSlices, 1, 2), 1, 1);
  expect_reads({{4}, {}}, rule_of(ZeroSkipping::kSlices, 1, 3), 1, 1);
}

// Bit 0 in two rows, bits 2 and 3 in one each.
TEST(RowReads, RowsWithABitFillUnits) {
  expect_reads(kAll, rule_of(ZeroSkipping::kRows, 5), 3, 4);
  expect_reads(kAll, rule_of(ZeroSkipping::kRows, 1), 4, 4);
  expect_reads(kAll, rule_of(ZeroSkipping::kRows, 1, 2), 2 + 2, 4);
  expect_reads({{0, 3}, {}}, rule_of(ZeroSkipping::kRows, 1), 0, 0);
}

TEST(RowReads, ShiftedInputsReachHigherSlices) {
  const RowSet shifted{{2, 4}, {1, 2}};  // 2 and 32
  expect_reads(shifted, rule_of(ZeroSkipping::kLeadingBits, 2, 1, 6), 6, 12);
  expect_reads(shifted, rule_of(ZeroSkipping::kSlices, 2, 1, 6), 2, 4);
  expect_reads(shifted, rule_of(ZeroSkipping::kRows, 2, 1, 6), 2, 2);
}

// Minus one in two's complement.
TEST(RowReads, NegativeInputsHaveTheirSignInEverySlice) {
  const std::uint32_t minus_one = ~0U;
  const RowReads found = reads_of({{0}, {}}, rule_of(ZeroSkipping::kSlices, 1, 1, 32), &minus_one);
  EXPECT_EQ(found.reads, 32);
  EXPECT_EQ(reads_of({{0}, {}}, rule_of(ZeroSkipping::kRows, 1, 1, 5), &minus_one).reads, 5);
}

}  // namespace
}  // namespace pimento::exact
