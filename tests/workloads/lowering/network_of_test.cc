// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/network_of.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/workloads/graph/graph_builder.h"
#include "tests/workloads/support.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

using Numbers = std::vector<std::int64_t>;
using testing::ElementsAre;

Array zeros(Shape shape) {
  return make_array(ElementType::kFloat32, std::move(shape));
}

std::vector<std::string> names(const Network& network) {
  std::vector<std::string> result;
  for (const Layer& layer : network.layers) result.push_back(layer.name);
  return result;
}

TEST(NetworkOf, TakesTheGraphsOwnFields) {
  GraphBuilder b;
  b.graph.description = "made for this test";
  const int x = b.input("x", {1, 3, 8, 8});
  b.output(b.node("Conv", {x, b.constant(zeros({4, 3, 3, 3}))}, {}, "conv"));
  const Network network = network_of(b.graph);
  EXPECT_EQ(network.name, "g");
  EXPECT_EQ(network.source, "g.onnx");
  EXPECT_EQ(network.description, "made for this test");
  EXPECT_EQ(network.weight_origin.str(), "file g.onnx");
  EXPECT_EQ(network.input_shape, (Shape{3, 8, 8}));
  ASSERT_TRUE(network.graph);
  EXPECT_EQ(network.graph->nodes.size(), 1U);
  EXPECT_EQ(network.layers[0].node, 0);
  EXPECT_TRUE(network.layers[0].leaves);
  EXPECT_NO_THROW(network.validate());
}

TEST(NetworkOf, QuantizersAreNoLayers) {
  GraphBuilder b;
  const int x = b.input("x", {1, 4});
  const int s = b.scalar(0.5);
  const int d = b.node("DequantizeLinear", {b.node("QuantizeLinear", {x, s}), s});
  const int y = b.node("MatMul", {d, b.constant(zeros({4, 2}))}, {}, "fc");
  b.output(b.node("DequantizeLinear", {b.node("QuantizeLinear", {y, s}), s}));
  const Network network = network_of(b.graph);
  EXPECT_THAT(names(network), ElementsAre("fc"));
  EXPECT_EQ(network.layers[0].inputs, std::vector<int>{kNetworkInput});
  EXPECT_TRUE(network.layers[0].leaves);
}

TEST(NetworkOf, ASplitIsALayerForEachOutputThatIsUsed) {
  GraphBuilder b;
  const int x = b.input("x", {1, 6});
  const auto parts = b.nodes("Split", {x, b.constant(integer_array({3}, {1, 2, 3}))}, 3,
                             {{"axis", std::int64_t{1}}}, "split");
  const int first = b.node("Relu", {parts[0]}, {}, "r0");
  const int last = b.node("Relu", {parts[2]}, {}, "r2");
  b.output(first).output(last);
  const Network network = network_of(b.graph);
  EXPECT_THAT(names(network), ElementsAre("split.0", "split.2", "r0", "r2"));
  EXPECT_EQ(network.layers[1].shape, Shape{3});
  EXPECT_EQ(network.layers[2].inputs, std::vector<int>{0});
  EXPECT_EQ(network.layers[3].inputs, std::vector<int>{1});
  EXPECT_FALSE(network.layers[0].leaves);
  EXPECT_TRUE(network.layers[2].leaves);
  EXPECT_TRUE(network.layers[3].leaves);
}

TEST(NetworkOf, InputsAreCountedDown) {
  GraphBuilder b;
  const int x = b.input("x", {1, 4});
  const int mask = b.input("mask", {1, 4});
  const int third = b.input("third", {4});
  const int sum = b.node("Add", {x, mask}, {}, "sum");
  b.output(b.node("Mul", {sum, third}, {}, "product"));
  const Network network = network_of(b.graph);
  EXPECT_EQ(network.input_shape, Shape{4});
  ASSERT_EQ(network.more_inputs.size(), 2U);
  EXPECT_EQ(network.more_inputs[0].name, "mask");
  EXPECT_EQ(network.more_inputs[1].shape, Shape{4});
  EXPECT_THAT(network.layers[0].inputs, ElementsAre(-1, -2));
  EXPECT_THAT(network.layers[1].inputs, ElementsAre(0, -3));
  EXPECT_EQ(network.shape_of(-3), Shape{4});
}

TEST(NetworkOf, OutputsMayBeReadWithinToo) {
  GraphBuilder b;
  const int x = b.input("x", {1, 4});
  const int y = b.node("MatMul", {x, b.constant(zeros({4, 4}))}, {}, "fc");
  const int z = b.node("Relu", {y}, {}, "relu");
  b.output(y).output(z);
  const Network network = network_of(b.graph);
  EXPECT_TRUE(network.layers[0].leaves);
  EXPECT_TRUE(network.layers[1].leaves);
  EXPECT_NO_THROW(network.validate());
}

TEST(NetworkOf, ConstantOutputsAreNobodys) {
  GraphBuilder b;
  const int x = b.input("x", {1, 4});
  b.output(b.constant(zeros({3}))).output(b.node("Relu", {x}, {}, "relu"));
  EXPECT_THAT(names(network_of(b.graph)), ElementsAre("relu"));
  GraphBuilder only;
  only.input("x", {1, 4});
  only.output(only.constant(zeros({3})));
  EXPECT_EQ(input_error([&] { (void)network_of(only.graph); }),
            "g.onnx: the graph's output is a constant; expected a computed tensor");
  GraphBuilder closed;
  closed.output(closed.constant(zeros({3})));
  EXPECT_EQ(input_error([&] { (void)network_of(closed.graph); }),
            "g.onnx: the graph has no input; expected one");
  GraphBuilder idle;
  idle.output(idle.node("QuantizeLinear", {idle.input("x", {1}), idle.scalar(1.0)}));
  EXPECT_EQ(input_error([&] { (void)network_of(idle.graph); }),
            "g.onnx: the graph computes nothing; expected a network");
}

TEST(NetworkOf, ProductsOfComputedMatricesCountTheirMacs) {
  // Attention of two heads, five places and three features: q k^T, softmax, times v.
  GraphBuilder b;
  const int q = b.input("q", {1, 2, 5, 3});
  const int k = b.input("k", {1, 2, 5, 3});
  const int v = b.input("v", {1, 2, 5, 3});
  const int turned = b.node("Transpose", {k}, {{"perm", Numbers{0, 1, 3, 2}}}, "turn");
  const int scores = b.node("MatMul", {q, turned}, {}, "scores");
  const int shares = b.node("Softmax", {scores}, {{"axis", std::int64_t{-1}}}, "softmax");
  b.output(b.node("MatMul", {shares, v}, {}, "mix"));
  const Network network = network_of(b.graph);
  EXPECT_THAT(names(network), ElementsAre("turn", "scores", "softmax", "mix"));
  EXPECT_EQ(std::get<Digital>(network.layers[1].operation).macs, 2 * 5 * 5 * 3);
  EXPECT_EQ(std::get<Digital>(network.layers[3].operation).macs, 2 * 5 * 3 * 5);
  EXPECT_EQ(network.digital_macs(), 300);
  EXPECT_TRUE(network.weight_layers().empty());
}

TEST(NetworkOf, ABiasJoinsItsProductOnWhicheverSide) {
  for (const bool first : {false, true}) {
    GraphBuilder b;
    const int x = b.input("x", {1, 5, 2});
    const int product = b.node("MatMul", {x, b.constant(zeros({2, 3}))}, {}, "fc");
    const int bias = b.constant(real_array({3}, {1, 2, 3}));
    b.output(b.node("Add", first ? std::vector{bias, product} : std::vector{product, bias}));
    const Network network = network_of(b.graph);
    EXPECT_THAT(names(network), ElementsAre("fc"));
    EXPECT_EQ(decode(*network.layers[0].bias), real_array({3}, {1, 2, 3}));
    EXPECT_TRUE(network.layers[0].leaves);
  }
}

TEST(NetworkOf, OnlyProductsOfRealsTakeABias) {
  constexpr ElementType kU8 = ElementType::kUint8;
  GraphBuilder b;
  const int x = b.input("x", {1, 2}, kU8);
  const int product =
      b.node("QLinearMatMul",
             {x, b.scalar(1.0), b.scalar(0, kU8), b.constant(make_array(kU8, {2, 3})),
              b.scalar(1.0), b.scalar(0, kU8), b.scalar(1.0), b.scalar(0, kU8)},
             {}, "fc");
  b.output(b.node("Add", {product, b.constant(make_array(kU8, {3}))}, {}, "add"));
  const Network network = network_of(b.graph);
  EXPECT_THAT(names(network), ElementsAre("fc", "add"));
  EXPECT_FALSE(network.layers[0].has_bias);
}

TEST(NetworkOf, ABiasBehindAQuantizerIsAddedByItself) {
  GraphBuilder b;
  const int x = b.input("x", {1, 2});
  const int s = b.scalar(0.5);
  const int product = b.node("MatMul", {x, b.constant(zeros({2, 3}))}, {}, "fc");
  const int d = b.node("DequantizeLinear", {b.node("QuantizeLinear", {product, s}), s});
  b.output(b.node("Add", {d, b.constant(zeros({3}))}, {}, "add"));
  EXPECT_THAT(names(network_of(b.graph)), ElementsAre("fc", "add"));
}

TEST(NetworkOf, LayersGetNamesOfTheirOwn) {
  GraphBuilder b;
  int x = b.input("x", {1, 4});
  for (int i = 0; i < 3; ++i) x = b.node("Relu", {x}, {}, "same");
  b.output(x);
  EXPECT_THAT(names(network_of(b.graph)), ElementsAre("same", "same#2", "same#3"));
}

TEST(NetworkOf, ConvolutionsOfLinesStandBetweenReshapes) {
  GraphBuilder b;
  const int x = b.input("x", {1, 4, 9});
  const int y = b.node("Conv", {x, b.constant(zeros({6, 4, 3}))}, {}, "conv");
  b.output(b.node("Relu", {y}, {}, "relu"));
  const Network network = network_of(b.graph);
  EXPECT_THAT(names(network), ElementsAre("conv.image", "conv", "conv.line", "relu"));
  EXPECT_EQ(network.layers[3].shape, (Shape{6, 7}));
  EXPECT_EQ(network.matrix(1).rows, 12);
  EXPECT_EQ(network.macs(1), 12 * 6 * 7);
}

TEST(NetworkOf, ConvolutionsOfVolumesAreRefused) {
  GraphBuilder b;
  const int x = b.input("x", {1, 4, 9, 9, 9});
  b.output(b.node("Conv", {x, b.constant(zeros({6, 4, 3, 3, 3}))}, {}, "conv"));
  EXPECT_EQ(input_error([&] { (void)network_of(b.graph); }),
            "g.onnx: node \"conv\" (Conv): convolves maps of 3 dimensions; the crossbars' mapping "
            "knows 1 and 2");
}

TEST(NetworkOf, EmptyTensorsAreRefused) {
  GraphBuilder b;
  const int x = b.input("x", {1, 4});
  const int none =
      b.node("Slice",
             {x, b.constant(integer_array({1}, {0})), b.constant(integer_array({1}, {0})),
              b.constant(integer_array({1}, {1}))},
             {}, "cut");
  b.output(none);
  EXPECT_EQ(input_error([&] { (void)network_of(b.graph); }),
            "g.onnx: node \"cut\" (Slice): layer \"cut\": the output shape 0 has an extent of 0; "
            "expected 1 or more");
}

}  // namespace
}  // namespace pimento::workloads
