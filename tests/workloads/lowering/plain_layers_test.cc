// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/plain_layers.h"

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

template <class Kind>
bool is(const Layer& layer) {
  return std::holds_alternative<Kind>(layer.operation);
}

Digital digital(const Layer& layer) {
  return std::get<Digital>(layer.operation);
}

std::vector<double> values(const std::optional<Constant>& constant) {
  return decode(*constant).reals;
}

TEST(ImageShape, LeavesABatchOfOneOut) {
  EXPECT_EQ(image_shape({1, 3, 4}), (Shape{3, 4}));
  EXPECT_EQ(image_shape({2, 3, 4}), (Shape{2, 3, 4}));
  EXPECT_EQ(image_shape({1}), Shape{1});
  EXPECT_EQ(image_shape({7}), Shape{7});
  EXPECT_EQ(image_shape({}), Shape{1});
}

TEST(PlainAdd, TakesTwoComputedTensorsOfOneShape) {
  EXPECT_EQ(OneNode("Add", {3}, {"x", "x"}).layer().inputs,
            (std::vector<int>{kNetworkInput, kNetworkInput}));
  EXPECT_TRUE(is<Add>(OneNode("Add", {3}, {"x", "x"}).layer()));
}

TEST(PlainAdd, OtherAdditionsAreDigitalWork) {
  ModelBuilder model;
  model.input("x", {1, 2, 4, 4}).output("y");
  model.node("GlobalMaxPool", {"x"}, {"p"});
  model.node("Add", {"x", "p"}, {"y"}, "n");
  const Layer spread = model.read().layers.back();
  EXPECT_EQ(operation_name(spread.operation), "Add");
  EXPECT_EQ(digital(spread).work, DigitalWork::kElementwise);
  EXPECT_EQ(digital(spread).inputs, 2);
  EXPECT_EQ(digital(spread).operations, 32);
  EXPECT_EQ(digital(spread).macs, 0);
  EXPECT_EQ(spread.shape, (Shape{2, 4, 4}));

  OneNode constant("Add", {3}, {"x", "b"});
  constant.model.floats("b", {3});
  EXPECT_EQ(digital(constant.layer()).inputs, 1);
  EXPECT_EQ(digital(constant.layer()).operations, 3);
}

OneNode batch_norm(std::int64_t opset, const std::vector<float>& variance = {4, 5}) {
  OneNode one("BatchNormalization", {2, 3, 3}, {"x", "s", "b", "m", "v"}, opset);
  one.model.floats("s", {2}).floats("b", {2}).floats("m", {2});
  one.model.floats("v", {static_cast<std::int64_t>(variance.size())}, variance);
  return one;
}

TEST(PlainBatchNorm, ReadsItsVectors) {
  OneNode one = batch_norm(13);
  set_float(one.node, "epsilon", 0.5F);
  set_float(one.node, "momentum", 0.9F);
  const Layer layer = one.layer();
  EXPECT_EQ(std::get<BatchNorm>(layer.operation).epsilon, 0.5);
  EXPECT_EQ(values(layer.batch_norm[0]), (std::vector<double>{1, 2}));
  EXPECT_EQ(values(layer.batch_norm[3]), (std::vector<double>{4, 5}));
  EXPECT_EQ(std::get<BatchNorm>(batch_norm(13).layer().operation).epsilon, 1e-5);
}

TEST(PlainBatchNorm, RefusesTrainingAndBadVectors) {
  EXPECT_EQ(batch_norm(6).error(),
            "is_test is 0: the model is exported for training; export it for inference");
  OneNode test = batch_norm(6);
  set_int(test.node, "is_test", 1);
  EXPECT_EQ(test.error(), "");
  OneNode spatial = batch_norm(8);
  set_int(spatial.node, "spatial", 0);
  EXPECT_EQ(spatial.error(), "spatial is 0; expected 1");
  OneNode training = batch_norm(15);
  set_int(training.node, "training_mode", 1);
  EXPECT_EQ(training.error(), "training_mode is 1; export the model for inference");
  EXPECT_EQ(batch_norm(13, {1, -1}).error(),
            "m.onnx: node \"n\" (BatchNormalization): a variance is negative; expected 0 or more");
  EXPECT_EQ(batch_norm(13, {1}).error(),
            "input 4 has the shape 1; expected 2 values, one a channel");
}

TEST(PlainBatchNorm, ComputedVectorsMakeItDigitalWork) {
  ModelBuilder model;
  model.input("x", {1, 2, 3, 3}).input("s", {2}).output("y");
  model.floats("b", {2}).floats("m", {2}).floats("v", {2});
  model.node("BatchNormalization", {"x", "s", "b", "m", "v"}, {"y"}, "n");
  const Layer layer = model.read().layers.back();
  EXPECT_EQ(digital(layer).inputs, 2);
  EXPECT_EQ(digital(layer).operations, 18);
}

TEST(PlainClip, LimitsAreAttributesUpToOpset10) {
  OneNode one("Clip", {3}, {"x"}, 10);
  set_float(one.node, "min", -1.0F);
  set_float(one.node, "max", 6.0F);
  EXPECT_EQ(std::get<Clip>(one.layer().operation).min, -1.0);
  EXPECT_EQ(std::get<Clip>(one.layer().operation).max, 6.0);
}

TEST(PlainClip, LimitsAreInputsFromOpset11) {
  OneNode one("Clip", {3}, {"x", "", "top"}, 11);
  one.model.floats("top", {}, {6.0F});
  EXPECT_EQ(std::get<Clip>(one.layer().operation).min, std::numeric_limits<float>::lowest());
  EXPECT_EQ(std::get<Clip>(one.layer().operation).max, 6.0);
}

TEST(PlainClip, ComputedOrCrossedLimitsMakeItDigitalWork) {
  ModelBuilder computed;
  computed.input("x", {1, 3}).input("top", {}).output("y");
  computed.node("Clip", {"x", "", "top"}, {"y"}, "n");
  EXPECT_EQ(digital(computed.read().layers.back()).inputs, 2);
  OneNode crossed("Clip", {3}, {"x", "low", "top"}, 11);
  crossed.model.floats("low", {}, {1.0F}).floats("top", {}, {0.0F});
  EXPECT_EQ(digital(crossed.layer()).operations, 3);
}

TEST(PlainPool, ReadsEveryAttribute) {
  OneNode max("MaxPool", {2, 7, 7});
  set_ints(max.node, "kernel_shape", {3, 2});
  set_ints(max.node, "strides", {2, 2});
  set_ints(max.node, "pads", {1, 0, 1, 0});
  set_int(max.node, "ceil_mode", 1);
  set_int(max.node, "storage_order", 0);
  const auto pool = std::get<Pool>(max.layer().operation);
  EXPECT_EQ(pool.kind, PoolKind::kMax);
  EXPECT_THAT(pool.window.kernel, ElementsAre(3, 2));
  EXPECT_THAT(pool.window.pads, ElementsAre(1, 0, 1, 0));
  EXPECT_TRUE(pool.window.ceil_mode);
  EXPECT_EQ(max.layer().shape, (Shape{2, 4, 4}));

  OneNode average("AveragePool", {2, 7, 7});
  set_ints(average.node, "kernel_shape", {2, 2});
  EXPECT_FALSE(std::get<Pool>(average.layer().operation).count_padding);
  set_int(average.node, "count_include_pad", 1);
  EXPECT_TRUE(std::get<Pool>(average.layer().operation).count_padding);
  EXPECT_EQ(std::get<Pool>(average.layer().operation).kind, PoolKind::kAverage);
}

TEST(PlainPool, RefusesBadWindows) {
  EXPECT_EQ(OneNode("MaxPool", {2, 7, 7}).error(), "attribute \"kernel_shape\" is missing");
  OneNode zero("MaxPool", {2, 7, 7});
  set_ints(zero.node, "kernel_shape", {0, 2});
  EXPECT_EQ(zero.error(), "its kernel has an extent of 0; expected 1 to 1048576");
  OneNode flat("MaxPool", {2, 7, 7});
  set_ints(flat.node, "kernel_shape", {2});
  EXPECT_EQ(flat.error(), "its kernel has 1 dimensions and its input 2");
}

TEST(PlainPool, OfLinesAndWithIndicesIsDigitalWork) {
  OneNode line("AveragePool", {2, 7});
  set_ints(line.node, "kernel_shape", {2});
  EXPECT_EQ(digital(line.layer()).work, DigitalWork::kReduce);
  EXPECT_EQ(digital(line.layer()).operations, 14);  // it takes more values than it makes
  EXPECT_EQ(line.layer().shape, (Shape{2, 6}));

  ModelBuilder model;
  model.input("x", {1, 1, 4, 4}).output("p").output("i");
  set_ints(model.node("MaxPool", {"x"}, {"p", "i"}, "pool"), "kernel_shape", {2, 2});
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 2U);
  EXPECT_EQ(network.layers[0].name, "pool.0");
  EXPECT_EQ(network.layers[1].name, "pool.1");
  EXPECT_EQ(digital(network.layers[1]).shape, (Shape{1, 3, 3}));
}

TEST(PlainGlobalPool, ReadsBothKinds) {
  const Layer average = OneNode("GlobalAveragePool", {5, 7, 7}).layer();
  EXPECT_EQ(std::get<GlobalPool>(average.operation).kind, PoolKind::kAverage);
  EXPECT_EQ(average.shape, (Shape{5, 1, 1}));
  const Layer max = OneNode("GlobalMaxPool", {5, 7, 7}).layer();
  EXPECT_EQ(std::get<GlobalPool>(max.operation).kind, PoolKind::kMax);
}

TEST(PlainFlatten, FlattensFromAnyAxis) {
  const auto flattened = [](std::int64_t axis) {
    OneNode one("Flatten", {5, 7, 3});
    set_int(one.node, "axis", axis);
    return one.layer();
  };
  EXPECT_EQ(OneNode("Flatten", {5, 7, 3}).layer().shape, Shape{105});
  EXPECT_TRUE(is<Flatten>(flattened(1)));
  EXPECT_EQ(flattened(-3).shape, Shape{105});
  EXPECT_EQ(flattened(0).shape, Shape{105});
  EXPECT_EQ(flattened(2).shape, (Shape{5, 21}));
  EXPECT_TRUE(is<Reshape>(flattened(2)));
  EXPECT_EQ(flattened(4).shape, (Shape{105, 1}));
  OneNode beyond("Flatten", {5, 7, 3});
  set_int(beyond.node, "axis", 5);
  EXPECT_EQ(beyond.error(), "axis is 5; expected -4 to 4");
}

// Reshapes an image 2x3x4 (24 values).
ModelBuilder reshape(const Extents& wanted) {
  ModelBuilder model;
  model.input("x", {-1, 2, 3, 4}).output("y").ints("shape", wanted);
  model.node("Reshape", {"x", "shape"}, {"y"}, "n");
  return model;
}

TEST(PlainReshape, KeepsTheBatchInEveryDisguise) {
  const auto shape_of = [](const Extents& wanted) {
    const Layer layer = reshape(wanted).read().layers.back();
    EXPECT_TRUE(is<Reshape>(layer));
    return layer.shape;
  };
  EXPECT_EQ(shape_of({0, -1}), Shape{24});
  EXPECT_EQ(shape_of({-1, 24}), Shape{24});
  EXPECT_EQ(shape_of({1, 6, 4}), (Shape{6, 4}));
  EXPECT_EQ(shape_of({0, 0, 12}), (Shape{2, 12}));
  EXPECT_EQ(shape_of({24}), Shape{24});
  EXPECT_EQ(shape_of({4, 6}), (Shape{4, 6}));
}

TEST(PlainReshape, RefusesShapesThatDoNotFit) {
  const auto error_of = [](const Extents& wanted) { return reshape(wanted).error(); };
  const std::string place = "m.onnx: node \"n\": ";
  const std::string keeps = " does not keep the 24 values of its input 1x2x3x4";
  EXPECT_EQ(error_of({-1, 5}), place + "a reshape to -1x5" + keeps);
  EXPECT_EQ(error_of({5, 5}), place + "a reshape to 5x5" + keeps);
  EXPECT_EQ(error_of({-1, -1}), place + "reshapes with two extents of -1; expected at most one");
  EXPECT_EQ(error_of({1, -2}), place + "reshapes to an extent of -2");
  EXPECT_EQ(error_of({1, 2, 3, 4, 0}), place + "copies extent 4 of its input, which has 4 extents");
  EXPECT_EQ(
      error_of({1, std::int64_t{1} << 62, std::int64_t{1} << 62}),
      place + "reshapes to 1x4611686018427387904x4611686018427387904, which no input can fill");
  EXPECT_EQ(error_of(Extents(9, 1)), place + "a reshape to 1x1x1x1x1x1x1x1x1" + keeps);
}

TEST(PlainReshape, TheShapeMustBeAKnownListOfIntegers) {
  EXPECT_EQ(OneNode("Reshape", {4}, {"x", "x"}).error(),
            "input 1 is computed while the network runs; expected a constant, or shapes that the "
            "file fixes; export the model with fixed shapes");
  OneNode reals("Reshape", {4}, {"x", "s"});
  reals.model.floats("s", {2});
  EXPECT_EQ(reals.error(), "input 1 holds no integers");
  OneNode zeros("Reshape", {4}, {"x", "s"}, 14);
  zeros.model.ints("s", {0, 4});
  set_int(zeros.node, "allowzero", 1);
  EXPECT_EQ(zeros.error(), "a reshape to 0x4 does not keep the 4 values of its input 1x4");
}

TEST(PlainReshape, AShapeComputedFromShapesIsKnown) {
  ModelBuilder model;
  model.input("x", {-1, 2, 3, 4}).output("y").ints("first", {0}).ints("open", {-1});
  model.node("Shape", {"x"}, {"s"});
  model.node("Gather", {"s", "first"}, {"batch"});
  set_int(model.node("Concat", {"batch", "open"}, {"to"}), "axis", 0);
  model.node("Reshape", {"x", "to"}, {"y"}, "n");
  const Network network = model.read();
  ASSERT_EQ(network.layers.size(), 1U);
  EXPECT_EQ(network.layers[0].shape, Shape{24});
}

TEST(PlainIdentity, DropoutIsOneAtInference) {
  EXPECT_TRUE(is<Identity>(OneNode("Identity", {3}).layer()));
  OneNode old("Dropout", {3}, {"x"}, 10);
  set_float(old.node, "ratio", 0.5F);
  EXPECT_TRUE(is<Identity>(old.layer()));
  EXPECT_EQ(OneNode("Dropout", {3}, {"x"}, 6).error(),
            "is_test is 0: the model is exported for training; export it for inference");
  OneNode training("Dropout", {3}, {"x", "", "mode"}, 13);
  auto& mode = training.model.initializer("mode", TensorProto::BOOL, {});
  mode.add_int32_data(1);
  EXPECT_EQ(training.error(), "drops values as in training; export the model for inference");
  mode.set_int32_data(0, 0);
  EXPECT_EQ(training.error(), "");
}

TEST(PlainSoftmax, AlongTheLastAxisIsALayerOfItsOwn) {
  EXPECT_TRUE(is<Softmax>(OneNode("Softmax", {3, 4}).layer()));
  EXPECT_TRUE(is<Softmax>(OneNode("Softmax", {3}, {"x"}, 12).layer()));
  // Before opset 13 all axes from 1 on are one.
  EXPECT_EQ(digital(OneNode("Softmax", {3, 4}, {"x"}, 12).layer()).operations, 12);
  OneNode channels("Softmax", {3, 4});
  set_int(channels.node, "axis", 1);
  EXPECT_EQ(digital(channels.layer()).work, DigitalWork::kElementwise);
  EXPECT_EQ(channels.layer().shape, (Shape{3, 4}));
}

TEST(PlainDigital, CountsByKindOfWork) {
  OneNode turned("Transpose", {3, 4});
  EXPECT_EQ(digital(turned.layer()).work, DigitalWork::kMove);
  EXPECT_EQ(digital(turned.layer()).operations, 12);
  EXPECT_EQ(turned.layer().shape, (Shape{4, 3, 1}));
  OneNode sum("ReduceSum", {3, 4});
  EXPECT_EQ(digital(sum.layer()).work, DigitalWork::kReduce);
  EXPECT_EQ(digital(sum.layer()).operations, 12);
  EXPECT_EQ(sum.layer().shape, (Shape{1, 1}));
  OneNode curve("Sigmoid", {3, 4});
  EXPECT_EQ(digital(curve.layer()).work, DigitalWork::kElementwise);
  OneNode product("MatMul", {3, 4, 4}, {"x", "x"});
  EXPECT_EQ(digital(product.layer()).work, DigitalWork::kMatrix);
  EXPECT_EQ(digital(product.layer()).macs, 3 * 4 * 4 * 4);
  EXPECT_EQ(digital(product.layer()).operations, 3 * 4 * 4 * 4);
}

TEST(PlainDigital, RefusesProductsBeyondCounting) {
  OneNode product("MatMul", {1 << 20, 1 << 19}, {"x", "t"});
  set_ints(product.model.node("Transpose", {"x"}, {"t"}), "perm", {0, 2, 1});
  EXPECT_EQ(product.error(),
            "its output of 1x1048576x1048576 has 2^40 values or more; expected "
            "fewer");
  OneNode deep("MatMul", {1, 1LL << 39}, {"x", "t"});
  set_ints(deep.model.node("Transpose", {"x"}, {"t"}), "perm", {0, 2, 1});
  EXPECT_EQ(digital(deep.layer()).macs, 1LL << 39);
}

TEST(PlainConstant, EveryKindOfValueServesAsALimit) {
  const auto limit_of = [](const std::function<void(NodeProto&)>& give) {
    ModelBuilder model;
    model.input("x", {1, 4}).output("y");
    give(model.node("Constant", {}, {"c"}, "k"));
    model.node("Clip", {"x", "c"}, {"y"}, "n");
    const std::string error = model.error();
    return error.empty() ? fmt::format("{}", std::get<Clip>(model.read().layers[0].operation).min)
                         : error;
  };
  EXPECT_EQ(limit_of([](NodeProto& node) { set_float(node, "value_float", 0.5F); }), "0.5");
  EXPECT_EQ(limit_of([](NodeProto& node) {
              attribute(node, "value_floats", ::onnx::AttributeProto::FLOATS).add_floats(1.5F);
            }),
            "1.5");
  EXPECT_EQ(limit_of([](NodeProto& node) {
              auto* value = attribute(node, "value", ::onnx::AttributeProto::TENSOR).mutable_t();
              value->set_data_type(TensorProto::FLOAT);
              value->add_float_data(2.5F);
            }),
            "2.5");
  EXPECT_EQ(limit_of([](NodeProto& node) { set_text(node, "value_string", "2"); }),
            "m.onnx: node \"k\": holds no value of a known kind; expected value, value_float, "
            "value_floats, value_int or value_ints");
  EXPECT_EQ(limit_of([](NodeProto& node) {
              attribute(node, "value", ::onnx::AttributeProto::TENSOR)
                  .mutable_t()
                  ->set_data_type(TensorProto::STRING);
            }),
            "m.onnx: node \"k\": attribute \"value\": data type STRING is not read; expected "
            "floating-point numbers, bool, or integers of 4, 8, 16, 32 or 64 bits");
}

TEST(PlainConstant, WholeNumbersServeAsShapes) {
  const auto shape_of = [](const std::function<void(NodeProto&)>& give) {
    ModelBuilder model;
    model.input("x", {1, 4}).output("y");
    give(model.node("Constant", {}, {"c"}, "k"));
    model.node("Unsqueeze", {"x", "c"}, {"y"}, "n");
    return model.read().layers[0].shape;
  };
  EXPECT_EQ(shape_of([](NodeProto& node) { set_int(node, "value_int", 1); }), (Shape{1, 4}));
  EXPECT_EQ(shape_of([](NodeProto& node) { set_ints(node, "value_ints", {2}); }), (Shape{4, 1}));
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
