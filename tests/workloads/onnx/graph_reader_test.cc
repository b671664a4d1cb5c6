// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/graph_reader.h"

#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/onnx/model_builder.h"
#include "tests/workloads/support.h"
#include "workloads/importers.h"
#include "workloads/onnx/graph_order.h"

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
  const std::string known =
      " is not supported; known operators: Add, AveragePool, BatchNormalization, Clip, Constant, "
      "Conv, Dropout, Flatten, Gemm, GlobalAveragePool, GlobalMaxPool, Identity, MatMul, MaxPool, "
      "Relu, Reshape, Softmax";
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

TEST(OnnxGraph, RefusesSecondOutputs) {
  ModelBuilder model;
  model.input("x", {1, 1, 4, 4}).output("y");
  set_ints(model.node("MaxPool", {"x"}, {"p", "indices"}, "pool"), "kernel_shape", {2, 2});
  model.node("Relu", {"indices"}, {"y"}, "act");
  EXPECT_EQ(model.error(),
            "m.onnx: node \"act\": input \"indices\" is output 1 of operator "
            "MaxPool; only first outputs are read");
  model.proto.mutable_graph()->mutable_output(0)->set_name("indices");
  EXPECT_EQ(model.error(),
            "m.onnx: the graph's output \"indices\" is not the first output of any node");
}

TEST(OnnxGraph, RefusesGraphsWithoutOneInputAndOneOutput) {
  ModelBuilder model = relu_model();
  model.output("z");
  EXPECT_EQ(model.error(),
            "m.onnx: the graph has 2 outputs; expected one; export the model with "
            "its main output alone");
  model.proto.mutable_graph()->clear_output();
  EXPECT_THAT(model.error(), StartsWith("m.onnx: the graph has 0 outputs; expected one"));
  model.output("x");
  EXPECT_EQ(model.error(), "m.onnx: the graph's output \"x\" is not the first output of any node");

  ModelBuilder inputs = relu_model();
  inputs.input("w", {1});
  EXPECT_EQ(inputs.error(),
            "m.onnx: the graph has 2 inputs without values (\"x\", \"w\"); expected "
            "one; weights must be initializers");
  inputs.floats("w", {1});  // now a default, as files of old list them
  EXPECT_EQ(inputs.error(), "");
  inputs.proto.mutable_graph()->clear_input();
  EXPECT_EQ(inputs.error(), "m.onnx: the graph has no input; expected one");

  ModelBuilder empty;
  empty.input("x", {1, 4}).output("x");
  EXPECT_EQ(empty.error(), "m.onnx: the graph has no nodes; expected a network");
  ModelBuilder mute = relu_model();
  mute.proto.mutable_graph()->mutable_node(0)->clear_output();
  EXPECT_EQ(mute.error(), "m.onnx: node \"act\": has no output; expected one");
}

TEST(OnnxGraph, RefusesGraphsThatComputeNothing) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("y").floats("w", {4});
  model.node("Identity", {"w"}, {"y"});
  EXPECT_EQ(model.error(), "m.onnx: the graph computes nothing; expected a network");
}

TEST(OnnxGraph, RefusesInputsWithoutAFixedShape) {
  const auto error_of = [](const Extents& extents) {
    ModelBuilder model;
    model.input("x", extents).output("y");
    model.node("Relu", {"x"}, {"y"});
    return model.error();
  };
  EXPECT_EQ(error_of({-1, 4}), "");
  EXPECT_EQ(error_of({7, 4}), "");
  EXPECT_EQ(error_of({1, 4, -1}),
            "m.onnx: input \"x\": dimension 2 (\"N\") is open; only the "
            "batch may be; export the model with a fixed size");
  EXPECT_EQ(error_of({1, 0}), "m.onnx: input \"x\": dimension 1 is 0; expected 1 or more");
  EXPECT_EQ(error_of({-2, 4}), "m.onnx: input \"x\": dimension 0 is -2; expected 1 or more");
  EXPECT_EQ(error_of({4}), "m.onnx: input \"x\": has the rank 1; expected 2 to 8, the batch first");
  EXPECT_EQ(error_of(Extents(9, 1)),
            "m.onnx: input \"x\": has the rank 9; expected 2 to 8, the batch first");
  EXPECT_EQ(error_of({1, std::int64_t{1} << 62, 4}),
            "m.onnx: input \"x\": 4611686018427387904x4 is 2^40 values or more; expected fewer");
  ModelBuilder shapeless = relu_model();
  shapeless.proto.mutable_graph()->mutable_input(0)->clear_type();
  EXPECT_EQ(shapeless.error(),
            "m.onnx: input \"x\": has no declared tensor shape; expected batch "
            "x ...; export the model with one");
}

TEST(OnnxGraph, NetworkErrorsNameFileAndNode) {
  ModelBuilder model;
  model.input("x", {1, 2, 4, 4}).output("y").floats("c.weight", {4, 3, 1, 1});
  model.node("Conv", {"x", "c.weight"}, {"y"}, "conv\t1");
  EXPECT_EQ(model.error(),
            "m.onnx: node \"conv\\x091\": layer \"c\": its weight has the shape "
            "4x3x1x1; expected 4x2x1x1");
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
