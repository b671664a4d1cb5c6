// SPDX-License-Identifier: Apache-2.0
#include "workloads/quantization/apply_encodings.h"

#include <gtest/gtest.h>

#include "tests/workloads/graph/graph_builder.h"
#include "tests/workloads/support.h"
#include "workloads/executor.h"
#include "workloads/lowering/network_of.h"

namespace pimento::workloads {
namespace {

using Values = std::vector<double>;

TensorEncoding encoding(const std::string& tensor, Values scales, int bits = 4, int axis = -1) {
  TensorEncoding result;
  result.tensor = tensor;
  result.bits = bits;
  result.is_signed = true;
  result.zero_points = std::vector<std::int64_t>(scales.size(), 0);
  result.scales = std::move(scales);
  result.axis = axis;
  return result;
}

// y = x W, with x of two features and W of two by three.
GraphBuilder product() {
  GraphBuilder builder;
  const int x = builder.input("x", {1, 2});
  const int weight = builder.constant(real_array({2, 3}, {1.1, -0.6, 0.2, 9.0, 0.4, -0.9}));
  builder.graph.values[static_cast<std::size_t>(weight)].name = "w";
  const int y = builder.node("MatMul", {x, weight}, {}, "fc");
  builder.graph.values[static_cast<std::size_t>(y)].name = "y";
  builder.output(y);
  return builder;
}

Values run(const Graph& graph, const Values& x) {
  return Executor(graph).run({real_array({1, 2}, x)})[0].reals;
}

std::string error_of(const GraphBuilder& builder, const std::vector<TensorEncoding>& encodings) {
  return input_error([&] { (void)apply_encodings(builder.graph, encodings, "m.encodings"); });
}

TEST(ApplyEncodings, InputsConstantsAndOutputsAreQuantized) {
  const Graph graph = apply_encodings(
      product().graph, {encoding("x", {0.5}), encoding("w", {0.5}), encoding("y", {2.0})},
      "m.encodings");
  // x: 1.3 -> 1.5, -9 -> -4; w: 1, -0.5, 0 / 3.5, 0.5, -1; y: -12.5, -2.75, 4 -> steps of 2.
  EXPECT_EQ(run(graph, {1.3, -9.0}), (Values{-12.0, -2.0, 4.0}));
}

TEST(ApplyEncodings, NothingNamedNothingChanged) {
  const GraphBuilder builder = product();
  const Graph graph = apply_encodings(builder.graph, {}, "m.encodings");
  EXPECT_EQ(graph.nodes.size(), builder.graph.nodes.size());
  EXPECT_EQ(run(graph, {1, 0}), run(builder.graph, {1, 0}));
}

TEST(ApplyEncodings, FloatsChangeNothing) {
  TensorEncoding half = encoding("w", {1.0}, 16);
  half.is_float = true;
  EXPECT_EQ(apply_encodings(product().graph, {half}, "m.encodings").nodes.size(), 1U);
}

TEST(ApplyEncodings, AScaleAChannel) {
  const Graph graph =
      apply_encodings(product().graph, {encoding("w", {1.0, 0.25, 0.5}, 4, 1)}, "m.encodings");
  EXPECT_EQ(run(graph, {1, 0}), (Values{1.0, -0.5, 0.0}));
  EXPECT_EQ(run(graph, {0, 1}), (Values{7.0, 0.5, -1.0}));
  const Network network = network_of(graph);
  const Layer& fc = network.layers[static_cast<std::size_t>(network.find("fc"))];
  ASSERT_TRUE(fc.stored);
  EXPECT_EQ(fc.stored->bits, 4);
  EXPECT_EQ(decode(fc.stored->integers).integers, (std::vector<std::int64_t>{1, 7, -2, 2, 0, -2}));
}

TEST(ApplyEncodings, AScaleABlock) {
  // Blocks of two along axis 1: columns 0 and 1, and column 2 alone.
  TensorEncoding blocks = encoding("w", {1.0, 0.1, 3.0, 0.5}, 4, 1);
  blocks.block_size = 2;
  const Graph graph = apply_encodings(product().graph, {blocks}, "m.encodings");
  const Values first = run(graph, {1, 0});
  EXPECT_EQ(first[0], 1.0);
  EXPECT_EQ(first[1], -1.0);
  EXPECT_NEAR(first[2], 0.2, 1e-7);
  EXPECT_EQ(run(graph, {0, 1}), (Values{9.0, 0.0, -1.0}));
}

TEST(ApplyEncodings, NarrowLeavesOutTheLowest) {
  TensorEncoding narrow = encoding("x", {1.0}, 3);
  EXPECT_EQ(run(apply_encodings(product().graph, {narrow}, "m"), {-9, 0})[0],
            run(product().graph, {-4, 0})[0]);
  narrow.is_narrow = true;
  EXPECT_EQ(run(apply_encodings(product().graph, {narrow}, "m"), {-9, 0})[0],
            run(product().graph, {-3, 0})[0]);
}

TEST(ApplyEncodings, RefusesTensorsOfAnotherModel) {
  EXPECT_EQ(error_of(product(), {encoding("x", {1.0}), encoding("conv.weight", {1.0})}),
            "m.encodings: 1 of its tensors are not in g.onnx: conv.weight; export model and "
            "encodings together");
  std::vector<TensorEncoding> many;
  for (int i = 0; i < 7; ++i) many.push_back(encoding("t" + std::to_string(i), {1.0}));
  EXPECT_EQ(error_of(product(), many),
            "m.encodings: 7 of its tensors are not in g.onnx: t0, t1, t2, t3, t4, ...; export "
            "model and encodings together");
}

TEST(ApplyEncodings, RefusesScalesThatDoNotFit) {
  const std::string place = "m.encodings: tensor \"w\" has ";
  EXPECT_EQ(error_of(product(), {encoding("w", {1.0, 2.0}, 4, 1)}),
            place + "2 scales along axis 1; its shape is 2x3");
  EXPECT_EQ(error_of(product(), {encoding("w", {1.0, 2.0}, 4, 2)}),
            place + "2 scales along axis 2; its shape is 2x3");
  TensorEncoding blocks = encoding("w", {1.0, 2.0, 3.0}, 4, 1);
  blocks.block_size = 2;
  EXPECT_EQ(error_of(product(), {blocks}), place + "3 scales along axis 1; its shape is 2x3");
}

TEST(ApplyEncodings, RefusesTensorsOfIntegers) {
  GraphBuilder builder;
  const int indices = builder.input("i", {2}, ElementType::kInt64);
  const int table = builder.constant(real_array({3}, {1, 2, 3}));
  builder.output(builder.node("Gather", {table, indices}));
  EXPECT_EQ(error_of(builder, {encoding("i", {1.0})}),
            "m.encodings: tensor \"i\" holds int64 in the model; expected real numbers");
}

}  // namespace
}  // namespace pimento::workloads
