// SPDX-License-Identifier: Apache-2.0
#include "sim/report/format.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace pimento::sim {
namespace {

TEST(FormatCount, PutsCommasBetweenThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1814073344), "1,814,073,344");
  EXPECT_EQ(format_count(-1000), "-1,000");
  EXPECT_EQ(format_count(-999), "-999");
  EXPECT_EQ(format_count(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(FormatAmount, KeepsFractionsOfInstances) {
  EXPECT_EQ(format_amount(0.25), "0.25");
  EXPECT_EQ(format_amount(16128.0), "16,128");
}

TEST(FormatPercent, HasOneDecimal) {
  EXPECT_EQ(format_percent(0.99612), "99.6 %");
  EXPECT_EQ(format_percent(1.0), "100.0 %");
  EXPECT_EQ(format_percent(0.0), "0.0 %");
}

TEST(FormatRatio, HasThreeDecimalsOrADash) {
  EXPECT_EQ(format_ratio(0.5), "0.500x");
  EXPECT_EQ(format_ratio(ratio(1.0, 0.0)), "-");
  EXPECT_EQ(format_ratio(ratio(3.0, 2.0)), "1.500x");
}

TEST(FormatNumber, WritesLargeNumbersWithoutExponent) {
  EXPECT_EQ(format_number(12.3456), "12.35");
  EXPECT_EQ(format_number(9999.0), "9999");
  EXPECT_EQ(format_number(12345.6), "12346");
  EXPECT_EQ(format_number(1.25e-9), "1.25e-09");
}

}  // namespace
}  // namespace pimento::sim
