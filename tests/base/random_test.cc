// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

namespace pimento {
namespace {

// The first two words of Random123's known answers for philox4x32 with 10 rounds.
TEST(CounterRandom, GivesTheKnownAnswersOfPhilox) {
  EXPECT_EQ(CounterRandom(0, 0).bits(0), 0xe169c58d6627e8d5u);
  const std::uint64_t ones = ~std::uint64_t{0};
  EXPECT_EQ(CounterRandom(ones, ones).bits(ones), 0x41c83b0e408f276du);
  EXPECT_EQ(CounterRandom(0x299f31d0a4093822, 0x0370734413198a2e).bits(0x85a308d3243f6a88),
            0x94fdccebd16cfe09u);
}

TEST(CounterRandom, GivesAllFourWordsOfABlock) {
  const std::array<std::uint32_t, 4> expected = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  EXPECT_EQ(CounterRandom(0, 0).words(0), expected);
}

// The gaussian takes all four words: 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8.
TEST(CounterRandom, GaussianIsBoxMullerOfTheWholeBlock) {
  const double u = double(0xe169c58d6627e8d5u >> 11) * 0x1p-53;
  const double v = double(0x9b00dbd8bc57ac4cu >> 11) * 0x1p-53;
  const double expected = std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * std::acos(-1.0) * v);
  EXPECT_DOUBLE_EQ(CounterRandom(0, 0).gaussian(0), expected);
}

TEST(CounterRandom, DependsOnThePositionAlone) {
  const CounterRandom random(7, 3);
  const std::uint64_t tenth = random.bits(10);
  for (std::uint64_t i = 0; i < 10; ++i) (void)random.bits(i);
  EXPECT_EQ(CounterRandom(7, 3).bits(10), tenth);
}

TEST(CounterRandom, SeedStreamAndIndexAllMatter) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < 100; ++i) {
    seen.insert(CounterRandom(i, 1000).bits(2000));
    seen.insert(CounterRandom(1000, i).bits(2000));
    seen.insert(CounterRandom(1000, 2000).bits(i));
    seen.insert(CounterRandom(i << 32, 1000).bits(3000));
  }
  EXPECT_EQ(seen.size(), 400u);
}

TEST(CounterRandom, UniformHasTheMomentsOfUniform) {
  const CounterRandom random(1, stream_of("moments"));
  constexpr int kCount = 200000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = random.uniform(static_cast<std::uint64_t>(i));
    ASSERT_GE(x, 0.0);
    ASSERT_LT(x, 1.0);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kCount, 0.5, 4 * std::sqrt(1.0 / 12 / kCount));
  EXPECT_NEAR(squares / kCount, 1.0 / 3, 4 * std::sqrt(4.0 / 45 / kCount));
}

TEST(CounterRandom, GaussianHasTheMomentsOfTheNormal) {
  const CounterRandom random(1, stream_of("moments"));
  constexpr int kCount = 200000;
  double moments[5] = {};
  double neighbours = 0;
  double last = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = random.gaussian(static_cast<std::uint64_t>(i));
    ASSERT_TRUE(std::isfinite(x));
    for (int k = 1; k <= 4; ++k) moments[k] += std::pow(x, k) / kCount;
    neighbours += x * last / kCount;
    last = x;
  }
  const double root = std::sqrt(double(kCount));
  EXPECT_NEAR(moments[1], 0, 4 / root);
  EXPECT_NEAR(moments[2], 1, 4 * std::sqrt(2.0) / root);
  EXPECT_NEAR(moments[3], 0, 4 * std::sqrt(15.0) / root);
  EXPECT_NEAR(moments[4], 3, 4 * std::sqrt(96.0) / root);
  EXPECT_NEAR(neighbours, 0, 4 / root);
}

// Published values of 64-bit FNV-1a.
TEST(StreamOf, IsFnv1a) {
  EXPECT_EQ(stream_of(""), 0xcbf29ce484222325u);
  EXPECT_EQ(stream_of("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(stream_of("foobar"), 0x85944171f73967e8u);
}

}  // namespace
}  // namespace pimento
