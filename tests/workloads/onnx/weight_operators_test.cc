// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/onnx/model_builder.h"
#include "workloads/onnx/operators.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;
using testing::ElementsAre;
using testing::StartsWith;

OneNode conv(const Extents& input, const Extents& weight) {
  OneNode one("Conv", input, {"x", "w"});
  one.model.floats("w", weight);
  return one;
}

TEST(OnnxConv, ReadsEveryAttribute) {
  OneNode one("Conv", {4, 9, 11}, {"x", "w", "b"});
  one.model.floats("w", {6, 2, 3, 2}).floats("b", {6});
  set_int(one.node, "group", 2);
  set_ints(one.node, "kernel_shape", {3, 2});
  set_ints(one.node, "strides", {2, 3});
  set_ints(one.node, "dilations", {1, 2});
  set_ints(one.node, "pads", {1, 2, 3, 4});
  const Layer layer = one.layer();
  const auto& read = std::get<Conv>(layer.operation);
  EXPECT_EQ(read.out_channels, 6);
  EXPECT_EQ(read.groups, 2);
  EXPECT_THAT(read.window.kernel, ElementsAre(3, 2));
  EXPECT_THAT(read.window.stride, ElementsAre(2, 3));
  EXPECT_THAT(read.window.dilation, ElementsAre(1, 2));
  EXPECT_THAT(read.window.pads, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(layer.shape, (Shape{6, 6, 5}));
  EXPECT_EQ(layer.weight->shape, (Shape{6, 2, 3, 2}));
  EXPECT_EQ(layer.weight->values[71], 72.0F);
  EXPECT_EQ(layer.bias->shape, Shape{6});
  EXPECT_TRUE(layer.has_bias);
  EXPECT_FALSE(conv({1, 3, 3}, {1, 1, 1, 1}).layer().has_bias);
}

TEST(OnnxConv, SamePaddingGivesInputOverStride) {
  for (const std::int64_t extent : {1, 4, 5, 6, 7}) {
    for (const std::int64_t kernel : {1, 2, 3, 4}) {
      for (const std::int64_t stride : {1, 2, 3}) {
        for (const char* mode : {"SAME_UPPER", "SAME_LOWER"}) {
          OneNode one = conv({1, extent, extent}, {1, 1, kernel, kernel});
          set_ints(one.node, "strides", {stride, stride});
          set_text(one.node, "auto_pad", mode);
          const std::int64_t places = (extent + stride - 1) / stride;
          EXPECT_EQ(one.layer().shape, (Shape{1, places, places}))
              << mode << " " << extent << " " << kernel << " " << stride;
        }
      }
    }
  }
}

TEST(OnnxConv, SamePaddingPutsTheOddOneWhereItSays) {
  OneNode upper = conv({1, 4, 6}, {1, 1, 2, 4});
  set_text(upper.node, "auto_pad", "SAME_UPPER");
  EXPECT_THAT(std::get<Conv>(upper.layer().operation).window.pads, ElementsAre(0, 1, 1, 2));
  OneNode lower = conv({1, 4, 6}, {1, 1, 2, 4});
  set_text(lower.node, "auto_pad", "SAME_LOWER");
  EXPECT_THAT(std::get<Conv>(lower.layer().operation).window.pads, ElementsAre(1, 2, 0, 1));
  OneNode valid = conv({1, 4, 6}, {1, 1, 2, 4});
  set_text(valid.node, "auto_pad", "VALID");
  EXPECT_THAT(std::get<Conv>(valid.layer().operation).window.pads, ElementsAre(0, 0, 0, 0));
}

TEST(OnnxConv, RefusesBadAttributes) {
  const auto error_with = [](const std::string& name, const Extents& values) {
    OneNode one = conv({4, 8, 8}, {4, 4, 3, 3});
    set_ints(one.node, name, values);
    return one.error();
  };
  EXPECT_EQ(error_with("strides", {0, 1}), "attribute \"strides\" holds 0; expected 1 to 1048576");
  EXPECT_EQ(error_with("strides", {1}), "attribute \"strides\" has 1 integers; expected 2");
  EXPECT_EQ(error_with("dilations", {1, -1}),
            "attribute \"dilations\" holds -1; expected 1 to 1048576");
  EXPECT_EQ(error_with("pads", {0, 0, -1, 0}),
            "attribute \"pads\" holds -1; expected 0 to 1048576");
  EXPECT_EQ(error_with("pads", {0, 0, 0, std::numeric_limits<std::int64_t>::max()}),
            "attribute \"pads\" holds 9223372036854775807; expected 0 to 1048576");
  EXPECT_EQ(error_with("kernel_shape", {3, 2}),
            "attribute \"kernel_shape\" is 3x2, but the weight has the shape 4x4x3x3");
  EXPECT_EQ(error_with("transposed", {1}),
            "attribute \"transposed\" of operator Conv is not known to this importer");

  OneNode mode = conv({4, 8, 8}, {4, 4, 3, 3});
  set_text(mode.node, "auto_pad", "SAME\n");
  EXPECT_EQ(mode.error(),
            "attribute \"auto_pad\" is \"SAME\\x0a\"; expected NOTSET, SAME_UPPER, "
            "SAME_LOWER or VALID");
  OneNode both = conv({4, 8, 8}, {4, 4, 3, 3});
  set_text(both.node, "auto_pad", "SAME_UPPER");
  set_ints(both.node, "pads", {1, 1, 1, 1});
  EXPECT_EQ(both.error(),
            "attribute \"pads\" is given beside auto_pad \"SAME_UPPER\"; expected one of them");
  OneNode twice = conv({4, 8, 8}, {4, 4, 3, 3});
  set_int(twice.node, "group", 1);
  set_int(twice.node, "group", 2);
  EXPECT_EQ(twice.error(), "attribute \"group\" is there twice");
  OneNode kind = conv({4, 8, 8}, {4, 4, 3, 3});
  set_text(kind.node, "group", "2");
  EXPECT_EQ(kind.error(), "attribute \"group\" is no integer");
}

TEST(OnnxConv, RefusesShapesThatDoNotFit) {
  OneNode groups = conv({4, 8, 8}, {4, 1, 3, 3});
  set_int(groups.node, "group", 3);
  EXPECT_EQ(groups.error(),
            "layer \"n\": groups is 3, which does not divide the 4 input channels; "
            "use a divisor");
  OneNode none = conv({4, 8, 8}, {4, 4, 3, 3});
  set_int(none.node, "group", 0);
  EXPECT_EQ(none.error(), "attribute \"group\" is 0; expected 1 to 1099511627776");
  EXPECT_EQ(conv({4, 8, 8}, {4, 4, 0, 3}).error(),
            "layer \"n\": kernel is 0; expected 1 to 1048576");
  EXPECT_EQ(conv({4, 8}, {4, 4, 3}).error(),
            "operator Conv works on 1-D data here (input 4x8 without the batch); expected 2-D "
            "data, channels x height x width");
  EXPECT_EQ(conv({4, 8, 8}, {4, 4, 3}).error(),
            "the weight has the shape 4x4x3; expected out x in x height x width");
  OneNode bias("Conv", {4, 8, 8}, {"x", "w", "b"});
  bias.model.floats("w", {4, 4, 3, 3}).floats("b", {1});
  EXPECT_EQ(bias.error(), "layer \"n\": its bias has the shape 1; expected 4");
}

TEST(OnnxConv, RefusesInputsOfTheWrongKind) {
  EXPECT_EQ(OneNode("Conv", {4, 8, 8}, {"x"}).error(),
            "operator Conv has 1 inputs; expected 2 to 3");
  EXPECT_EQ(OneNode("Conv", {4, 8, 8}, {"x", ""}).error(), "input 1 (weight) is missing");
  EXPECT_EQ(OneNode("Conv", {4, 8, 8}, {"x", "x"}).error(),
            "input 1 (weight), \"x\", is computed; expected a constant");
  OneNode constant("Conv", {4, 8, 8}, {"w", "w"});
  constant.model.floats("w", {4, 4, 3, 3});
  EXPECT_EQ(constant.error(), "input 0 (data), \"w\", is a constant; expected a computed tensor");
}

TEST(OnnxWeights, RefusesWhatIsNotFiniteAndReal) {
  OneNode one("Conv", {1, 2, 2}, {"x", "w"});
  one.model.floats("w", {1, 1, 1, 2}, {1.0F, std::numeric_limits<float>::quiet_NaN()});
  EXPECT_EQ(one.error(),
            "m.onnx: tensor \"w\": value 1 is nan as a 32-bit float; expected finite weights");
  OneNode wide("Conv", {1, 2, 2}, {"x", "w"});
  wide.model.initializer("w", TensorProto::DOUBLE, {1, 1, 1, 1}).add_double_data(1e300);
  EXPECT_EQ(wide.error(),
            "m.onnx: tensor \"w\": value 0 is inf as a 32-bit float; expected finite weights");
  OneNode whole("Conv", {1, 2, 2}, {"x", "w"});
  whole.model.initializer("w", TensorProto::INT8, {1, 1, 1, 1}).add_int32_data(1);
  EXPECT_EQ(whole.error(), "m.onnx: tensor \"w\": holds integers; expected floating-point weights");
}

TEST(OnnxWeights, OneTensorOfManyLayersIsShared) {
  ModelBuilder model;
  model.input("x", {1, 2}).output("c").floats("w", {2, 2});
  model.node("Identity", {"w"}, {"same"});
  model.node("MatMul", {"x", "w"}, {"a"});
  model.node("MatMul", {"a", "same"}, {"b"});
  set_int(model.node("Gemm", {"b", "w"}, {"c"}), "transB", 1);
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 3U);
  EXPECT_EQ(network.layers[0].weight, network.layers[1].weight);
  EXPECT_EQ(network.layers[0].weight->values, (std::vector<float>{1, 3, 2, 4}));
  EXPECT_EQ(network.layers[2].weight->values, (std::vector<float>{1, 2, 3, 4}));
}

TEST(OnnxGemm, TransposesAndScales) {
  OneNode one("Gemm", {2}, {"x", "w", "b"});
  one.model.floats("w", {2, 3}).floats("b", {1, 3});
  set_float(one.node, "alpha", 2.0F);
  set_float(one.node, "beta", 0.5F);
  const Layer layer = one.layer();
  EXPECT_EQ(layer.shape, Shape{3});
  EXPECT_EQ(layer.weight->shape, (Shape{3, 2}));
  EXPECT_EQ(layer.weight->values, (std::vector<float>{2, 8, 4, 10, 6, 12}));
  EXPECT_EQ(layer.bias->shape, Shape{3});
  EXPECT_EQ(layer.bias->values, (std::vector<float>{0.5F, 1.0F, 1.5F}));

  OneNode plain("Gemm", {2}, {"x", "w", "b"});
  plain.model.floats("w", {3, 2}).floats("b", {});
  set_int(plain.node, "transB", 1);
  EXPECT_EQ(plain.layer().weight->values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(plain.layer().bias->values, (std::vector<float>{1, 1, 1}));
}

TEST(OnnxGemm, RefusesWhatIsNoLinearLayer) {
  const auto error_with = [](const Extents& input, const Extents& weight, const Extents& bias,
                             const std::function<void(NodeProto&)>& change) {
    OneNode one("Gemm", input, {"x", "w", "b"});
    one.model.floats("w", weight).floats("b", bias);
    change(one.node);
    return one.error();
  };
  const auto as_it_is = [](NodeProto&) {};
  EXPECT_EQ(error_with({2}, {2, 3}, {3}, as_it_is), "");
  EXPECT_EQ(error_with({2}, {2, 3}, {3}, [](NodeProto& node) { set_int(node, "transA", 1); }),
            "transA is 1; expected 0");
  EXPECT_EQ(error_with({2}, {2, 3}, {3}, [](NodeProto& node) { set_int(node, "transB", 2); }),
            "attribute \"transB\" is 2; expected 0 to 1");
  EXPECT_EQ(error_with({2}, {2, 3}, {3}, [](NodeProto& node) { set_float(node, "alpha", 3e38F); }),
            "a weight times alpha leaves the range of 32-bit floats");
  EXPECT_EQ(error_with({2}, {2, 3}, {3},
                       [](NodeProto& node) {
                         set_float(node, "beta", std::numeric_limits<float>::infinity());
                       }),
            "attribute \"beta\" is inf; expected a finite number");
  EXPECT_EQ(error_with({2, 2}, {2, 3}, {3}, as_it_is),
            "input 0 (A) has the shape 2x2 without the batch; expected one extent");
  EXPECT_EQ(error_with({2}, {2, 3, 1}, {3}, as_it_is), "input 1 (B) has 3 dimensions; expected 2");
  EXPECT_EQ(error_with({2}, {4, 3}, {3}, as_it_is),
            "layer \"n\": its weight has the shape 3x4; expected 3x2");
  EXPECT_EQ(error_with({2}, {2, 3}, {3, 1}, as_it_is),
            "input 2 (C), \"b\", has the shape 3x1; expected 3 values along the last axis");
}

// x -> MatMul by w -> Add b, with x of one position or several.
ModelBuilder product_and_bias(const Extents& input, const Extents& bias) {
  ModelBuilder model;
  model.input("x", input).output("y").floats("w", {2, 3}).floats("b", bias);
  model.node("MatMul", {"x", "w"}, {"p"}, "product");
  model.node("Add", {"p", "b"}, {"y"}, "bias");
  return model;
}

TEST(OnnxMatMul, TakesTheBiasThatFollows) {
  for (const Extents& bias : {Extents{3}, Extents{1, 3}}) {
    const Network network = product_and_bias({1, 2}, bias).read();
    ASSERT_EQ(network.layers.size(), 1U);
    EXPECT_EQ(network.layers[0].name, "product");
    EXPECT_EQ(network.layers[0].weight->values, (std::vector<float>{1, 4, 2, 5, 3, 6}));
    EXPECT_TRUE(network.layers[0].has_bias);
    EXPECT_EQ(network.layers[0].bias->values, (std::vector<float>{1, 2, 3}));
    EXPECT_EQ(network.layers[0].bias->shape, Shape{3});
  }
  ModelBuilder swapped = product_and_bias({1, 5, 2}, {3});
  auto* add = swapped.proto.mutable_graph()->mutable_node(1);
  add->set_input(0, "b");
  add->set_input(1, "p");
  const Network network = swapped.read();
  ASSERT_EQ(network.layers.size(), 1U);
  EXPECT_EQ(network.layers[0].shape, (Shape{5, 3}));
  EXPECT_EQ(network.matrix(0).positions, 5);
}

TEST(OnnxMatMul, WhatFollowsTheBiasUsesTheLayer) {
  ModelBuilder model = product_and_bias({1, 2}, {3});
  model.node("Relu", {"y"}, {"z"});
  model.proto.mutable_graph()->mutable_output(0)->set_name("z");
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 2U);
  EXPECT_EQ(network.layers[1].inputs, std::vector<int>{0});
}

TEST(OnnxMatMul, RefusesABiasOfAnotherForm) {
  EXPECT_EQ(
      product_and_bias({1, 2}, {2}).error(),
      "m.onnx: node \"bias\": input 1 (bias), \"b\", has the shape 2; expected 3 values along "
      "the last axis");
  EXPECT_EQ(product_and_bias({1, 2}, {1, 1, 3}).error(),
            "m.onnx: node \"bias\": the bias has 3 dimensions, more than what it is added to");
}

TEST(OnnxMatMul, RefusesAConstantThatIsNobodysBias) {
  const std::string message =
      "adds a constant; that is read only as the bias of a MatMul or Gemm that has none and whose "
      "output nothing else uses";
  OneNode bare("Add", {3}, {"x", "b"});
  bare.model.floats("b", {3});
  EXPECT_EQ(bare.error(), message);

  ModelBuilder shared = product_and_bias({1, 2}, {3});
  shared.node("Add", {"p", "y"}, {"z"});
  shared.proto.mutable_graph()->mutable_output(0)->set_name("z");
  EXPECT_EQ(shared.error(), "m.onnx: node \"bias\": " + message);

  ModelBuilder twice = product_and_bias({1, 2}, {3});
  twice.node("Add", {"y", "b"}, {"z"}, "again");
  twice.proto.mutable_graph()->mutable_output(0)->set_name("z");
  EXPECT_EQ(twice.error(), "m.onnx: node \"again\": " + message);
}

TEST(OnnxMatMul, RefusesProductsOfTwoComputedTensors) {
  EXPECT_EQ(OneNode("MatMul", {2, 2}, {"x", "x"}).error(),
            "input 1 (B), \"x\", is computed; expected a constant");
  OneNode left("MatMul", {2}, {"w", "x"});
  left.model.floats("w", {2, 2});
  EXPECT_EQ(left.error(), "input 0 (A), \"w\", is a constant; expected a computed tensor");
  OneNode deep("MatMul", {2, 2}, {"x", "w"});
  deep.model.floats("w", {1, 2, 2});
  EXPECT_EQ(deep.error(), "input 1 (B), \"w\", has 3 dimensions; expected 2");
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
