// SPDX-License-Identifier: Apache-2.0
#include "workloads/operators/quantization.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/workloads/operators/support.h"

namespace pimento::workloads {
namespace {

constexpr double kFar = std::numeric_limits<double>::infinity();
using Integers = std::vector<std::int64_t>;
using Values = std::vector<double>;

// QuantizeLinear with one scale and a zero point that gives the type.
Integers quantize(const Values& values, double scale, std::int64_t zero_point, ElementType type) {
  return run("QuantizeLinear", {reals(values), scalar(scale), scalar(zero_point, type)}).integers;
}

TEST(QuantizeValue, IsTheNearestStepWithinTheType) {
  EXPECT_EQ(quantize_value(1.24, 0.5, 10, ElementType::kUint8), 12);
  EXPECT_EQ(quantize_value(-6.0, 0.5, 10, ElementType::kUint8), 0);
  EXPECT_EQ(quantize_value(std::nan(""), 1.0, 10, ElementType::kUint8), 0);
  EXPECT_EQ(quantize_value(std::nan(""), 1.0, 10, ElementType::kInt8), -128);
  EXPECT_EQ(quantize_value(kFar, 1.0, 10, ElementType::kInt8), 127);
}

TEST(QuantizeLinear, TiesGoToTheEvenStep) {
  EXPECT_EQ(quantize({0.5, 1.5, 2.5, -0.5, -1.5, -2.5}, 1.0, 0, ElementType::kInt8),
            (Integers{0, 2, 2, 0, -2, -2}));
  // The zero point is added after the rounding: 0.5 becomes 0, not the even number above it.
  EXPECT_EQ(quantize({0.5, 1.5}, 1.0, 1, ElementType::kInt8), (Integers{1, 3}));
}

TEST(QuantizeLinear, TheQuotientIsA32BitFloat) {
  // The float nearest to 0.7 lies below it, so that 1.75 of it are 2.5000000426 steps. As a 32-bit
  // float that is the tie 2.5, which goes to 2.
  const double scale = round_to(ElementType::kFloat32, 0.7);
  EXPECT_GT(1.75 / scale, 2.5);
  EXPECT_EQ(quantize({1.75}, scale, 0, ElementType::kInt8), Integers{2});
}

TEST(QuantizeLinear, CutsToTheRangeOfEveryType) {
  const Values far{-1e9, 1e9, -kFar, kFar};
  const auto range = [&](ElementType type) { return quantize(far, 1.0, 0, type); };
  EXPECT_EQ(range(ElementType::kInt8), (Integers{-128, 127, -128, 127}));
  EXPECT_EQ(range(ElementType::kUint8), (Integers{0, 255, 0, 255}));
  EXPECT_EQ(range(ElementType::kInt4), (Integers{-8, 7, -8, 7}));
  EXPECT_EQ(range(ElementType::kUint4), (Integers{0, 15, 0, 15}));
  EXPECT_EQ(range(ElementType::kInt16), (Integers{-32768, 32767, -32768, 32767}));
  EXPECT_EQ(range(ElementType::kUint16), (Integers{0, 65535, 0, 65535}));
  // Cut after the zero point: 300 - 100 fits.
  EXPECT_EQ(quantize({300, -28}, 1.0, -100, ElementType::kInt8), (Integers{127, -128}));
  EXPECT_EQ(quantize({227, 228}, 1.0, -100, ElementType::kInt8), (Integers{127, 127}));
}

TEST(QuantizeLinear, WhatIsNoNumberIsTheLeastOne) {
  EXPECT_EQ(quantize({std::nan("")}, 1.0, 7, ElementType::kInt8), Integers{-128});
}

TEST(QuantizeLinear, ScalesAreAboveZero) {
  for (const double scale : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    const std::string expected =
        fmt::format("input 1 holds the scale {}; expected scales above 0", scale);
    EXPECT_EQ(refusal("QuantizeLinear", {reals({1}), scalar(scale)}), expected);
    EXPECT_EQ(refusal("DequantizeLinear", {integers({1}, ElementType::kInt8), scalar(scale)}),
              expected);
  }
}

TEST(QuantizeLinear, TheTypeIsTheZeroPointsOrTheOneNamed) {
  EXPECT_EQ(run("QuantizeLinear", {reals({1}), scalar(1)}).type, ElementType::kUint8);
  EXPECT_EQ(
      run("QuantizeLinear", {reals({1}), scalar(1)}, {{"output_dtype", std::string("int16")}}).type,
      ElementType::kInt16);
  EXPECT_EQ(refusal("QuantizeLinear", {reals({1}), scalar(1)},
                    {{"output_dtype", std::string("float16")}}),
            "quantizes to a type that is not read");
  EXPECT_EQ(refusal("QuantizeLinear", {reals({1}), scalar(1), scalar(0)}),
            "input 2 holds real numbers; expected integers");
  EXPECT_EQ(refusal("QuantizeLinear", {integers({1}, ElementType::kInt8), scalar(1)}),
            "quantizes integers; expected real numbers");
  EXPECT_EQ(run("QuantizeLinear", {integers({7}, ElementType::kInt32), scalar(2)}).integers,
            Integers{4});
}

TEST(QuantizeLinear, AScaleForEachIndexOfAnAxis) {
  const Array data = real_array({2, 3}, {1, 2, 3, 4, 5, 6});
  const Array along_rows = reals({1, 2});
  const Array along_columns = reals({1, 2, 3});
  const Attributes rows{{"axis", std::int64_t{0}}};
  EXPECT_EQ(run("QuantizeLinear", {data, along_rows, integers({0, 10}, ElementType::kInt8)}, rows)
                .integers,
            (Integers{1, 2, 3, 12, 12, 13}));  // 4/2, 5/2 (a tie), 6/2
  // The axis is 1 unless it is given.
  EXPECT_EQ(run("QuantizeLinear", {data, along_columns}).integers, (Integers{1, 1, 1, 4, 2, 2}));
  EXPECT_EQ(run("QuantizeLinear", {data, along_columns}, {{"axis", std::int64_t{-1}}}).integers,
            (Integers{1, 1, 1, 4, 2, 2}));
  EXPECT_EQ(refusal("QuantizeLinear", {data, along_rows}),
            "the scale has the shape 2; expected one value, or 3 along axis 1");
  EXPECT_EQ(refusal("QuantizeLinear", {data, along_columns, integers({0, 0}, ElementType::kInt8)}),
            "the zero point has the shape 2, the scale 3; expected one shape");
  EXPECT_EQ(refusal("QuantizeLinear", {data, along_rows}, {{"axis", std::int64_t{2}}}),
            "axis is 2; expected -2 to 1");
}

TEST(QuantizeLinear, AScaleForEachBlockOfAnAxis) {
  // Blocks of two along the second axis, the last one short.
  const Array data = real_array({2, 3}, {1, 2, 3, 4, 5, 6});
  const Array scale = real_array({2, 2}, {1, 3, 0.5, 2});
  const Attributes blocks{{"axis", std::int64_t{1}}, {"block_size", std::int64_t{2}}};
  const Array zero = integer_array({2, 2}, {0, 0, 0, 1}, ElementType::kInt8);
  EXPECT_EQ(run("QuantizeLinear", {data, scale, zero}, blocks).integers,
            (Integers{1, 2, 1, 8, 10, 4}));
  // Along the first axis: rows 0 and 1 share a block of a column.
  const Array across = real_array({1, 3}, {1, 2, 3});
  EXPECT_EQ(run("QuantizeLinear", {data, across},
                {{"axis", std::int64_t{0}}, {"block_size", std::int64_t{2}}})
                .integers,
            (Integers{1, 1, 1, 4, 2, 2}));
  EXPECT_EQ(refusal("QuantizeLinear", {data, reals({1, 2})}, blocks),
            "block_size is 2 and the scale has the shape 2; expected 2x2");
  EXPECT_EQ(refusal("QuantizeLinear", {data, scale},
                    {{"axis", std::int64_t{1}}, {"block_size", std::int64_t{-2}}}),
            "block_size is -2 and the scale has the shape 2x2; expected 2x-1");
  // As many zero points as scales, but in another shape.
  EXPECT_EQ(
      refusal("QuantizeLinear", {data, scale, integers({0, 0, 0, 0}, ElementType::kInt8)}, blocks),
      "the zero point has the shape 4, the scale 2x2; expected one shape");
}

TEST(DequantizeLinear, IsTheScaleTimesTheDistanceFromTheZeroPoint) {
  const Array data = integers({0, 128, 255}, ElementType::kUint8);
  EXPECT_EQ(run("DequantizeLinear", {data, scalar(0.5), scalar(128, ElementType::kUint8)}).reals,
            (Values{-64, 0, 63.5}));
  EXPECT_EQ(run("DequantizeLinear", {data, scalar(0.5)}).reals, (Values{0, 64, 127.5}));
  const Array nibbles = integers({-8, 7}, ElementType::kInt4);
  EXPECT_EQ(run("DequantizeLinear", {nibbles, scalar(2)}).reals, (Values{-16, 14}));
  const Array half = real_array({}, {0.5}, ElementType::kFloat16);
  EXPECT_EQ(run("DequantizeLinear", {data, half}).type, ElementType::kFloat16);
}

TEST(DequantizeLinear, ScalesByAxisAndBlock) {
  const Array data = integer_array({2, 3}, {1, 2, 3, 4, 5, 6}, ElementType::kInt8);
  EXPECT_EQ(run("DequantizeLinear", {data, reals({1, 10}), integers({0, 4}, ElementType::kInt8)},
                {{"axis", std::int64_t{0}}})
                .reals,
            (Values{1, 2, 3, 0, 10, 20}));
  EXPECT_EQ(run("DequantizeLinear", {data, real_array({2, 2}, {1, 3, 0.5, 2})},
                {{"axis", std::int64_t{1}}, {"block_size", std::int64_t{2}}})
                .reals,
            (Values{1, 2, 9, 2, 2.5, 12}));
}

TEST(DequantizeLinear, RefusesWhatIsNotQuantized) {
  EXPECT_EQ(refusal("DequantizeLinear", {reals({1}), scalar(1)}),
            "dequantizes real numbers; expected integers");
  const Array data = integers({1}, ElementType::kInt8);
  EXPECT_EQ(refusal("DequantizeLinear", {data, scalar(1, ElementType::kInt8)}),
            "input 1 holds integers; expected real numbers");
  EXPECT_EQ(refusal("DequantizeLinear", {data, scalar(1), scalar(0)}),
            "input 2 holds real numbers; expected integers");
}

TEST(DynamicQuantizeLinear, StretchesTheRangeToHoldZero) {
  // From -1 to 4 in 255 steps: the scale is 5/255, zero is step 51, 4 is step 255.
  const auto outputs = run_all("DynamicQuantizeLinear", {reals({-1, 0, 4})}, {}, 3);
  EXPECT_EQ(outputs[0].integers, (Integers{0, 51, 255}));
  EXPECT_EQ(outputs[1].reals, Values{round_to(ElementType::kFloat32, 5.0 / 255)});
  EXPECT_EQ(outputs[2].integers, Integers{51});
  // All above zero: the range begins at zero.
  const auto above = run_all("DynamicQuantizeLinear", {reals({51, 255})}, {}, 3);
  EXPECT_EQ(above[0].integers, (Integers{51, 255}));
  EXPECT_EQ(above[2].integers, Integers{0});
  // Nothing but zeros.
  EXPECT_EQ(run("DynamicQuantizeLinear", {reals({0, 0})}).integers, (Integers{0, 0}));
}

}  // namespace
}  // namespace pimento::workloads
