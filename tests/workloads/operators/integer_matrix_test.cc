// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <gtest/gtest.h>

#include "tests/workloads/operators/support.h"

namespace pimento::workloads {
namespace {

using Integers = std::vector<std::int64_t>;
using Numbers = std::vector<std::int64_t>;
constexpr ElementType kU8 = ElementType::kUint8;
constexpr ElementType kS8 = ElementType::kInt8;

// One image of one channel, 3x3, values 1 to 9.
Array image(ElementType type = kU8) {
  return integer_array({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}, type);
}
// The sum of a value and its neighbour below on the right, and their difference.
Array filters(std::int64_t zero = 0, ElementType type = kS8) {
  return integer_array({2, 1, 2, 2},
                       {1 + zero, zero, zero, 1 + zero, 1 + zero, zero, zero, -1 + zero}, type);
}

TEST(ConvInteger, SumsAreExact) {
  const Array result = run("ConvInteger", {image(), filters()});
  EXPECT_EQ(result.type, ElementType::kInt32);
  EXPECT_EQ(result.shape, (Shape{1, 2, 2, 2}));
  EXPECT_EQ(result.integers, (Integers{6, 8, 12, 14, -4, -4, -4, -4}));
}

TEST(ConvInteger, ZeroPointsAreTakenOffAndPaddingIsZero) {
  // Every value less one; padding means the zero point, so it adds nothing.
  const Array result =
      run("ConvInteger", {image(), filters(128, kU8), scalar(1, kU8), scalar(128, kU8)},
          {{"pads", Numbers{1, 1, 0, 0}}});
  EXPECT_EQ(result.shape, (Shape{1, 2, 3, 3}));
  EXPECT_EQ(Integers(result.integers.begin(), result.integers.begin() + 9),
            (Integers{0, 1, 2, 3, 4, 6, 6, 10, 12}));
  // One zero point a filter.
  EXPECT_EQ(
      run("ConvInteger", {image(), filters(), scalar(0, kU8), integers({0, 1}, kS8)}).integers,
      (Integers{6, 8, 12, 14, -16, -20, -28, -32}));
  EXPECT_EQ(refusal("ConvInteger", {image(), filters(), scalar(0, kU8), integers({0, 1, 2}, kS8)}),
            "input 3 has 3 zero points; expected 1 or 2");
  EXPECT_EQ(refusal("ConvInteger", {image(), make_array(ElementType::kFloat32, {2, 1, 2, 2})}),
            "input 1 holds real numbers; expected integers");
}

TEST(MatMulInteger, ZeroPointsByRowAndColumn) {
  const Array a = integer_array({2, 2}, {1, 2, 3, 4}, kU8);
  const Array b = integer_array({2, 3}, {1, 0, 2, 0, 1, 3}, kS8);
  EXPECT_EQ(run("MatMulInteger", {a, b}).integers, (Integers{1, 2, 8, 3, 4, 18}));
  // a less 1: {0, 1, 2, 3}.
  EXPECT_EQ(run("MatMulInteger", {a, b, scalar(1, kU8)}).integers, (Integers{0, 1, 3, 2, 3, 13}));
  // Rows less 1 and 3: {0, 1, 0, 1}; columns less 0, 0 and 2: {1, 0, 0, 0, 1, 1}.
  EXPECT_EQ(run("MatMulInteger", {a, b, integers({1, 3}, kU8), integers({0, 0, 2}, kS8)}).integers,
            (Integers{0, 1, 1, 0, 1, 1}));
  EXPECT_EQ(refusal("MatMulInteger", {a, a, integers({1, 2, 3}, kU8)}),
            "input 2 has 3 zero points; expected 1 or 2");
}

TEST(MatMulInteger, SumsWrapTo32Bits) {
  const Array a = integer_array({1, 2}, {std::int64_t{1} << 20, 0}, ElementType::kInt32);
  const Array b = integer_array({2, 1}, {std::int64_t{1} << 11, 0}, ElementType::kInt32);
  EXPECT_EQ(run("MatMulInteger", {a, b}).integers, Integers{-2147483648LL});
  // What leaves 64 bits has no meaning, but is no disaster.
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Array huge = integer_array({1, 2}, {kMost, kMost}, ElementType::kInt64);
  const Array tall = integer_array({2, 1}, {kMost, kMost}, ElementType::kInt64);
  EXPECT_EQ(run("MatMulInteger", {huge, tall}).integers, Integers{0});
}

// x (scale 0.5, zero point 128) by w (scale 0.25, zero point 0) into steps of 1, zero point 10.
Inputs qlinear_matmul(const Array& x, const Array& w) {
  return {x,           scalar(0.5),    scalar(128, kU8), w, scalar(0.25), scalar(0, kS8),
          scalar(1.0), scalar(10, kU8)};
}

TEST(QLinearMatMul, OneRoundingMakesTheNextIntegers) {
  const Array x = integer_array({1, 2}, {132, 126}, kU8);  // 4 and -2 steps
  const Array w = integer_array({2, 3}, {7, 1, -100, 4, -3, 100}, kS8);
  // Sums 20, 10 and -600; an eighth of each is 2.5 (even: 2), 1.25 and -75, and 10 more.
  EXPECT_EQ(run("QLinearMatMul", qlinear_matmul(x, w)).integers, (Integers{12, 11, 0}));
}

TEST(QLinearMatMul, AScaleForEachColumnOrRow) {
  const Array x = integer_array({2, 1}, {1, 2}, kU8);
  const Array w = integer_array({1, 2}, {10, 20}, kS8);
  Inputs inputs{x,         scalar(1),     scalar(0, kU8), w, reals({0.1, 1}), scalar(0, kS8),
                scalar(1), scalar(0, kU8)};
  EXPECT_EQ(run("QLinearMatMul", inputs).integers, (Integers{1, 20, 2, 40}));
  inputs[1] = reals({1, 2});
  EXPECT_EQ(run("QLinearMatMul", inputs).integers, (Integers{1, 20, 4, 80}));
  inputs[4] = reals({1, 2, 3});
  EXPECT_EQ(refusal("QLinearMatMul", inputs),
            "its scales are neither one value nor one a row or column");
  inputs[4] = scalar(1);
  inputs[6] = reals({1, 1});
  EXPECT_EQ(refusal("QLinearMatMul", inputs), "input 6 has 2 values; expected one");
}

TEST(QLinearConv, AddsTheBiasInStepsOfTheSum) {
  const Inputs inputs{image(),           scalar(0.5),      scalar(0, kU8),
                      filters(128, kU8), reals({1, 0.5}),  scalar(128, kU8),
                      scalar(1.0),       scalar(100, kU8), integers({4, -4}, ElementType::kInt32)};
  // Sums 6, 8, 12, 14 and 4 more, halved; sums -4 and 4 less, quartered; and 100.
  EXPECT_EQ(run("QLinearConv", inputs).integers, (Integers{105, 106, 108, 109, 98, 98, 98, 98}));
  Inputs short_bias = inputs;
  short_bias[8] = integers({4}, ElementType::kInt32);
  EXPECT_EQ(refusal("QLinearConv", short_bias), "input 8 has 1 values; expected 2");
  Inputs scales = inputs;
  scales[4] = reals({1, 1, 1});
  EXPECT_EQ(refusal("QLinearConv", scales), "input 4 has 3 values; expected 2");
  scales[4] = scalar(1);
  scales[1] = reals({});
  EXPECT_EQ(refusal("QLinearConv", scales), "input 1 has 0 values; expected one");
}

TEST(QLinearConv, CutsToTheTypeOfTheZeroPoint) {
  Inputs inputs{image(),   scalar(100),    scalar(0, kU8), filters(),
                scalar(1), scalar(0, kS8), scalar(1),      scalar(0, kS8)};
  EXPECT_EQ(run("QLinearConv", inputs).integers,
            (Integers{127, 127, 127, 127, -128, -128, -128, -128}));
  inputs[7] = scalar(0, kU8);
  EXPECT_EQ(run("QLinearConv", inputs).integers, (Integers{255, 255, 255, 255, 0, 0, 0, 0}));
}

TEST(QLinearAdd, AddsTheRealsBehindTheIntegers) {
  const Inputs inputs{
      integers({10, 20}, kU8), scalar(0.5), scalar(10, kU8), integers({4, 0}, kU8), scalar(2),
      scalar(0, kU8),          scalar(1),   scalar(3, kU8)};
  EXPECT_EQ(run("QLinearAdd", inputs).integers, (Integers{11, 8}));  // 0 + 8, 5 + 0; and 3
  EXPECT_EQ(run("QLinearMul", inputs).integers, (Integers{3, 3}));
  Inputs three = inputs;
  three[3] = integers({1, 2, 3}, kU8);
  EXPECT_EQ(refusal("QLinearAdd", three), "the shapes 2 and 3 do not fit each other");
}

TEST(QLinearGlobalAveragePool, RoundsTheMeanOnce) {
  const Inputs inputs{image(), scalar(0.5), scalar(1, kU8), scalar(0.25), scalar(2, kU8)};
  // The mean of 0 to 8 is 4; of steps of 0.5, that is 8 steps of 0.25, and 2.
  const Array result = run("QLinearGlobalAveragePool", inputs);
  EXPECT_EQ(result.integers, Integers{10});
  EXPECT_EQ(result.shape, (Shape{1, 1, 1, 1}));
  EXPECT_EQ(refusal("QLinearGlobalAveragePool", inputs, {{"channels_last", std::int64_t{1}}}),
            "channels_last is 1; expected 0");
}

}  // namespace
}  // namespace pimento::workloads
