// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/fold.h"

#include <gtest/gtest.h>

#include "tests/workloads/graph/graph_builder.h"
#include "tests/workloads/support.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

using Numbers = std::vector<std::int64_t>;

Array list(Numbers values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return integer_array({count}, std::move(values));
}

Array zeros(Shape shape) {
  return make_array(ElementType::kFloat32, std::move(shape));
}

TEST(Fold, QuantizersAreKnownByName) {
  for (const char* op :
       {"QuantizeLinear", "DequantizeLinear", "Quant", "BipolarQuant", "Trunc", "FakeQuantize"}) {
    EXPECT_TRUE(is_quantizer(op)) << op;
  }
  for (const char* op : {"DynamicQuantizeLinear", "QLinearConv", "Clip", ""}) {
    EXPECT_FALSE(is_quantizer(op)) << op;
  }
}

TEST(Fold, WhatConstantsAloneDecideIsComputed) {
  GraphBuilder builder;
  const int sum = builder.node("Add", {builder.constant(real_array({2}, {1, 2})),
                                       builder.constant(real_array({2}, {10, 20}))});
  const int twice = builder.node("Add", {sum, sum});
  EXPECT_TRUE(builder.graph.nodes.empty());
  EXPECT_EQ(decode(*builder.graph.constant(twice)), real_array({2}, {22, 44}));
  EXPECT_EQ(builder.graph.value(twice).shape, Shape{2});
}

TEST(Fold, QuantizersStayOnConstantsToo) {
  GraphBuilder builder;
  const int scale = builder.scalar(0.5);
  const int steps = builder.node("QuantizeLinear", {builder.constant(real_array({1}, {1})), scale});
  const int real = builder.node("DequantizeLinear", {steps, scale});
  const int negative = builder.node("Neg", {real});
  EXPECT_EQ(builder.graph.nodes.size(), 3U);
  EXPECT_FALSE(builder.graph.is_constant(negative));
  EXPECT_EQ(builder.graph.value(steps).type, ElementType::kUint8);
  EXPECT_EQ(builder.graph.value(negative).type, ElementType::kFloat32);
}

TEST(Fold, ShapesAreKnownWithoutTheirValues) {
  GraphBuilder builder(15);
  const int x = builder.input("x", {1, 3, 8, 6});
  const int spatial = builder.node("Shape", {x}, {{"start", std::int64_t{2}}});
  const int count = builder.node("Size", {x});
  EXPECT_TRUE(builder.graph.nodes.empty());
  EXPECT_EQ(decode(*builder.graph.constant(spatial)), list({8, 6}));
  EXPECT_EQ(decode(*builder.graph.constant(count)), integer_array({}, {144}));
}

TEST(Fold, ComputedShapesGiveTheFormsOfWhatFollows) {
  GraphBuilder builder;
  const int x = builder.input("x", {1, 3, 4});
  const int shape = builder.node("Shape", {x});
  const int last = builder.node("Gather", {shape, builder.constant(list({2}))});
  const int to =
      builder.node("Concat", {last, builder.constant(list({-1}))}, {{"axis", std::int64_t{0}}});
  const int y = builder.node("Reshape", {x, to});
  EXPECT_EQ(builder.graph.nodes.size(), 1U);
  EXPECT_EQ(builder.graph.value(y).shape, (Shape{4, 3}));
}

TEST(Fold, EveryOutputOfANodeIsComputed) {
  GraphBuilder builder;
  const auto parts = builder.nodes(
      "Split", {builder.constant(list({1, 2, 3})), builder.constant(list({1, 2}))}, 2);
  EXPECT_TRUE(builder.graph.nodes.empty());
  EXPECT_EQ(decode(*builder.graph.constant(parts[0])), list({1}));
  EXPECT_EQ(decode(*builder.graph.constant(parts[1])), list({2, 3}));
}

TEST(Fold, OutputsNobodyWantsAreSkipped) {
  Graph graph;
  const Array image = real_array({1, 1, 1, 3}, {1, 3, 2});
  const int data = graph.add_value({"d", image.type, image.shape, encode(image)});
  const int indices = graph.add_value({"i", {}, {}, std::nullopt});
  Node node{"n", "MaxPool", 13, {data}, {kNoValue, indices}, {}};
  node.attributes["kernel_shape"] = Numbers{1, 3};
  Folder().add(graph, node, "here");
  EXPECT_EQ(decode(*graph.constant(indices)), integer_array({1, 1, 1, 1}, {1}));
}

TEST(Fold, MistakesNameTheirPlace) {
  GraphBuilder builder;
  const int x = builder.input("x", {2, 3});
  EXPECT_EQ(input_error([&] { builder.node("MatMul", {x, x}, {}, "product"); }),
            "g.onnx: node \"product\" (MatMul): the shapes 2x3 and 2x3 do not multiply: 3 columns "
            "meet 2 rows");
  EXPECT_EQ(input_error([&] {
              builder.node("Div", {builder.scalar(1, ElementType::kInt64),
                                   builder.scalar(0, ElementType::kInt64)});
            }),
            "g.onnx: node \"Div\" (Div): divides an integer by zero");
}

std::int64_t cost(const GraphBuilder& builder) {
  return cost_of(builder.graph, builder.graph.nodes.back());
}

TEST(FoldCost, CountsWhatIsReadMadeAndDone) {
  GraphBuilder builder;
  const int x = builder.input("x", {2, 3, 4});
  builder.node("Relu", {x});
  EXPECT_EQ(cost(builder), 24 + 24);
  builder.node("MatMul", {x, builder.constant(zeros({4, 5}))});
  EXPECT_EQ(cost(builder), 24 + 20 + 30 * 4);
  const int image = builder.input("image", {1, 2, 8, 8});
  builder.node("Conv", {image, builder.constant(zeros({3, 2, 3, 3}))});
  EXPECT_EQ(cost(builder), 128 + 54 + 3 * 36 * 18);
  builder.node("AveragePool", {image}, {{"kernel_shape", Numbers{4, 4}}});
  EXPECT_EQ(cost(builder), 128 + 50 * 16);
}

TEST(FoldCost, NeverLeaves64Bits) {
  GraphBuilder builder;
  const int x = builder.input("x", {1 << 20, (1 << 19) - 1});
  const int turned = builder.node("Transpose", {x});
  builder.node("MatMul", {turned, x});
  EXPECT_EQ(cost(builder), (std::int64_t{1} << 20) * ((1 << 19) - 1) * 2 +
                               std::int64_t{(1 << 19) - 1} * ((1 << 19) - 1) * (1 << 20));
  // 4098 x 4098 places of 2^40 values each.
  constexpr std::int64_t kPad = (1 << 19) + 2048;
  const int image = builder.input("image", {1, 1, 1, 1});
  builder.node("AveragePool", {image},
               {{"kernel_shape", Numbers{1 << 20, 1 << 20}}, {"pads", Numbers(4, kPad)}});
  EXPECT_EQ(cost(builder), kMaxMacs);
}

// Little files can ask for much: these nodes stay, as computing them would take minutes to years.
TEST(FoldCost, WhatCostsTooMuchIsLeftForLater) {
  GraphBuilder builder;
  const auto stays = [&](int value) {
    return !builder.graph.is_constant(value) && !builder.graph.nodes.empty();
  };
  EXPECT_TRUE(stays(builder.node("ConstantOfShape", {builder.constant(list({1 << 14, 1 << 15}))})));
  const int matrix = builder.node("ConstantOfShape", {builder.constant(list({1024, 1024}))});
  ASSERT_TRUE(builder.graph.is_constant(matrix));
  EXPECT_TRUE(stays(builder.node("MatMul", {matrix, matrix})));
  const int image = builder.node("ConstantOfShape", {builder.constant(list({1, 1, 1024, 1024}))});
  const int kernel = builder.node("ConstantOfShape", {builder.constant(list({1, 1, 512, 512}))});
  EXPECT_TRUE(stays(builder.node("Conv", {image, kernel})));
  EXPECT_TRUE(stays(builder.node("AveragePool", {image}, {{"kernel_shape", Numbers{512, 512}}})));
  const int deep = builder.node("ConstantOfShape", {builder.constant(list({1, 1 << 20}))});
  EXPECT_TRUE(stays(builder.node("LRN", {deep}, {{"size", std::int64_t{1} << 40}})));
  EXPECT_EQ(builder.graph.nodes.size(), 5U);
}

TEST(FoldCost, TheBudgetIsForTheWholeGraph) {
  GraphBuilder builder;
  const int matrix = builder.node("ConstantOfShape", {builder.constant(list({512, 512}))});
  int folded = 0;
  for (int i = 0; i < 4; ++i) {
    if (builder.graph.is_constant(builder.node("MatMul", {matrix, matrix}))) ++folded;
  }
  EXPECT_EQ(folded, 1);  // 2^27 operations each and some, of 2^28
}

}  // namespace
}  // namespace pimento::workloads
