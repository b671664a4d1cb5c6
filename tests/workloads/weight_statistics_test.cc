// SPDX-License-Identifier: Apache-2.0
#include "workloads/weight_statistics.h"

#include <gmock/gmock.h>

#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using testing::ElementsAre;

Network network_of_four(int bits) {
  Network network;
  network.name = "net";
  network.input_shape = {4};
  Layer layer;
  layer.name = "fc";
  layer.operation = Linear{.out_features = 1};
  layer.inputs = {kNetworkInput};
  layer.precision.weight_bits = bits;
  network.add(std::move(layer));
  return network;
}

TEST(WeightStatistics, CountsPlanesOfTwosComplement) {
  Network network = network_of_four(3);
  network.weight_origin = {.origin = ValueOrigin::kFile, .file = "a.onnx"};
  network.layers[0].weight = encode(real_array({1, 4}, {1.5, 0.0, -1.5, 0.5}));  // 3, 0, -3, 1
  const WeightStatistics statistics = weight_statistics(network, 0);
  EXPECT_EQ(statistics.integers, (Range<std::int32_t>{-3, 3}));
  EXPECT_EQ(statistics.reals, (Range<double>{-1.5, 1.5}));
  EXPECT_EQ(statistics.zeros, 0.25);
  EXPECT_THAT(statistics.ones, ElementsAre(0.75, 0.25, 0.25));  // 011, 000, 101, 001
}

TEST(WeightStatistics, RealsOfStoredWeightsAreScaled) {
  Network network = network_of_four(4);
  Array integers = make_array(ElementType::kInt32, {1, 4});
  integers.integers = {-8, 7, 0, 0};
  network.layers[0].stored = StoredWeights{.integers = encode(integers),
                                           .bits = 4,
                                           .scale = real_array({}, {0.5}),
                                           .zero_point = real_array({}, {1.0}),
                                           .widths = {}};
  const WeightStatistics statistics = weight_statistics(network, 0);
  EXPECT_EQ(statistics.integers, (Range<std::int32_t>{-8, 7}));
  EXPECT_EQ(statistics.reals, (Range<double>{-4.5, 3.0}));
  EXPECT_EQ(statistics.zeros, 0.5);
}

TEST(WeightStatistics, SyntheticWeightsHaveNoReals) {
  const Network network = network_of_four(8);
  const WeightStatistics statistics = weight_statistics(network, 0);
  EXPECT_EQ(statistics.reals, std::nullopt);
  EXPECT_EQ(statistics.ones.size(), 8U);
}

}  // namespace
}  // namespace pimento::workloads
