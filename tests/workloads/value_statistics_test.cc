// SPDX-License-Identifier: Apache-2.0
#include "workloads/value_statistics.h"

#include <gmock/gmock.h>

#include "tests/workloads/graph/graph_builder.h"
#include "tests/workloads/support.h"
#include "workloads/lowering/network_of.h"

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
  network.weight_origin.origin = ValueOrigin::kFile;
  network.weight_origin.file = "a.onnx";
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

// x of two features through a quantizer, if there is one, into a product.
Network product(bool quantized) {
  GraphBuilder builder;
  int x = builder.input("x", {1, 4});
  if (quantized) {
    x = builder.node("Quant", {x, builder.scalar(0.5), builder.scalar(0.0), builder.scalar(3.0)},
                     {{"signed", std::int64_t{1}}, {"narrow", std::int64_t{0}}});
  }
  const int weight = builder.constant(real_array({4, 1}, {1, 2, 3, 4}));
  builder.output(builder.node("MatMul", {x, weight}, {}, "fc"));
  return network_of(builder.graph);
}

TEST(InputRecorder, SeesWhatALayerReads) {
  const Network network = product(true);
  InputRecorder recorder(network);
  recorder.add({real_array({1, 4}, {9.0, 0.1, -9.0, -0.5})});  // 3, 0, -4, -1
  recorder.add({real_array({1, 4}, {0.0, 0.0, 1.0, 0.5})});    // 0, 0, 2, 1
  const InputStatistics statistics = recorder.statistics().at(network.find("fc"));
  EXPECT_EQ(statistics.reals, (Range<double>{-2.0, 1.5}));
  EXPECT_EQ(statistics.zeros, 3.0 / 8.0);
  // 011, 000, 100, 111, 000, 000, 010, 001
  EXPECT_THAT(statistics.ones, ElementsAre(3.0 / 8.0, 3.0 / 8.0, 2.0 / 8.0));
}

TEST(InputRecorder, UnquantizedInputsHaveNoPlanes) {
  const Network network = product(false);
  InputRecorder recorder(network);
  recorder.add({real_array({1, 4}, {9.0, 0.0, -3.0, 0.25})});
  const InputStatistics statistics = recorder.statistics().at(network.find("fc"));
  EXPECT_EQ(statistics.reals, (Range<double>{-3.0, 9.0}));
  EXPECT_EQ(statistics.zeros, 0.25);
  EXPECT_TRUE(statistics.ones.empty());
}

TEST(InputRecorder, IntegersAreTakenAsTheyAre) {
  GraphBuilder builder;
  const int x = builder.input("x", {1, 2}, ElementType::kUint8);
  const int weight = builder.constant(integer_array({2, 1}, {1, -2}, ElementType::kInt8));
  const int scale = builder.scalar(0.5);
  const int three = builder.scalar(3, ElementType::kUint8);
  const int zero = builder.scalar(0, ElementType::kInt8);
  builder.output(builder.node("QLinearMatMul", {x, scale, three, weight, scale, zero, scale, three},
                              {}, "fc"));
  const Network network = network_of(builder.graph);
  InputRecorder recorder(network);
  recorder.add({integer_array({1, 2}, {3, 131}, ElementType::kUint8)});
  const InputStatistics statistics = recorder.statistics().at(network.find("fc"));
  EXPECT_EQ(statistics.reals, (Range<double>{0.0, 64.0}));
  EXPECT_EQ(statistics.zeros, 0.5);
  EXPECT_THAT(statistics.ones, ElementsAre(1.0, 1.0, 0, 0, 0, 0, 0, 0.5));
}

}  // namespace
}  // namespace pimento::workloads
