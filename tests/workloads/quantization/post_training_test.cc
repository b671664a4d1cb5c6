// SPDX-License-Identifier: Apache-2.0
#include "workloads/quantization/post_training.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "tests/workloads/graph/graph_builder.h"
#include "tests/workloads/support.h"
#include "workloads/executor.h"
#include "workloads/lowering/network_of.h"

namespace pimento::workloads {
namespace {

using Values = std::vector<double>;

const Shape kImage{1, 1, 2, 2};

// Two channels of a 1x1 convolution, a ReLU, and a Gemm of two outputs.
Graph two_layers() {
  GraphBuilder builder;
  const int x = builder.input("x", kImage);
  const int kernels = builder.constant(real_array({2, 1, 1, 1}, {1.0, -0.45}));
  const int conv = builder.node("Conv", {x, kernels}, {}, "conv");
  const int relu = builder.node("Relu", {conv});
  const int flat = builder.node("Flatten", {relu});
  Values weights;
  for (int i = 0; i < 16; ++i) weights.push_back(0.25 * (i % 5) - 0.3);
  const int matrix = builder.constant(real_array({2, 8}, weights));
  const int bias = builder.constant(real_array({2}, {0.5, -0.25}));
  builder.output(builder.node("Gemm", {flat, matrix, bias}, {{"transB", std::int64_t{1}}}, "fc"));
  return builder.graph;
}

CalibrationSet images() {
  return {{real_array(kImage, {0.5, -1.0, 0.25, 0.75})}, {real_array(kImage, {-2.0, 0.1, 1.5, 0})}};
}

Network network_with(int weight_bits, int activation_bits) {
  Network network = network_of(two_layers());
  for (const int index : network.weight_layers()) {
    network.layers[static_cast<std::size_t>(index)].precision = {weight_bits, activation_bits};
  }
  return network;
}

const Layer& layer_of(const Network& network, const std::string& name) {
  return network.layers[static_cast<std::size_t>(network.find(name))];
}

float as_float(double value) {
  return static_cast<float>(value);
}

TEST(PostTraining, InputsAreSignedWhereTheyWereNegative) {
  const Network quantized =
      network_of(quantize_after_training(network_with(4, 4), images(), PostTrainingOptions{}));
  const Layer& conv = layer_of(quantized, "conv");
  ASSERT_TRUE(conv.input_quantizer && conv.stored);
  EXPECT_EQ(conv.input_quantizer->bits, 4);
  EXPECT_TRUE(conv.input_quantizer->is_signed);
  EXPECT_EQ(conv.input_quantizer->scale.reals, (Values{as_float(2.0 / 7.0)}));
  const Layer& fc = layer_of(quantized, "fc");
  ASSERT_TRUE(fc.input_quantizer);
  EXPECT_FALSE(fc.input_quantizer->is_signed);
  EXPECT_EQ(fc.input_quantizer->scale.reals, (Values{as_float(1.5 / 15.0)}));
  EXPECT_TRUE(quantized.is_quantized());
}

TEST(PostTraining, WeightsHaveAScaleAChannelOrALayer) {
  PostTrainingOptions options;
  const Network by_channel =
      network_of(quantize_after_training(network_with(4, 8), images(), options));
  EXPECT_EQ(layer_of(by_channel, "conv").stored->scale.reals,
            (Values{as_float(1.0 / 7.0), as_float(as_float(0.45) / 7.0)}));
  EXPECT_EQ(decode(layer_of(by_channel, "conv").stored->integers).integers,
            (std::vector<std::int64_t>{7, -7}));
  options.per_channel = false;
  const Network by_layer =
      network_of(quantize_after_training(network_with(4, 8), images(), options));
  EXPECT_EQ(layer_of(by_layer, "conv").stored->scale.reals, (Values{as_float(1.0 / 7.0)}));
  EXPECT_EQ(decode(layer_of(by_layer, "conv").stored->integers).integers,
            (std::vector<std::int64_t>{7, -3}));  // -3.15
}

TEST(PostTraining, OneBitOfWeightsIsTheirSign) {
  const Network quantized =
      network_of(quantize_after_training(network_with(1, 8), images(), PostTrainingOptions{}));
  EXPECT_EQ(decode(layer_of(quantized, "conv").stored->integers).integers,
            (std::vector<std::int64_t>{0, -1}));
  EXPECT_EQ(real_weights(*layer_of(quantized, "conv").stored).reals,
            (Values{1.0, as_float(-0.45)}));
}

// What the graph computes is what the formulas of docs/models.md say, worked out here by hand.
TEST(PostTraining, GraphComputesOnTheGrid) {
  const Graph graph = quantize_after_training(network_with(3, 3), images(), PostTrainingOptions{});
  const Values x{0.5, -1.1, 0.25, 0.75};
  const double in = as_float(2.0 / 3.0);
  const double first = as_float(1.0 / 3.0);
  const double second = as_float(0.45 / 3.0);
  Values expected;
  for (const double scale : {3 * first, -3 * second}) {
    for (const double value : x) {
      const double rounded = in * std::clamp(std::nearbyint(value / in), -3.0, 3.0);
      expected.push_back(std::max(0.0, scale * rounded));
    }
  }
  Values found;
  (void)Executor(graph).run({real_array(kImage, x)}, [&](int value, const Array& array) {
    const auto made = makers(graph)[static_cast<std::size_t>(value)];
    if (made >= 0 && graph.nodes[static_cast<std::size_t>(made)].op == "Relu") found = array.reals;
  });
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6) << i;
}

Values mean_outputs(const Graph& graph) {
  const CalibrationSet set = images();
  Values means(2, 0.0);
  for (const auto& inputs : set) {
    const Array output = Executor(graph).run(inputs)[0];
    for (std::size_t i = 0; i < 2; ++i) {
      means[i] += output.reals[i] / static_cast<double>(set.size());
    }
  }
  return means;
}

TEST(PostTraining, CorrectedBiasesKeepTheMeans) {
  const Network network = network_with(2, 2);
  const Values wanted = mean_outputs(*network.graph);
  PostTrainingOptions options;
  const Values plain = mean_outputs(quantize_after_training(network, images(), options));
  options.bias_correction = true;
  const Graph graph = quantize_after_training(network, images(), options);
  const Values corrected = mean_outputs(graph);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_GT(std::abs(plain[i] - wanted[i]), 1e-2);
    EXPECT_NEAR(corrected[i], wanted[i], 1e-6);
  }
  // The convolution had no bias, and has one now.
  EXPECT_TRUE(layer_of(network_of(graph), "conv").has_bias);
}

TEST(PostTraining, LayersOfOneTensorShareItsQuantizer) {
  GraphBuilder builder;
  const int x = builder.input("x", {1, 2});
  const int a = builder.constant(real_array({2, 2}, {1, 2, 3, 4}));
  const int b = builder.constant(real_array({2, 2}, {4, 3, 2, 1}));
  builder.output(
      builder.node("Add", {builder.node("MatMul", {x, a}), builder.node("MatMul", {x, b})}));
  const Graph graph = quantize_after_training(
      network_of(builder.graph), {{real_array({1, 2}, {1, 2})}}, PostTrainingOptions{});
  EXPECT_EQ(std::count_if(graph.nodes.begin(), graph.nodes.end(),
                          [](const Node& node) { return node.op == "Quant"; }),
            3);  // of x, a and b
}

TEST(PostTraining, LeavesQuantizedLayersAlone) {
  const Network once =
      network_of(quantize_after_training(network_with(4, 4), images(), PostTrainingOptions{}));
  const Graph twice = quantize_after_training(once, images(), PostTrainingOptions{});
  EXPECT_EQ(twice.nodes.size(), once.graph->nodes.size());
}

TEST(PostTraining, TellsItsProgress) {
  std::vector<std::size_t> seen;
  (void)quantize_after_training(network_with(8, 8), images(), PostTrainingOptions{},
                                [&](std::size_t done, std::size_t total) {
                                  EXPECT_EQ(total, 2U);
                                  seen.push_back(done);
                                });
  EXPECT_EQ(seen, (std::vector<std::size_t>{1, 2}));
}

TEST(PostTraining, RefusesWhatItCannotDo) {
  const auto error = [](const Network& network, const CalibrationSet& calibration) {
    return input_error(
        [&] { (void)quantize_after_training(network, calibration, PostTrainingOptions{}); });
  };
  EXPECT_EQ(error(network_with(8, 8), {}), "there are no calibration inputs; give one or more");
  EXPECT_EQ(error(network_with(8, 1), images()),
            "value \"x\" has both signs, and 1 bit was asked for it; give it 2 bits or more");
  EXPECT_EQ(error(shipped_network("resnet20_cifar"), images()),
            "resnet20_cifar.yaml: the network has no values to quantize; calibrate a model that "
            "has weights");
}

}  // namespace
}  // namespace pimento::workloads
