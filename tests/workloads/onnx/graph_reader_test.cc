// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/graph_reader.h"

#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/workloads/onnx/model_builder.h"
#include "tests/workloads/support.h"
#include "workloads/importers.h"
#include "workloads/onnx/graph_order.h"
#include "workloads/onnx/operator_names.h"

namespace pimento::workloads::onnx_import {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// x -> Relu -> y, to be spoilt.
ModelBuilder relu_model() {
  ModelBuilder model;
  model.input("x", {1, 4}).output("y");
  model.node("Relu", {"x"}, {"y"}, "act");
  return model;
}

TEST(OnnxGraph, FillsTheNetworksOwnFields) {
  ModelBuilder model;
  model.input("x", {-1, 3, 8, 8}).output("y").floats("stem.weight", {4, 3, 3, 3});
  model.node("Conv", {"x", "stem.weight"}, {"y"});
  model.proto.set_producer_name("py\ntorch");
  model.proto.set_producer_version("1.13");
  const Network network = read_onnx(model.proto.SerializeAsString(), "some/where/little.net.onnx");
  EXPECT_EQ(network.name, "little.net");
  EXPECT_EQ(network.source, "some/where/little.net.onnx");
  EXPECT_EQ(network.description, "ONNX, opset 13, from py\\x0atorch 1.13");
  EXPECT_EQ(network.weight_origin.str(), "file some/where/little.net.onnx");
  EXPECT_EQ(network.input_shape, (Shape{3, 8, 8}));
  EXPECT_EQ(network.layers[0].name, "stem");
  EXPECT_EQ(network.layers[0].inputs, std::vector<int>{kNetworkInput});
}

TEST(OnnxGraph, ANetworkWithoutWeightsIsRefusedAsAWhole) {
  const std::string content = relu_model().proto.SerializeAsString();
  EXPECT_EQ(input_error([&] { (void)read_onnx(content, "m.onnx"); }),
            "m.onnx: the network has no conv or linear layer; there is nothing to map");
}

TEST(OnnxGraph, NodesMayStandInAnyOrder) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("y");
  model.node("Add", {"a", "b"}, {"y"}, "sum");
  model.node("Relu", {"a"}, {"b"}, "second");
  model.node("Relu", {"x"}, {"a"}, "first");
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 3U);
  EXPECT_EQ(network.layers[0].name, "first");
  EXPECT_EQ(network.layers[1].name, "second");
  EXPECT_EQ(network.layers[2].name, "sum");
  EXPECT_EQ(network.layers[2].inputs, (std::vector<int>{0, 1}));
}

TEST(OnnxGraph, AValidOrderOfTheFileIsKept) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("y");
  model.node("Relu", {"x"}, {"late"}, "0");
  model.node("Relu", {"x"}, {"early"}, "1");
  model.node("Relu", {"early"}, {"deep"}, "2");
  model.node("Relu", {"late"}, {"shallow"}, "3");
  model.node("Add", {"deep", "shallow"}, {"y"}, "4");
  const Network network = model.read();
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(network.layers[i].name, fmt::format("{}", i));
}

TEST(OnnxGraph, NodesTheOutputDoesNotNeedAreLeftOut) {
  ModelBuilder model = relu_model();
  model.node("NonZero", {"y"}, {"z"}, "unused");
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 1U);
  EXPECT_EQ(network.layers[0].name, "act");
}

TEST(OnnxGraph, RefusesUnknownOperatorsByName) {
  ModelBuilder model = relu_model();
  auto* node = model.proto.mutable_graph()->mutable_node(0);
  node->set_op_type("Foo");
  node->set_name("conv_12");
  const std::string known = " is not supported; known operators: " + join(standard_operators());
  EXPECT_EQ(model.error(),
            "m.onnx: node \"conv_12\": operator \"Foo\" (domain \"ai.onnx\")" + known);
  node->set_op_type("Relu");
  node->set_domain("x");
  EXPECT_EQ(model.error(), "m.onnx: node \"conv_12\": operator \"Relu\" (domain \"x\")" + known);
  node->set_domain("ai.onnx");
  EXPECT_EQ(model.error(), "");
}

TEST(OnnxGraph, RefusesCyclesNamingANodeOnThem) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("y");
  model.node("Relu", {"c"}, {"y"}, "behind");
  model.node("Add", {"x", "c"}, {"b"}, "in");
  model.node("Relu", {"b"}, {"c"}, "back");
  EXPECT_THAT(model.error(),
              testing::AnyOf("m.onnx: node \"in\": needs its own output: the graph has a cycle",
                             "m.onnx: node \"back\": needs its own output: the graph has a "
                             "cycle"));
  ModelBuilder self;
  self.input("x", {1, 4}).output("y");
  self.node("Add", {"x", "y"}, {"y"}, "self");
  EXPECT_EQ(self.error(), "m.onnx: node \"self\": needs its own output: the graph has a cycle");
}

TEST(OnnxGraph, RefusesTensorsThatNobodyOrTwoMake) {
  ModelBuilder dangling = relu_model();
  dangling.proto.mutable_graph()->mutable_node(0)->set_input(0, "no\x1bwhere");
  EXPECT_EQ(dangling.error(),
            "m.onnx: node \"act\": input \"no\\x1bwhere\" is made by no node and is no initializer "
            "or graph input");
  ModelBuilder twice = relu_model();
  twice.node("Relu", {"x"}, {"y"});
  const std::string again = " is defined a second time here; expected names of their own";
  EXPECT_EQ(twice.error(), "m.onnx: node 1 (output \"y\"): output \"y\"" + again);
  ModelBuilder over_input = relu_model();
  over_input.node("Relu", {"y"}, {"x"});
  EXPECT_EQ(over_input.error(), "m.onnx: node 1 (output \"x\"): output \"x\"" + again);
  ModelBuilder initializers = relu_model();
  initializers.floats("w", {1}).floats("w", {1});
  EXPECT_EQ(initializers.error(), "m.onnx: two initializers have the name \"w\"; expected one");
}

TEST(OnnxGraph, SecondOutputsAreLayersOfTheirOwn) {
  ModelBuilder model;
  model.input("x", {1, 1, 4, 4}).output("y");
  set_ints(model.node("MaxPool", {"x"}, {"p", "indices"}, "pool"), "kernel_shape", {2, 2});
  model.node("Relu", {"indices"}, {"y"}, "act");
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 2U);
  EXPECT_EQ(network.layers[0].name, "pool");
  EXPECT_EQ(network.layers[1].inputs, std::vector<int>{0});
}

TEST(OnnxGraph, OptionalOutputsMayBeLeftOut) {
  ModelBuilder model;
  model.input("x", {1, 1, 4, 4}).output("indices");
  set_ints(model.node("MaxPool", {"x"}, {"", "indices"}, "pool"), "kernel_shape", {2, 2});
  EXPECT_EQ(model.read().layers.size(), 1U);
  ModelBuilder trailing = relu_model();
  trailing.proto.mutable_graph()->mutable_node(0)->add_output("");
  EXPECT_EQ(trailing.error(), "");
  trailing.proto.mutable_graph()->mutable_node(0)->set_output(1, "second");
  EXPECT_EQ(trailing.error(), "m.onnx: node \"act\": has 2 outputs; expected at most 1");
}

TEST(OnnxGraph, SeveralOutputsLeaveTheNetwork) {
  ModelBuilder model = relu_model();
  model.output("z");
  model.node("Sigmoid", {"x"}, {"z"}, "other");
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 2U);
  EXPECT_TRUE(network.layers[0].leaves);
  EXPECT_TRUE(network.layers[1].leaves);
  EXPECT_EQ(network.graph->outputs.size(), 2U);
}

TEST(OnnxGraph, RefusesGraphsWithoutOutputs) {
  ModelBuilder model = relu_model();
  model.proto.mutable_graph()->clear_output();
  EXPECT_EQ(model.error(), "m.onnx: the graph has no output; expected one");
  model.output("x");
  EXPECT_EQ(model.error(), "m.onnx: the graph's output \"x\" is made by no node");
  ModelBuilder empty;
  empty.input("x", {1, 4}).output("x");
  EXPECT_EQ(empty.error(), "m.onnx: the graph has no nodes; expected a network");
  ModelBuilder mute = relu_model();
  mute.proto.mutable_graph()->mutable_node(0)->clear_output();
  EXPECT_EQ(mute.error(), "m.onnx: node \"act\": has no output; expected one");
}

TEST(OnnxGraph, SeveralInputsAreTheNetworks) {
  ModelBuilder model = relu_model();
  model.input("w", {-1, 2, 3});
  Network network = model.read();
  EXPECT_EQ(network.input_shape, Shape{4});
  ASSERT_EQ(network.more_inputs.size(), 1U);
  EXPECT_EQ(network.more_inputs[0].name, "w");
  EXPECT_EQ(network.more_inputs[0].shape, (Shape{2, 3}));
  model.floats("w", {1});  // now a default, as files of old list them
  EXPECT_TRUE(model.read().more_inputs.empty());
  model.proto.mutable_graph()->clear_input();
  EXPECT_EQ(model.error(),
            "m.onnx: node \"act\": input \"x\" is made by no node and is no initializer or graph "
            "input");
  model.proto.mutable_graph()->mutable_node(0)->set_input(0, "w");
  EXPECT_EQ(model.error(), "m.onnx: the graph has no input; expected one");
}

TEST(OnnxGraph, RefusesGraphsThatComputeNothing) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("y").floats("w", {4});
  model.node("Identity", {"w"}, {"y"});
  EXPECT_EQ(model.error(), "m.onnx: the graph's output is a constant; expected a computed tensor");
  ModelBuilder quantizer;
  quantizer.input("x", {1, 4}).output("y").floats("s", {}, {0.5F});
  quantizer.node("QuantizeLinear", {"x", "s"}, {"y"});
  EXPECT_EQ(quantizer.error(), "m.onnx: the graph computes nothing; expected a network");
}

TEST(OnnxGraph, ConstantsAreComputedAtOnceButForQuantizers) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("y").floats("a", {4}).floats("s", {}, {0.5F});
  model.node("Neg", {"a"}, {"b"});
  model.node("QuantizeLinear", {"b", "s"}, {"q"});
  model.node("DequantizeLinear", {"q", "s"}, {"d"});
  model.node("Mul", {"x", "d"}, {"m"});
  model.node("Add", {"m", "b"}, {"y"});
  const Graph graph = read_onnx_graph(model.proto.SerializeAsString(), "m.onnx");
  std::vector<std::string> left;
  for (const Node& node : graph.nodes) left.push_back(node.op);
  EXPECT_EQ(left, (std::vector<std::string>{"QuantizeLinear", "DequantizeLinear", "Mul", "Add"}));
  const int negated = graph.nodes[3].inputs[1];
  EXPECT_EQ(decode(*graph.value(negated).constant), real_array({4}, {-1, -2, -3, -4}));
  EXPECT_EQ(graph.value(negated).name, "b");
  EXPECT_EQ(graph.source, "m.onnx");
  EXPECT_EQ(graph.nodes[2].version, 13);
}

TEST(OnnxGraph, RefusesInputsWithoutAFixedShape) {
  const auto error_of = [](const Extents& extents) {
    ModelBuilder model;
    model.input("x", extents).output("y");
    model.node("Relu", {"x"}, {"y"}, "n");
    return model.error();
  };
  EXPECT_EQ(error_of({-1, 4}), "");
  EXPECT_EQ(error_of({7, 4}), "");
  EXPECT_EQ(error_of({4}), "");
  EXPECT_EQ(error_of({}), "");
  EXPECT_EQ(error_of({1, 4, -1}),
            "m.onnx: input \"x\": dimension 2 (\"N\") is open; only the batch may be; set "
            "network.inputs.x to the whole shape, or export the model with one");
  EXPECT_EQ(
      error_of({1, 0}),
      "m.onnx: node \"n\" (Relu): layer \"n\": the input shape 0 has an extent of 0; expected "
      "1 or more");
  EXPECT_EQ(error_of({-2, 4}), "m.onnx: input \"x\": dimension 0 is -2; expected 0 or more");
  EXPECT_EQ(error_of(Extents(9, 1)), "m.onnx: input \"x\": has the rank 9; expected at most 8");
  EXPECT_EQ(error_of({1, std::int64_t{1} << 62, 4}),
            "m.onnx: input \"x\": 1x4611686018427387904x4 is 2^40 values or more; expected fewer");
  ModelBuilder shapeless = relu_model();
  auto* type = shapeless.proto.mutable_graph()->mutable_input(0)->mutable_type();
  type->mutable_tensor_type()->clear_shape();
  EXPECT_EQ(shapeless.error(),
            "m.onnx: input \"x\": has no declared tensor shape; expected batch "
            "x ...; export the model with one");
  type->mutable_tensor_type()->set_elem_type(::onnx::TensorProto::STRING);
  EXPECT_EQ(shapeless.error(), "m.onnx: input \"x\": data type STRING is not read");
  type->clear_tensor_type();
  EXPECT_EQ(shapeless.error(), "m.onnx: input \"x\": is no tensor; expected one");
}

class OnnxOptionsTest : public testing::Test {
 protected:
  // x of an open batch and an open length, reshaped as the input "to" says.
  OnnxOptionsTest() {
    model_.input("x", {-1, -1}).input("to", {2}).output("y");
    model_.proto.mutable_graph()
        ->mutable_input(1)
        ->mutable_type()
        ->mutable_tensor_type()
        ->set_elem_type(::onnx::TensorProto::INT64);
    model_.node("Reshape", {"x", "to"}, {"y"}, "n");
  }
  [[nodiscard]] Graph read() const {
    return read_onnx_graph(model_.proto.SerializeAsString(), "m.onnx", options_);
  }
  [[nodiscard]] std::string error() const {
    return input_error([&] { (void)read(); });
  }
  ModelBuilder model_;
  OnnxOptions options_;
};

TEST_F(OnnxOptionsTest, ShapesMayBeGiven) {
  EXPECT_THAT(error(), StartsWith("m.onnx: input \"x\": dimension 1 (\"N\") is open"));
  options_.input_shapes["x"] = {2, 6};
  EXPECT_THAT(error(), HasSubstr("node \"n\": input 1 is computed while the network runs"));
  options_.fixed_inputs["to"] = encode(integer_array({2}, {3, -1}));
  const Graph graph = read();
  EXPECT_EQ(graph.inputs.size(), 1U);
  EXPECT_EQ(graph.value(graph.inputs[0]).shape, (Shape{2, 6}));
  EXPECT_EQ(graph.value(graph.outputs[0]).shape, (Shape{3, 4}));
  options_.input_shapes["z"] = {1};
  EXPECT_EQ(error(), "m.onnx: is given a shape for the input \"z\"; its inputs are: x, to");
}

TEST(OnnxOptions, TheBatchIsOneUnlessItIsKept) {
  ModelBuilder model;
  model.input("x", {5, 4}).output("y");
  model.node("Relu", {"x"}, {"y"});
  OnnxOptions options;
  const auto batch = [&] {
    const Graph graph = read_onnx_graph(model.proto.SerializeAsString(), "m.onnx", options);
    return graph.value(graph.outputs[0]).shape[0];
  };
  EXPECT_EQ(batch(), 1);
  options.keep_batch = true;
  EXPECT_EQ(batch(), 5);
}

TEST(OnnxGraph, NetworkErrorsNameFileAndNode) {
  ModelBuilder model;
  model.input("x", {1, 2, 4, 4}).output("y").floats("c.weight", {4, 3, 1, 1});
  model.node("Conv", {"x", "c.weight"}, {"y"}, "conv\t1");
  EXPECT_EQ(model.error(),
            "m.onnx: node \"conv\\x091\": the weight has the shape 4x3x1x1; expected 2 input "
            "channels a group");
}

TEST(OnnxGraph, ManyNodesTakeLinearTime) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("t99999");
  for (int i = 0; i < 100'000; ++i) {
    model.node("Relu", {i == 0 ? "x" : fmt::format("t{}", i - 1)}, {fmt::format("t{}", i)}, "same");
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(model.read().layers.size(), 100'000U);
  // Seconds at most even when instrumented; a quadratic search takes minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
  model.node("Relu", {"t0"}, {"one more"});
  EXPECT_EQ(model.error(), "m.onnx: the graph has 100001 nodes; expected at most 100000");
}

TEST(OnnxGraph, ALongCycleIsFound) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("t0");
  constexpr int kNodes = 100'000;
  for (int i = 0; i < kNodes; ++i) {
    model.node("Relu", {fmt::format("t{}", (i + 1) % kNodes)}, {fmt::format("t{}", i)});
  }
  EXPECT_THAT(model.error(), HasSubstr("the graph has a cycle"));
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
