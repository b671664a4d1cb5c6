// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/element_type.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace pimento::workloads {
namespace {

constexpr double kFar = std::numeric_limits<double>::infinity();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST(ElementType, NamesAreReadBack) {
  int count = 0;
  for (const char* name :
       {"float32", "float64", "float16", "bfloat16", "int4", "uint4", "int8", "uint8", "int16",
        "uint16", "int32", "uint32", "int64", "uint64", "bool"}) {
    const auto type = element_type_of(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(name_of(*type), name);
    EXPECT_EQ(static_cast<int>(*type), count++);
  }
  EXPECT_FALSE(element_type_of("float"));
  EXPECT_FALSE(element_type_of(""));
  EXPECT_FALSE(element_type_of("INT8"));
}

TEST(ElementType, BitsAndSigns) {
  EXPECT_EQ(bits_of(ElementType::kInt4), 4);
  EXPECT_EQ(bits_of(ElementType::kBool), 8);
  EXPECT_EQ(bits_of(ElementType::kBfloat16), 16);
  EXPECT_EQ(bits_of(ElementType::kUint64), 64);
  EXPECT_FALSE(is_integer(ElementType::kFloat16));
  EXPECT_TRUE(is_integer(ElementType::kBool));
  EXPECT_TRUE(is_signed(ElementType::kBfloat16));
  EXPECT_TRUE(is_signed(ElementType::kInt4));
  EXPECT_FALSE(is_signed(ElementType::kUint4));
  EXPECT_FALSE(is_signed(ElementType::kBool));
}

TEST(ElementType, RangesOfIntegers) {
  const auto range = [](ElementType type) { return std::pair(lowest_of(type), highest_of(type)); };
  using Range = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(range(ElementType::kInt4), Range(-8, 7));
  EXPECT_EQ(range(ElementType::kUint4), Range(0, 15));
  EXPECT_EQ(range(ElementType::kInt8), Range(-128, 127));
  EXPECT_EQ(range(ElementType::kUint8), Range(0, 255));
  EXPECT_EQ(range(ElementType::kInt16), Range(-32768, 32767));
  EXPECT_EQ(range(ElementType::kUint16), Range(0, 65535));
  EXPECT_EQ(range(ElementType::kInt32), Range(-2147483648LL, 2147483647LL));
  EXPECT_EQ(range(ElementType::kUint32), Range(0, 4294967295LL));
  EXPECT_EQ(range(ElementType::kInt64), Range(kLeast, kMost));
  EXPECT_EQ(range(ElementType::kUint64), Range(0, kMost));
  EXPECT_EQ(range(ElementType::kBool), Range(0, 1));
}

TEST(ElementType, IntegersWrapModuloTheirRange) {
  EXPECT_EQ(wrap_to(ElementType::kInt4, 8), -8);
  EXPECT_EQ(wrap_to(ElementType::kInt4, -9), 7);
  EXPECT_EQ(wrap_to(ElementType::kUint4, 16), 0);
  EXPECT_EQ(wrap_to(ElementType::kUint4, -1), 15);
  EXPECT_EQ(wrap_to(ElementType::kInt8, 128), -128);
  EXPECT_EQ(wrap_to(ElementType::kInt8, 127), 127);
  EXPECT_EQ(wrap_to(ElementType::kUint8, 256 + 5), 5);
  EXPECT_EQ(wrap_to(ElementType::kInt32, std::int64_t{1} << 31), -2147483648LL);
  EXPECT_EQ(wrap_to(ElementType::kUint32, -1), 4294967295LL);
  EXPECT_EQ(wrap_to(ElementType::kInt64, kLeast), kLeast);
  EXPECT_EQ(wrap_to(ElementType::kBool, -7), 1);
  EXPECT_EQ(wrap_to(ElementType::kBool, 0), 0);
}

TEST(RoundTo, Float32RoundsHalfToEven) {
  const double step = 0x1p-23;  // between neighbours above 1
  EXPECT_EQ(round_to(ElementType::kFloat32, 1.0 + step / 2), 1.0);
  EXPECT_EQ(round_to(ElementType::kFloat32, 1.0 + 3 * step / 2), 1.0 + 2 * step);
  EXPECT_EQ(round_to(ElementType::kFloat32, 1e300), kFar);
  EXPECT_EQ(round_to(ElementType::kFloat64, 0.1), 0.1);
}

TEST(RoundTo, HalfHasElevenDigits) {
  const auto half = [](double value) { return round_to(ElementType::kFloat16, value); };
  EXPECT_EQ(half(2048.0), 2048.0);
  EXPECT_EQ(half(2049.0), 2048.0);  // a tie
  EXPECT_EQ(half(2051.0), 2052.0);
  EXPECT_EQ(half(-2049.5), -2050.0);
  EXPECT_EQ(half(65504.0), 65504.0);
  EXPECT_EQ(half(65519.0), 65504.0);
  EXPECT_EQ(half(65520.0), kFar);  // the tie above the largest
  EXPECT_EQ(half(-1e10), -kFar);
  EXPECT_EQ(half(0x1p-24), 0x1p-24);
  EXPECT_EQ(half(0x1.8p-25), 0x1p-24);
  EXPECT_EQ(half(0x1p-25), 0.0);  // a tie with zero
  EXPECT_TRUE(std::signbit(half(-0x1p-26)));
}

TEST(RoundTo, BrainHasEightDigits) {
  const auto brain = [](double value) { return round_to(ElementType::kBfloat16, value); };
  EXPECT_EQ(brain(256.0), 256.0);
  EXPECT_EQ(brain(257.0), 256.0);  // a tie
  EXPECT_EQ(brain(259.0), 260.0);
  EXPECT_EQ(brain(0x1.fep127), 0x1.fep127);
  EXPECT_EQ(brain(0x1.ffp127), kFar);
  EXPECT_EQ(brain(0x1p-133), 0x1p-133);
  EXPECT_EQ(brain(0x1p-134), 0.0);
}

TEST(RoundTo, KeepsWhatIsNoNumber) {
  for (const ElementType type : {ElementType::kFloat32, ElementType::kFloat64,
                                 ElementType::kFloat16, ElementType::kBfloat16}) {
    EXPECT_TRUE(std::isnan(round_to(type, std::nan(""))));
    EXPECT_EQ(round_to(type, -kFar), -kFar);
    EXPECT_TRUE(std::signbit(round_to(type, -0.0)));
  }
}

}  // namespace
}  // namespace pimento::workloads
