// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;

Network linear_network(const std::string& name, std::int64_t in, std::int64_t out, int bits) {
  Network network;
  network.name = "net";
  network.input_shape = {in};
  Layer layer;
  layer.name = name;
  layer.operation = Linear{.out_features = out};
  layer.inputs = {kNetworkInput};
  layer.precision.weight_bits = bits;
  network.add(std::move(layer));
  return network;
}

Network network_with(const std::vector<float>& values, int bits) {
  const auto count = static_cast<std::int64_t>(values.size());
  Network network = linear_network("fc", count, 1, bits);
  network.layers[0].weight = encode(real_array({1, count}, {values.begin(), values.end()}));
  network.weight_origin.origin = ValueOrigin::kFile;
  network.weight_origin.file = "a.onnx";
  return network;
}

std::vector<std::int32_t> quantized(const std::vector<float>& values, int bits) {
  return integer_weights(network_with(values, bits), 0);
}

std::int64_t largest(int bits) {
  return (std::int64_t{1} << (bits - 1)) - 1;
}

TEST(QuantizedWeights, ScaleIsTheLargestMagnitude) {
  EXPECT_THAT(quantized({0.5F, -1.0F, 0.25F, 0.0F}, 8), ElementsAre(64, -127, 32, 0));
  EXPECT_THAT(quantized({3.0F, -6.0F, 6.0F, 1.0F}, 4), ElementsAre(4, -7, 7, 1));
  EXPECT_THAT(quantized({3.0F, -6.0F, 2.9F}, 2), ElementsAre(0, -1, 0));
}

TEST(QuantizedWeights, TiesGoToTheEvenNeighbour) {
  EXPECT_THAT(quantized({0.5F, 1.5F, 2.5F, -2.5F, 127.0F}, 8), ElementsAre(0, 2, 2, -2, 127));
}

TEST(QuantizedWeights, OneBitKeepsTheSign) {
  EXPECT_THAT(quantized({0.5F, -1.0F, 0.0F, -1e-30F}, 1), ElementsAre(0, -1, 0, -1));
}

TEST(QuantizedWeights, ThirtyTwoBitsFillTheirInteger) {
  EXPECT_THAT(quantized({1.0F, -1.0F, 0.5F}, 32), ElementsAre(2147483647, -2147483647, 1073741824));
}

TEST(QuantizedWeights, AllZeroStaysZero) {
  EXPECT_THAT(quantized({0.0F, -0.0F}, 8), ElementsAre(0, 0));
}

TEST(QuantizedWeights, TheSmallestFloatsDoNotVanish) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_THAT(quantized({tiny, -2 * tiny}, 32), ElementsAre(1073741824, -2147483647));
}

TEST(QuantizedWeights, RefusesWhatIsNotFinite) {
  EXPECT_EQ(input_error([] { (void)quantized({0.5F, std::nanf("")}, 8); }),
            "layer \"fc\": weight 1 is nan, not a finite number; the model cannot be quantized; "
            "export it again");
}

TEST(QuantizedWeights, AFileMustHoldThem) {
  Network network = network_with({1.0F}, 8);
  network.layers[0].weight.reset();
  EXPECT_EQ(input_error([&] { (void)integer_weights(network, 0); }),
            "a.onnx: layer \"fc\" has no weight values");
}

class DrawnWeights : public testing::TestWithParam<int> {};

TEST_P(DrawnWeights, StayInTheRangeOfTheirBits) {
  const int bits = GetParam();
  for (const char* distribution : {"gaussian", "uniform"}) {
    Network network = linear_network("fc", 100, 200, bits);
    network.weight_origin.distribution = distribution;
    const std::vector<std::int32_t> values = integer_weights(network, 0);
    ASSERT_EQ(values.size(), 20'000U);
    const std::int64_t low = bits == 1 ? -1 : -largest(bits);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    EXPECT_GE(*least, low);
    EXPECT_LE(*most, largest(bits));
    if (bits > 3) continue;  // every value of a narrow range turns up
    EXPECT_EQ(*least, low);
    EXPECT_EQ(*most, largest(bits));
  }
}

INSTANTIATE_TEST_SUITE_P(AllBits, DrawnWeights, testing::Range(1, 33));

TEST(DrawnWeightsStatistics, GaussianHasFourSigmasOfRange) {
  const std::vector<std::int32_t> values = integer_weights(linear_network("fc", 1000, 200, 16), 0);
  double sum = 0.0;
  double squares = 0.0;
  for (const std::int32_t value : values) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const auto count = static_cast<double>(values.size());
  const double sigma = std::sqrt(squares / count);
  EXPECT_NEAR(sum / count, 0.0, 4 * sigma / std::sqrt(count));
  EXPECT_NEAR(sigma, 32767.0 / 4, 0.01 * 32767.0 / 4);
}

TEST(DrawnWeightsStatistics, UniformTakesEachValueAlike) {
  Network network = linear_network("fc", 700, 100, 3);
  network.weight_origin.distribution = "uniform";
  std::array<int, 7> counts{};
  for (const std::int32_t value : integer_weights(network, 0)) {
    ++counts.at(static_cast<std::size_t>(value + 3));
  }
  EXPECT_THAT(counts, Each(testing::AllOf(Ge(9600), Le(10400))));  // 10000 +- 4.3 sigma
}

TEST(DrawnWeightsStatistics, OneBitIsHalfOnes) {
  const auto values = integer_weights(linear_network("fc", 100, 200, 1), 0);
  EXPECT_NEAR(static_cast<double>(std::count(values.begin(), values.end(), -1)), 10'000, 300);
}

TEST(DrawnWeightsRepeat, DependOnSeedAndNameOnly) {
  const auto first = integer_weights(linear_network("fc", 10, 10, 8), 0);
  EXPECT_EQ(first, integer_weights(linear_network("fc", 10, 10, 8), 0));
  EXPECT_NE(first, integer_weights(linear_network("fc2", 10, 10, 8), 0));
  Network other = linear_network("fc", 10, 10, 8);
  other.weight_origin.seed = 2;
  EXPECT_NE(first, integer_weights(other, 0));
  // More of the same layer begins with the same values.
  const auto longer = integer_weights(linear_network("fc", 10, 20, 8), 0);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), longer.begin()));
}

// Pinned: reports of different machines and versions must not differ.
TEST(DrawnWeightsRepeat, AreTheSameEverywhere) {
  Network network = linear_network("fc", 4, 2, 8);
  EXPECT_THAT(integer_weights(network, 0), ElementsAre(51, 31, -25, 41, 4, -12, -23, 27));
  network.weight_origin.distribution = "uniform";
  EXPECT_THAT(integer_weights(network, 0), ElementsAre(80, -28, 45, 84, -39, -108, 75, -48));
}

TEST(DrawnWeightsError, DistributionAndSize) {
  Network network = linear_network("fc", 10, 10, 8);
  network.weight_origin.distribution = "normal";
  EXPECT_EQ(input_error([&] { (void)integer_weights(network, 0); }),
            "unknown weight distribution \"normal\"; expected \"gaussian\", \"uniform\" or "
            "\"bit_sparse\"");
  const Network large = linear_network("fc", 1 << 15, 1 << 15, 8);
  EXPECT_EQ(input_error([&] { (void)integer_weights(large, 0); }),
            "layer \"fc\" has 1073741824 weights; the values of at most 536870912 fit one layer "
            "here; split the layer");
}

}  // namespace
}  // namespace pimento::workloads
