// SPDX-License-Identifier: Apache-2.0
// How many cells of a weight are set, by encoding: figures that studies of bit-level sparsity
// start from.
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "arch/slices.h"

namespace pimento::arch {
namespace {

constexpr int kBits = 8;
constexpr int kLargest = 127;

std::int64_t ones(const SlicePlan& plan, std::int64_t weight) {
  std::int64_t count = 0;
  for (const std::int64_t cell : encode(plan, weight)) count += cell;
  return count;
}

// Probability of a normal weight, rounded to 8 bits, that are clipped at so many deviations.
double probability(int weight, double clip) {
  const double step = clip / kLargest;
  const auto below = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  if (weight == -kLargest) return below((weight + 0.5) * step);
  if (weight == kLargest) return 1.0 - below((weight - 0.5) * step);
  return below((weight + 0.5) * step) - below((weight - 0.5) * step);
}

double mean_ones(Encoding encoding, double clip) {
  const SlicePlan plan = plan_slices(encoding, kBits, 1);
  double mean = 0.0;
  for (int weight = -kLargest; weight <= kLargest; ++weight) {
    mean += probability(weight, clip) * double(ones(plan, weight));
  }
  return mean;
}

// Mean set bits of a weight: magnitudes of normal weights are small, which signed digits and
// magnitudes show and two's complement hides.
TEST(BitDensity, OfNormalWeightsByEncoding) {
  EXPECT_NEAR(mean_ones(Encoding::kTwosComplement, 4.0), 3.99, 0.01);
  EXPECT_NEAR(mean_ones(Encoding::kOffset, 4.0), 4.00, 0.01);
  EXPECT_NEAR(mean_ones(Encoding::kSignMagnitude, 4.0), 2.66, 0.01);
  EXPECT_NEAR(mean_ones(Encoding::kDifferential, 4.0), 2.66, 0.01);
  EXPECT_NEAR(mean_ones(Encoding::kCsd, 4.0), 2.29, 0.01);
  EXPECT_NEAR(mean_ones(Encoding::kTwosComplement, 8.0), 3.97, 0.015);
  EXPECT_NEAR(mean_ones(Encoding::kCsd, 8.0), 1.95, 0.01);
}

// The planes of a magnitude from the top one down.
TEST(BitDensity, OfThePlanesOfNormalMagnitudes) {
  const std::vector<double> expected{0.05, 0.28, 0.40, 0.46, 0.48, 0.49, 0.50};
  const SlicePlan plan = plan_slices(Encoding::kSignMagnitude, kBits, 1);
  for (std::size_t plane = 0; plane < expected.size(); ++plane) {
    const std::size_t slice = expected.size() - 1 - plane;
    double density = 0.0;
    for (int weight = -kLargest; weight <= kLargest; ++weight) {
      const std::vector<std::int64_t> cells = encode(plan, weight);
      density += probability(weight, 4.0) * double(cells[2 * slice] + cells[2 * slice + 1]);
    }
    EXPECT_NEAR(density, expected[plane], 0.01) << plane;
  }
}

// Of random codes of which a share is zero, half of the bits of the others are zero.
TEST(BitDensity, ZeroBitsOfTwosComplementFollowTheZeroWeights) {
  const SlicePlan plan = plan_slices(Encoding::kTwosComplement, kBits, 1);
  double ones_of_all = 0.0;
  for (int weight = -128; weight < 128; ++weight) ones_of_all += double(ones(plan, weight)) / 256;
  for (const double zero_weights : {0.0, 0.3, 0.9}) {
    const double zero_bits = 1.0 - (1.0 - zero_weights) * ones_of_all / kBits;
    EXPECT_NEAR(zero_bits, 0.5 + 0.5 * zero_weights, 1e-12);
  }
}

}  // namespace
}  // namespace pimento::arch
