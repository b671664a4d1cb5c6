// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/constant.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

std::vector<int> bytes_of(const Constant& constant) {
  std::vector<int> result;
  for (const std::byte byte : constant.bytes) result.push_back(std::to_integer<int>(byte));
  return result;
}

TEST(Constant, BytesRoundUp) {
  EXPECT_EQ(bytes_for(ElementType::kInt4, 0), 0U);
  EXPECT_EQ(bytes_for(ElementType::kInt4, 1), 1U);
  EXPECT_EQ(bytes_for(ElementType::kUint4, 2), 1U);
  EXPECT_EQ(bytes_for(ElementType::kUint4, 3), 2U);
  EXPECT_EQ(bytes_for(ElementType::kBool, 3), 3U);
  EXPECT_EQ(bytes_for(ElementType::kFloat16, 3), 6U);
  EXPECT_EQ(bytes_for(ElementType::kUint64, 3), 24U);
}

TEST(Constant, EveryIntegerTypeComesBack) {
  constexpr std::array kTypes{ElementType::kInt4,   ElementType::kUint4,  ElementType::kInt8,
                              ElementType::kUint8,  ElementType::kInt16,  ElementType::kUint16,
                              ElementType::kInt32,  ElementType::kUint32, ElementType::kInt64,
                              ElementType::kUint64, ElementType::kBool};
  for (const ElementType type : kTypes) {
    const Array array =
        integer_array({5}, {lowest_of(type), 0, 1, highest_of(type), wrap_to(type, -1)}, type);
    EXPECT_EQ(decode(encode(array)), array) << name_of(type);
  }
}

TEST(Constant, EveryFloatTypeComesBack) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  for (const ElementType type : {ElementType::kFloat32, ElementType::kFloat64,
                                 ElementType::kFloat16, ElementType::kBfloat16}) {
    std::vector<double> values{0.0, -0.0, 1.0, -2.5, 0x1p-20, kFar, -kFar};
    for (const double value : {65504.0, 0x1p-14, 0x1p-24, 0x1.8p-23}) {
      values.push_back(round_to(type, value));
    }
    const Array array = real_array({11}, values, type);
    const Array back = decode(encode(array));
    EXPECT_EQ(back, array) << name_of(type);
    EXPECT_TRUE(std::signbit(back.reals[1])) << name_of(type);
    const Array nothing = real_array({1}, {std::nan("")}, type);
    EXPECT_TRUE(std::isnan(decode(encode(nothing)).reals[0])) << name_of(type);
  }
}

TEST(Constant, LiesAsRawDataOfOnnxDo) {
  EXPECT_EQ(bytes_of(encode(integer_array({3}, {-1, -8, 7}, ElementType::kInt4))),
            (std::vector<int>{0x8f, 0x07}));
  EXPECT_EQ(bytes_of(encode(integer_array({2}, {258, -2}, ElementType::kInt16))),
            (std::vector<int>{2, 1, 0xfe, 0xff}));
  EXPECT_EQ(bytes_of(encode(real_array({1}, {1.0}))), (std::vector<int>{0, 0, 0x80, 0x3f}));
  EXPECT_EQ(bytes_of(encode(real_array({1}, {-2.0}, ElementType::kFloat16))),
            (std::vector<int>{0x00, 0xc0}));
  EXPECT_EQ(bytes_of(encode(real_array({1}, {1.5}, ElementType::kBfloat16))),
            (std::vector<int>{0xc0, 0x3f}));
}

TEST(Constant, AllHalvesComeBack) {
  std::vector<std::byte> buffer(std::size_t{65536} * 2);
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    std::memcpy(buffer.data() + std::size_t{2} * bits, &half, 2);
  }
  for (const ElementType type : {ElementType::kFloat16, ElementType::kBfloat16}) {
    const Constant constant = make_constant(type, {65536}, buffer);
    const Array array = decode(constant);
    const Constant back = encode(array);
    for (std::size_t i = 0; i < array.reals.size(); ++i) {
      EXPECT_TRUE(std::isnan(array.reals[i]) || round_to(type, array.reals[i]) == array.reals[i]);
      if (std::isnan(array.reals[i])) continue;
      ASSERT_EQ(std::memcmp(&back.bytes[2 * i], &constant.bytes[2 * i], 2), 0) << i;
    }
  }
}

TEST(Constant, KeepsItsBytesAlive) {
  auto buffer =
      std::make_shared<const std::array<std::byte, 2>>(std::array{std::byte{3}, std::byte{4}});
  Constant constant{ElementType::kUint8, {2}, *buffer, buffer};
  const std::weak_ptr<const void> watch = buffer;
  buffer.reset();
  EXPECT_EQ(decode(constant), integer_array({2}, {3, 4}, ElementType::kUint8));
  constant = {};
  EXPECT_TRUE(watch.expired());
}

TEST(Constant, SameValuesHaveOneTypeShapeAndBytes) {
  const Array array = integer_array({2}, {1, 2}, ElementType::kInt8);
  Constant other = encode(array);
  EXPECT_TRUE(same_values(encode(array), other));
  other.shape = {2, 1};
  EXPECT_FALSE(same_values(encode(array), other));
  other = encode(array);
  other.type = ElementType::kUint8;
  EXPECT_FALSE(same_values(encode(array), other));
  EXPECT_FALSE(same_values(encode(array), encode(integer_array({2}, {1, 3}, ElementType::kInt8))));
}

TEST(Constant, ABufferOfAnotherSizeIsADefect) {
  EXPECT_THROW((void)make_constant(ElementType::kInt16, {2}, std::vector<std::byte>(3)),
               InternalError);
  Constant constant = encode(integer_array({2}, {1, 2}, ElementType::kInt8));
  constant.shape = {3};
  EXPECT_THROW((void)decode(constant), InternalError);
}

TEST(Array, TooManyValuesAreRefused) {
  EXPECT_EQ(input_error([] { (void)make_array(ElementType::kBool, {1 << 16, 1 << 15}); }),
            "a tensor of 65536x32768 has 2^31 values or more; expected fewer");
  EXPECT_EQ(make_array(ElementType::kInt8, {3, 0}).size(), 0);
  EXPECT_THROW((void)make_array(ElementType::kInt8, {-1}), InternalError);
  EXPECT_THROW((void)real_array({2}, {1.0}), InternalError);
  EXPECT_THROW((void)integer_array({1}, {1}, ElementType::kFloat32), InternalError);
}

}  // namespace
}  // namespace pimento::workloads
