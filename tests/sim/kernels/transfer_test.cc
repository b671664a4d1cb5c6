// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/transfer.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"

namespace pimento::kernels {
namespace {

TEST(Transfer, ClampGivesSumsBackWithinItsRange) {
  const Transfer adc = clamp_transfer(0, 127);
  EXPECT_EQ(adc.convert(0), 0);
  EXPECT_EQ(adc.convert(127), 127);
  EXPECT_EQ(adc.convert(128), 127);
  EXPECT_FALSE(adc.saturates(127));
  EXPECT_TRUE(adc.saturates(128));
  EXPECT_TRUE(adc.is_exact(0, 127));
  EXPECT_FALSE(adc.is_exact(0, 128));
}

TEST(Transfer, ClampMayBeSigned) {
  const Transfer adc = clamp_transfer(-64, 63);
  EXPECT_EQ(adc.convert(-65), -64);
  EXPECT_EQ(adc.convert(-64), -64);
  EXPECT_TRUE(adc.saturates(-65));
  EXPECT_FALSE(adc.is_exact(-65, 0));
}

// code = round((sum - zero) / step), halves up, cut to the codes there are.
TEST(Transfer, StepsRoundToTheNearestCode) {
  for (const double step : {1.5, 2.0, 3.25, 4.0 / 3.0, 16.7}) {
    for (const double zero : {0.0, 0.25, -7.0, 12.5}) {
      for (const int bits : {1, 3, 6}) {
        const Transfer adc = stepped_transfer(zero, step, bits);
        const double last = std::ldexp(1.0, bits) - 1.0;
        for (int sum = -40; sum <= 300; ++sum) {
          const double exact = (sum - zero) / step;
          const double code = std::clamp(std::floor(exact + 0.5), 0.0, last);
          EXPECT_NEAR(real_value(adc, sum), zero + step * code, 1e-2)
              << "sum " << sum << " step " << step << " zero " << zero << " bits " << bits;
          const bool outside = exact < -0.5 || exact >= last + 0.5;
          EXPECT_EQ(adc.saturates(sum), outside) << sum;
        }
      }
    }
  }
}

TEST(Transfer, WholeUnitStepsAreAClamp) {
  const Transfer adc = stepped_transfer(-8.0, 1.0, 4);
  EXPECT_EQ(adc.kind, Transfer::Kind::kClamp);
  EXPECT_EQ(adc.low, -8);
  EXPECT_EQ(adc.high, 7);
}

TEST(Transfer, TablesAreLookedUpAndCutAtTheirEnds) {
  const Transfer adc = table_transfer(2, {0.5, 3.0, 9.25});
  EXPECT_EQ(real_value(adc, 0), 0.5);
  EXPECT_EQ(real_value(adc, 3), 3.0);
  EXPECT_EQ(real_value(adc, 4), 9.25);
  EXPECT_EQ(real_value(adc, 9), 9.25);
  EXPECT_FALSE(adc.saturates(4));
  EXPECT_TRUE(adc.saturates(5));
}

TEST(Transfer, RefusesWhatNoAdcCanBe) {
  EXPECT_THROW((void)clamp_transfer(1, 0), InternalError);
  EXPECT_THROW((void)stepped_transfer(0.0, 0.999, 4), InternalError);
  EXPECT_NO_THROW((void)stepped_transfer(0.0, 1.0, 4));
  EXPECT_THROW((void)stepped_transfer(0.0, 1.0, 0), InternalError);
  EXPECT_THROW((void)table_transfer(0, {}), InternalError);
}

}  // namespace
}  // namespace pimento::kernels
