// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/matrix_layers.h"

#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/onnx/model_builder.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;
using testing::ElementsAre;

std::vector<double> values(const std::optional<Constant>& constant) {
  return decode(*constant).reals;
}

OneNode conv(const Extents& input, const Extents& weight) {
  OneNode one("Conv", input, {"x", "w"});
  one.model.floats("w", weight);
  return one;
}

TEST(MatrixConv, ReadsEveryAttribute) {
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
  EXPECT_EQ(values(layer.weight)[71], 72.0);
  EXPECT_EQ(layer.bias->shape, Shape{6});
  EXPECT_TRUE(layer.has_bias);
  EXPECT_FALSE(layer.stored);
  EXPECT_FALSE(layer.input_quantizer);
  EXPECT_EQ(layer.node, 0);
  EXPECT_FALSE(conv({1, 3, 3}, {1, 1, 1, 1}).layer().has_bias);
}

TEST(MatrixConv, SamePaddingGivesInputOverStride) {
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

TEST(MatrixConv, SamePaddingPutsTheOddOneWhereItSays) {
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

TEST(MatrixConv, RefusesBadAttributes) {
  const auto error_with = [](const std::string& name, const Extents& given) {
    OneNode one = conv({4, 8, 8}, {4, 4, 3, 3});
    set_ints(one.node, name, given);
    return one.error();
  };
  EXPECT_EQ(error_with("strides", {0, 1}), "attribute \"strides\" holds 0; expected 1 to 1048576");
  EXPECT_EQ(error_with("strides", {1}), "attribute \"strides\" has 1 values; expected 2");
  EXPECT_EQ(error_with("dilations", {1, -1}),
            "attribute \"dilations\" holds -1; expected 1 to 1048576");
  EXPECT_EQ(error_with("pads", {0, 0, -1, 0}),
            "attribute \"pads\" holds -1; expected 0 to 1048576");
  EXPECT_EQ(error_with("pads", {0, 0, 0, std::numeric_limits<std::int64_t>::max()}),
            "attribute \"pads\" holds 9223372036854775807; expected 0 to 1048576");
  EXPECT_EQ(error_with("kernel_shape", {3, 2}),
            "attribute \"kernel_shape\" is 3x2, but the weight has the shape 4x4x3x3");
  EXPECT_EQ(error_with("transposed", {1}),
            "attribute \"transposed\" is not known; it may change what the operator does");

  OneNode mode = conv({4, 8, 8}, {4, 4, 3, 3});
  set_text(mode.node, "auto_pad", "SAME\n");
  EXPECT_EQ(mode.error(),
            "attribute \"auto_pad\" is \"SAME\\n\"; expected NOTSET, SAME_UPPER, "
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

TEST(MatrixConv, RefusesShapesThatDoNotFit) {
  OneNode groups = conv({4, 8, 8}, {4, 1, 3, 3});
  set_int(groups.node, "group", 3);
  EXPECT_EQ(groups.error(), "group is 3; expected a divisor of the 4 input and 4 output channels");
  OneNode none = conv({4, 8, 8}, {4, 4, 3, 3});
  set_int(none.node, "group", 0);
  EXPECT_EQ(none.error(), "group is 0; expected a divisor of the 4 input and 4 output channels");
  EXPECT_EQ(conv({4, 8, 8}, {4, 3, 3, 3}).error(),
            "the weight has the shape 4x3x3x3; expected 4 input channels a group");
  EXPECT_EQ(conv({4, 8, 8}, {4, 4, 0, 3}).error(),
            "its kernel has an extent of 0; expected 1 to 1048576");
  EXPECT_EQ(conv({4, 8, 8}, {4, 4, 3}).error(),
            "convolves data of 1x4x8x8 with a weight of 4x4x3; expected batch x channels x map and "
            "out x in x kernel");
  EXPECT_EQ(conv({4, 8, 8}, {4, 4, 9, 3}).error(),
            "the window reaches over 9 places of axis 0, but the padded input has 8; use a smaller "
            "kernel or more pad");
  OneNode bias("Conv", {4, 8, 8}, {"x", "w", "b"});
  bias.model.floats("w", {4, 4, 3, 3}).floats("b", {1});
  EXPECT_EQ(bias.error(), "the bias has the shape 1; expected 4 values");
}

TEST(MatrixConv, LinesAreImagesOfHeightOne) {
  OneNode one = conv({4, 9}, {6, 4, 3});
  set_ints(one.node, "strides", {2});
  set_ints(one.node, "pads", {1, 2});
  const Network network = one.model.read();
  ASSERT_EQ(network.layers.size(), 3U);
  EXPECT_EQ(network.layers[0].name, "n.image");
  EXPECT_EQ(network.layers[0].shape, (Shape{4, 1, 9}));
  const Layer& layer = network.layers[1];
  EXPECT_EQ(layer.name, "n");
  const auto& read = std::get<Conv>(layer.operation);
  EXPECT_THAT(read.window.kernel, ElementsAre(1, 3));
  EXPECT_THAT(read.window.stride, ElementsAre(1, 2));
  EXPECT_THAT(read.window.pads, ElementsAre(0, 1, 0, 2));
  EXPECT_EQ(layer.weight->shape, (Shape{6, 4, 1, 3}));
  EXPECT_EQ(layer.shape, (Shape{6, 1, 5}));
  EXPECT_EQ(network.layers[2].name, "n.line");
  EXPECT_EQ(network.layers[2].shape, (Shape{6, 5}));
  EXPECT_TRUE(network.layers[2].leaves);
  EXPECT_EQ(network.matrix(1).positions, 5);
}

TEST(MatrixConv, RefusesVolumesAndBatches) {
  EXPECT_EQ(conv({4, 8, 8, 8}, {4, 4, 3, 3, 3}).error(),
            "m.onnx: node \"n\" (Conv): convolves maps of 3 dimensions; the crossbars' mapping "
            "knows 1 and 2");
  ModelBuilder batch;
  batch.input("x", {-1, 2, 4, 8, 8}).ints("s", {2, 4, 8, 8}).floats("w", {4, 4, 3, 3}).output("y");
  batch.node("Reshape", {"x", "s"}, {"b"});
  batch.node("Conv", {"b", "w"}, {"y"}, "n");
  EXPECT_EQ(batch.error(), "m.onnx: node \"n\" (Conv): convolves a batch; expected one image");
}

TEST(MatrixConv, InputsMustBeThere) {
  EXPECT_EQ(OneNode("Conv", {4, 8, 8}, {"x"}).error(), "has 1 inputs; expected 2 to 3");
  EXPECT_EQ(OneNode("Conv", {4, 8, 8}, {"", "x"}).error(), "input 0 is missing");
  EXPECT_EQ(OneNode("Conv", {4, 8, 8}, {"x", ""}).error(), "has 1 inputs; expected 2 to 3");
}

TEST(MatrixConv, OfAComputedFilterIsDigitalWork) {
  ModelBuilder model;
  model.input("x", {1, 4, 8, 8}).input("w", {1, 4, 3, 3}).output("y");
  model.node("Conv", {"x", "w"}, {"y"}, "n");
  const Layer layer = model.read().layers.back();
  EXPECT_EQ(std::get<Digital>(layer.operation).macs, 36 * 36);  // 6 x 6 places, 4 x 3 x 3 values
  EXPECT_EQ(layer.inputs, (std::vector<int>{kNetworkInput, kNetworkInput - 1}));
}

TEST(MatrixWeights, RefusesWhatIsNotFiniteAndReal) {
  OneNode one("Conv", {1, 2, 2}, {"x", "w"});
  one.model.floats("w", {1, 1, 1, 2}, {1.0F, std::numeric_limits<float>::quiet_NaN()});
  EXPECT_EQ(one.error(), "m.onnx: node \"n\" (Conv): its weight 1 is nan; expected finite values");
  OneNode half("Conv", {1, 2, 2}, {"x", "w"});
  half.model.initializer("w", TensorProto::FLOAT16, {1, 1, 1, 1}).add_int32_data(0x7c00);
  EXPECT_EQ(half.error(), "m.onnx: node \"n\" (Conv): its weight 0 is inf; expected finite values");
  OneNode wide("Conv", {1, 2, 2}, {"x", "w"});
  wide.model.initializer("w", TensorProto::DOUBLE, {1, 1, 1, 1})
      .add_double_data(-std::numeric_limits<double>::infinity());
  EXPECT_EQ(wide.error(),
            "m.onnx: node \"n\" (Conv): its weight 0 is -inf; expected finite values");
  OneNode whole("Conv", {1, 2, 2}, {"x", "w"});
  whole.model.initializer("w", TensorProto::INT8, {1, 1, 1, 1}).add_int32_data(1);
  EXPECT_EQ(whole.error(), "input 1 holds integers; expected real numbers");
  OneNode product("MatMul", {1}, {"x", "w"});
  product.model.initializer("w", TensorProto::INT8, {1, 1}).add_int32_data(1);
  EXPECT_EQ(product.error(), "its inputs are float32 and int8; expected one type");
  product.model.proto.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->set_elem_type(TensorProto::INT8);
  EXPECT_EQ(product.error(),
            "m.onnx: node \"n\" (MatMul): its weight holds integers; expected floating-point "
            "weights");
}

TEST(MatrixWeights, OneTensorOfManyLayersIsShared) {
  ModelBuilder model;
  model.input("x", {1, 2}).output("c").floats("w", {2, 2});
  model.node("Identity", {"w"}, {"same"});
  model.node("MatMul", {"x", "w"}, {"a"});
  model.node("MatMul", {"a", "same"}, {"b"});
  set_int(model.node("Gemm", {"b", "w"}, {"c"}), "transB", 1);
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 3U);
  EXPECT_TRUE(same_values(*network.layers[0].weight, *network.layers[1].weight));
  EXPECT_EQ(values(network.layers[0].weight), (std::vector<double>{1, 3, 2, 4}));
  EXPECT_EQ(values(network.layers[2].weight), (std::vector<double>{1, 2, 3, 4}));
}

TEST(MatrixWeights, LargeOnesStayInTheBytesOfTheFile) {
  ModelBuilder model;
  model.input("x", {1, 16, 4, 4}).output("y").floats("w", {16, 16, 3, 3});
  model.node("Conv", {"x", "w"}, {"y"});
  const Network network = model.read();

  const Constant& in_layer = *network.layers[0].weight;
  EXPECT_EQ(network.graph->value(0).name, "w");

  EXPECT_EQ(in_layer.bytes.data(), network.graph->value(0).constant->bytes.data());
}

TEST(MatrixGemm, TransposesAndScales) {
  OneNode one("Gemm", {2}, {"x", "w", "b"});
  one.model.floats("w", {2, 3}).floats("b", {1, 3});
  set_float(one.node, "alpha", 2.0F);
  set_float(one.node, "beta", 0.5F);
  const Layer layer = one.layer();
  EXPECT_EQ(layer.shape, Shape{3});
  EXPECT_EQ(layer.weight->shape, (Shape{3, 2}));
  EXPECT_EQ(values(layer.weight), (std::vector<double>{2, 8, 4, 10, 6, 12}));
  EXPECT_EQ(layer.bias->shape, Shape{3});
  EXPECT_EQ(values(layer.bias), (std::vector<double>{0.5, 1.0, 1.5}));

  OneNode plain("Gemm", {2}, {"x", "w", "b"});
  plain.model.floats("w", {3, 2}).floats("b", {});
  set_int(plain.node, "transB", 1);
  EXPECT_EQ(values(plain.layer().weight), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values(plain.layer().bias), (std::vector<double>{1, 1, 1}));
}

TEST(MatrixGemm, RefusesWhatDoesNotMultiply) {
  const auto error_with = [](const Extents& input, const Extents& weight, const Extents& bias,
                             const std::function<void(NodeProto&)>& change) {
    OneNode one("Gemm", input, {"x", "w", "b"});
    one.model.floats("w", weight).floats("b", bias);
    change(one.node);
    return one.error();
  };
  const auto as_it_is = [](NodeProto&) {};
  EXPECT_EQ(error_with({2}, {2, 3}, {3}, as_it_is), "");
  EXPECT_EQ(error_with({2}, {2, 3}, {3}, [](NodeProto& node) { set_int(node, "transB", 2); }),
            "attribute \"transB\" is 2; expected 0 or 1");
  EXPECT_EQ(error_with({2}, {2, 3}, {3}, [](NodeProto& node) { set_float(node, "alpha", 3e38F); }),
            "m.onnx: node \"n\" (Gemm): its weight 1 is inf; expected finite values");
  EXPECT_EQ(error_with({2, 2}, {2, 3}, {3}, as_it_is),
            "multiplies 1x2x2 by 2x3; expected matrices");
  EXPECT_EQ(error_with({2}, {2, 3, 1}, {3}, as_it_is),
            "multiplies 1x2 by 2x3x1; expected matrices");
  EXPECT_EQ(error_with({2}, {4, 3}, {3}, as_it_is), "the shapes 1x2 and 4x3 do not multiply");
  EXPECT_EQ(error_with({2}, {2, 3}, {3, 1}, as_it_is),
            "input 2 (C) of 3x1 does not fit the product of 1x3");
}

TEST(MatrixGemm, OfATransposedInputIsDigitalWork) {
  OneNode one("Gemm", {2}, {"x", "w"});
  one.model.floats("w", {1, 3});
  set_int(one.node, "transA", 1);
  const Layer layer = one.layer();
  EXPECT_EQ(layer.shape, (Shape{2, 3}));
  EXPECT_EQ(std::get<Digital>(layer.operation).macs, 6);
}

// x -> MatMul by w -> Add b, with x of one position or several.
ModelBuilder product_and_bias(const Extents& input, const Extents& bias) {
  ModelBuilder model;
  model.input("x", input).output("y").floats("w", {2, 3}).floats("b", bias);
  model.node("MatMul", {"x", "w"}, {"p"}, "product");
  model.node("Add", {"p", "b"}, {"y"}, "bias");
  return model;
}

TEST(MatrixMatMul, TakesTheBiasThatFollows) {
  for (const Extents& bias : {Extents{3}, Extents{1, 3}}) {
    const Network network = product_and_bias({1, 2}, bias).read();
    ASSERT_EQ(network.layers.size(), 1U);
    EXPECT_EQ(network.layers[0].name, "product");
    EXPECT_EQ(values(network.layers[0].weight), (std::vector<double>{1, 4, 2, 5, 3, 6}));
    EXPECT_TRUE(network.layers[0].has_bias);
    EXPECT_EQ(values(network.layers[0].bias), (std::vector<double>{1, 2, 3}));
    EXPECT_EQ(network.layers[0].bias->shape, Shape{3});
    EXPECT_TRUE(network.layers[0].leaves);
  }
}

TEST(MatrixMatMul, TheBiasMayComeFirst) {
  ModelBuilder swapped = product_and_bias({1, 5, 2}, {3});
  auto* add = swapped.proto.mutable_graph()->mutable_node(1);
  add->set_input(0, "b");
  add->set_input(1, "p");
  const Network network = swapped.read();
  ASSERT_EQ(network.layers.size(), 1U);
  EXPECT_EQ(network.layers[0].shape, (Shape{5, 3}));
  EXPECT_EQ(network.matrix(0).positions, 5);
  EXPECT_EQ(values(network.layers[0].bias), (std::vector<double>{1, 2, 3}));
}

TEST(MatrixMatMul, WhatFollowsTheBiasUsesTheLayer) {
  ModelBuilder model = product_and_bias({1, 2}, {3});
  model.node("Relu", {"y"}, {"z"});
  model.proto.mutable_graph()->mutable_output(0)->set_name("z");
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 2U);
  EXPECT_EQ(network.layers[1].inputs, std::vector<int>{0});
}

std::size_t layers_with_bias(const Network& network) {
  return static_cast<std::size_t>(std::count_if(network.layers.begin(), network.layers.end(),
                                                [](const Layer& layer) { return layer.has_bias; }));
}

TEST(MatrixMatMul, AConstantThatIsNobodysBiasIsAdded) {
  const auto last = [](const Network& network) {
    return operation_name(network.layers.back().operation);
  };
  const Network wide = product_and_bias({1, 5, 2}, {5, 3}).read();
  EXPECT_EQ(wide.layers.size(), 2U);
  EXPECT_EQ(last(wide), "Add");
  const Network single = product_and_bias({1, 2}, {1}).read();
  EXPECT_EQ(layers_with_bias(single), 0U);
  // A row that adds an axis.
  const Network deep = product_and_bias({1, 2}, {1, 1, 3}).read();
  EXPECT_EQ(layers_with_bias(deep), 0U);
  EXPECT_EQ(deep.layers.back().shape, (Shape{1, 3}));

  ModelBuilder shared = product_and_bias({1, 2}, {3});
  shared.node("Add", {"p", "y"}, {"z"});
  shared.proto.mutable_graph()->mutable_output(0)->set_name("z");
  EXPECT_EQ(layers_with_bias(shared.read()), 0U);

  ModelBuilder twice = product_and_bias({1, 2}, {3});
  twice.node("Add", {"y", "b"}, {"z"}, "again");
  twice.proto.mutable_graph()->mutable_output(0)->set_name("z");
  const Network network = twice.read();
  EXPECT_EQ(network.layers.size(), 2U);
  EXPECT_EQ(layers_with_bias(network), 1U);
  EXPECT_EQ(last(network), "Add");
}

TEST(MatrixMatMul, RefusesABiasOfAnotherForm) {
  EXPECT_EQ(product_and_bias({1, 2}, {2}).error(),
            "m.onnx: node \"bias\": the shapes 1x3 and 2 of its inputs do not fit each other");
}

TEST(MatrixGemm, OfAComputedBiasIsDigitalWork) {
  ModelBuilder model;
  model.input("x", {1, 2}).input("b", {1, 3}).output("y").floats("w", {2, 3});
  model.node("Gemm", {"x", "w", "b"}, {"y"}, "n");
  const Layer layer = model.read().layers.back();
  EXPECT_EQ(std::get<Digital>(layer.operation).macs, 6);
  EXPECT_EQ(layer.inputs.size(), 2U);
}

TEST(MatrixMatMul, OnlyAConstantMatrixOnTheRightIsALayer) {
  const auto macs = [](const OneNode& one) {
    return std::get<Digital>(one.layer().operation).macs;
  };
  EXPECT_EQ(macs(OneNode("MatMul", {2, 2}, {"x", "x"})), 8);
  OneNode left("MatMul", {2, 3}, {"w", "x"});
  left.model.floats("w", {2, 2});
  EXPECT_EQ(macs(left), 12);
  OneNode deep("MatMul", {2, 2}, {"x", "w"});
  deep.model.floats("w", {1, 2, 2});
  EXPECT_EQ(macs(deep), 8);
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
