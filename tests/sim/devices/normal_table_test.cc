// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/normal_table.h"

#include <cmath>
#include <numbers>

#include <boost/math/special_functions/erf.hpp>
#include <gtest/gtest.h>

#include "base/random.h"

namespace pimento::devices {
namespace {

double exact(std::uint32_t bits) {
  const double tail = ((bits & 0x7fffffffU) + 0.5) * 0x1p-32;
  const double value = std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * tail);
  return (bits >> 31) != 0 ? -value : value;
}

TEST(NormalTable, IsTheInverseDistribution) {
  const NormalTable& table = NormalTable::shared();
  const CounterRandom random(1, 2);
  double worst = 0.0;
  for (std::uint64_t i = 0; i < 200000; ++i) {
    // Shifted, so that every octave of the tail comes up.
    const auto bits = random.words(i)[0] >> (i % 32);
    if (bits << 1 == 0) continue;  // the outermost of the tails counts as the next
    worst = std::max(worst, std::abs(table.at(bits) - exact(bits)));
  }
  EXPECT_LT(worst, 3e-5);
}

TEST(NormalTable, IsSymmetricAndEndsAtSixDeviations) {
  const NormalTable& table = NormalTable::shared();
  EXPECT_NEAR(table.at(0x7fffffffU), 0.0, 1e-8);
  EXPECT_EQ(table.at(0xffffffffU), -table.at(0x7fffffffU));
  EXPECT_EQ(table.at(0x80012345U), -table.at(0x00012345U));
  EXPECT_GT(table.at(1), 6.1);
  EXPECT_EQ(table.at(0), table.at(1));
  EXPECT_LT(table.at(0), 6.2);
}

TEST(NormalTable, HasTheMomentsOfANormalNumber) {
  const NormalTable& table = NormalTable::shared();
  const CounterRandom random(5, 6);
  constexpr int kCount = 1000000;
  double sums[4] = {};
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const double z = table.at(random.words(i)[1]);
    sums[0] += z;
    sums[1] += z * z;
    sums[2] += z * z * z;
    sums[3] += z * z * z * z;
  }
  // Five standard errors: the variances of z, z^2, z^3 and z^4 are 1, 2, 15 and 96.
  EXPECT_NEAR(sums[0] / kCount, 0.0, 5 * std::sqrt(1.0 / kCount));
  EXPECT_NEAR(sums[1] / kCount, 1.0, 5 * std::sqrt(2.0 / kCount));
  EXPECT_NEAR(sums[2] / kCount, 0.0, 5 * std::sqrt(15.0 / kCount));
  EXPECT_NEAR(sums[3] / kCount, 3.0, 5 * std::sqrt(96.0 / kCount));
}

}  // namespace
}  // namespace pimento::devices
