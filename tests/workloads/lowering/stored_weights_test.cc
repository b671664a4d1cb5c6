// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/stored_weights.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using Integers = std::vector<std::int64_t>;
using Values = std::vector<double>;

Array doubles(Shape shape, Values values) {
  return real_array(std::move(shape), std::move(values), ElementType::kFloat64);
}

WeightSource source(const Integers& integers, int bits, bool is_signed) {
  WeightSource result;
  result.integers = integer_array({2, 2}, integers);
  result.scale = doubles({2, 2}, {0.5, 0.5, 0.25, 0.25});
  result.zero_point = doubles({2, 2}, {1, 1, 1, 1});
  result.bits = bits;
  result.is_signed = is_signed;
  return result;
}

TEST(StoredWeights, SignedOnesAreKept) {
  const StoredWeights stored = stored_weights(source({-8, 7, 0, 3}, 4, true));
  EXPECT_EQ(stored.bits, 4);
  EXPECT_EQ(decode(stored.integers), integer_array({2, 2}, {-8, 7, 0, 3}, ElementType::kInt32));
  EXPECT_EQ(real_weights(stored), real_array({2, 2}, {-4.5, 3, -0.25, 0.5}));
}

TEST(StoredWeights, UnsignedOnesMoveByHalfTheirRange) {
  const StoredWeights stored = stored_weights(source({0, 15, 8, 11}, 4, false));
  EXPECT_EQ(decode(stored.integers).integers, (Integers{-8, 7, 0, 3}));
  EXPECT_EQ(stored.zero_point.reals, Values{-7});
  EXPECT_EQ(real_weights(stored), real_array({2, 2}, {-0.5, 7, 1.75, 2.5}));
}

TEST(StoredWeights, ScalesLoseTheAxesTheyDoNotVaryAlong) {
  const StoredWeights stored = stored_weights(source({0, 0, 0, 0}, 4, true));
  EXPECT_EQ(stored.scale, doubles({2, 1}, {0.5, 0.25}));
  EXPECT_EQ(stored.zero_point, doubles({1, 1}, {1}));
  WeightSource blocks = source({0, 0, 0, 0}, 4, true);
  blocks.scale = doubles({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(stored_weights(blocks).scale, doubles({2, 2}, {1, 2, 3, 4}));
}

TEST(StoredWeights, ThirtyTwoBitsAreTheMost) {
  constexpr std::int64_t kTop = (std::int64_t{1} << 32) - 1;
  EXPECT_EQ(decode(stored_weights(source({0, kTop, 0, 0}, 32, false)).integers).integers,
            (Integers{-2147483648LL, 2147483647LL, -2147483648LL, -2147483648LL}));
  EXPECT_EQ(input_error([] { (void)stored_weights(source({0, 0, 0, 0}, 64, false)); }),
            "its weight has integers of 64 bits; expected at most 32");
}

TEST(StoredWeights, EveryIntegerFitsItsBits) {
  const std::string message = "its weight has an integer that its 4 bits cannot hold";
  EXPECT_EQ(input_error([] { (void)stored_weights(source({-9, 0, 0, 0}, 4, true)); }), message);
  EXPECT_EQ(input_error([] { (void)stored_weights(source({0, 8, 0, 0}, 4, true)); }), message);
  EXPECT_EQ(input_error([] { (void)stored_weights(source({-1, 0, 0, 0}, 4, false)); }), message);
  EXPECT_EQ(input_error([] { (void)stored_weights(source({16, 0, 0, 0}, 4, false)); }), message);
}

TEST(StoredWeights, RealSourcesAreNone) {
  WeightSource reals;
  reals.constant = encode(real_array({1}, {1}));
  EXPECT_THROW((void)stored_weights(reals), InternalError);
}

TEST(Transposed, TurnsAllThatBelongsToTheWeights) {
  WeightSource wide = source({1, 2, 3, 4}, 4, true);
  wide.integers = integer_array({1, 4}, {1, 2, 3, 4});
  wide.scale = doubles({1, 4}, {1, 2, 3, 4});
  wide.zero_point = doubles({1, 4}, {0, 0, 0, 1});
  const WeightSource tall = transposed(wide);
  EXPECT_EQ(*tall.integers, integer_array({4, 1}, {1, 2, 3, 4}));
  EXPECT_EQ(tall.scale, doubles({4, 1}, {1, 2, 3, 4}));
  EXPECT_EQ(tall.zero_point, doubles({4, 1}, {0, 0, 0, 1}));
  EXPECT_EQ(transposed(real_array({2, 3}, {1, 2, 3, 4, 5, 6})),
            real_array({3, 2}, {1, 4, 2, 5, 3, 6}));
  WeightSource reals;
  reals.constant = encode(real_array({1, 2}, {1, 2}));
  EXPECT_EQ(transposed(reals).constant->shape, (Shape{2, 1}));
}

}  // namespace
}  // namespace pimento::workloads
