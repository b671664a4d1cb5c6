// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/noise.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

namespace pimento::kernels {
namespace {

// Every value there is, by how many words have it.
TEST(Noise, NormalNumbersHaveTheirMoments) {
  double binomial = 1.0 / 16777216.0;  // of no bit among 24
  double mean = 0.0;
  double variance = 0.0;
  double fourth = 0.0;
  for (std::uint32_t bits = 0; bits <= 24; ++bits) {
    for (std::uint32_t low = 0; low < 256; ++low) {
      const std::uint32_t mask = (1U << bits) - 1U;
      const NoiseWords words{mask & 0xFFU, mask >> 8 & 0xFFU, mask >> 16 & 0xFFU, low};
      const double value = static_cast<double>(normal_of(words, 0));
      const double share = binomial / 256.0;
      mean += share * value;
      variance += share * value * value;
      fourth += share * value * value * value * value;
    }
    binomial *= static_cast<double>(24 - bits) / static_cast<double>(bits + 1);
  }
  EXPECT_NEAR(mean, 0.0, 1e-7);
  EXPECT_NEAR(variance, 1.0, 1e-6);
  EXPECT_NEAR(fourth, 2.92, 0.005);
  const NoiseWords ones{~0U, ~0U, ~0U, ~0U};
  EXPECT_NEAR(static_cast<double>(normal_of(ones, 0)), 5.07, 0.01);
  EXPECT_EQ(normal_of({0, 0, 0, 0}, 3), -normal_of(ones, 3));
  // The second drive has the second bytes.
  EXPECT_EQ(normal_of({0xFF00, 0, 0, 0x100}, 5), normal_of({0xFF, 0, 0, 1}, 0));
}

TEST(Noise, EveryPlaceHasNumbersOfItsOwn) {
  std::set<std::uint32_t> seen;
  for (std::uint32_t call = 0; call < 8; ++call) {
    for (std::uint32_t column = 0; column < 4; ++column) {
      for (std::uint32_t read = 0; read < 4; ++read) {
        for (const std::uint64_t key : {std::uint64_t{1}, std::uint64_t{1} << 32}) {
          for (const std::uint32_t word : noise_words({key}, call, column, read)) seen.insert(word);
        }
      }
    }
  }
  EXPECT_GE(seen.size(), 8U * 4 * 4 * 2 * 4 - 1);
  EXPECT_EQ(noise_words({5}, 1, 2, 3), noise_words({5}, 1, 2, 3));
}

}  // namespace
}  // namespace pimento::kernels
