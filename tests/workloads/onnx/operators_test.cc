// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/operators.h"

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
using testing::StartsWith;

TEST(OnnxAdd, TakesTwoComputedTensorsOfOneShape) {
  EXPECT_EQ(OneNode("Add", {3}, {"x", "x"}).layer().inputs,
            (std::vector<int>{kNetworkInput, kNetworkInput}));
  ModelBuilder model;
  model.input("x", {1, 2, 4, 4}).output("y");
  model.node("GlobalMaxPool", {"x"}, {"p"});
  model.node("Add", {"x", "p"}, {"y"}, "n");
  EXPECT_EQ(model.error(),
            "m.onnx: node \"n\": layer \"n\": add takes two inputs of one shape; found 2x4x4 and "
            "2x1x1");
}

OneNode batch_norm(std::int64_t opset, const std::vector<float>& variance = {4, 5}) {
  OneNode one("BatchNormalization", {2, 3, 3}, {"x", "s", "b", "m", "v"}, opset);
  one.model.floats("s", {2}).floats("b", {2}).floats("m", {2});
  one.model.floats("v", {static_cast<std::int64_t>(variance.size())}, variance);
  return one;
}

TEST(OnnxBatchNorm, ReadsItsVectors) {
  OneNode one = batch_norm(13);
  set_float(one.node, "epsilon", 0.5F);
  set_float(one.node, "momentum", 0.9F);
  const Layer layer = one.layer();
  EXPECT_EQ(std::get<BatchNorm>(layer.operation).epsilon, 0.5);
  EXPECT_EQ(layer.batch_norm[0]->values, (std::vector<float>{1, 2}));
  EXPECT_EQ(layer.batch_norm[3]->values, (std::vector<float>{4, 5}));
  EXPECT_EQ(std::get<BatchNorm>(batch_norm(13).layer().operation).epsilon, 1e-5);
}

TEST(OnnxBatchNorm, RefusesTrainingAndBadVectors) {
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
  EXPECT_EQ(batch_norm(13, {1, -1}).error(), "a variance is negative; expected 0 or more");
  EXPECT_EQ(batch_norm(13, {1}).error(), "layer \"n\": its variance has the shape 1; expected 2");
}

TEST(OnnxClip, LimitsAreAttributesUpToOpset10) {
  OneNode one("Clip", {3}, {"x"}, 10);
  set_float(one.node, "min", -1.0F);
  set_float(one.node, "max", 6.0F);
  EXPECT_EQ(std::get<Clip>(one.layer().operation).min, -1.0);
  EXPECT_EQ(std::get<Clip>(one.layer().operation).max, 6.0);
  OneNode late("Clip", {3}, {"x"}, 11);
  set_float(late.node, "min", 0.0F);
  EXPECT_EQ(late.error(), "attribute \"min\" of operator Clip is not known to this importer");
}

TEST(OnnxClip, LimitsAreInputsFromOpset11) {
  OneNode one("Clip", {3}, {"x", "", "top"}, 11);
  one.model.floats("top", {}, {6.0F});
  EXPECT_EQ(std::get<Clip>(one.layer().operation).min, std::numeric_limits<float>::lowest());
  EXPECT_EQ(std::get<Clip>(one.layer().operation).max, 6.0);
  OneNode list("Clip", {3}, {"x", "low"}, 11);
  list.model.floats("low", {2});
  EXPECT_EQ(list.error(), "input 1 (min), \"low\", has 2 values; expected one");
  OneNode crossed("Clip", {3}, {"x", "low", "top"}, 11);
  crossed.model.floats("low", {}, {1.0F}).floats("top", {}, {0.0F});
  EXPECT_EQ(crossed.error(), "layer \"n\": min 1 lies above max 0; swap them");
}

TEST(OnnxPool, ReadsEveryAttribute) {
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

TEST(OnnxPool, RefusesBadWindows) {
  EXPECT_EQ(OneNode("MaxPool", {2, 7, 7}).error(), "attribute \"kernel_shape\" is missing");
  OneNode zero("MaxPool", {2, 7, 7});
  set_ints(zero.node, "kernel_shape", {0, 2});
  EXPECT_EQ(zero.error(), "attribute \"kernel_shape\" holds 0; expected 1 to 1048576");
  OneNode line("AveragePool", {2, 7});
  set_ints(line.node, "kernel_shape", {2});
  EXPECT_THAT(line.error(), StartsWith("operator AveragePool works on 1-D data here"));
}

TEST(OnnxGlobalPool, ReadsBothKinds) {
  const Layer average = OneNode("GlobalAveragePool", {5, 7, 7}).layer();
  EXPECT_EQ(std::get<GlobalPool>(average.operation).kind, PoolKind::kAverage);
  EXPECT_EQ(average.shape, (Shape{5, 1, 1}));
  const Layer max = OneNode("GlobalMaxPool", {5, 7, 7}).layer();
  EXPECT_EQ(std::get<GlobalPool>(max.operation).kind, PoolKind::kMax);
}

TEST(OnnxFlatten, KeepsTheBatchOnly) {
  EXPECT_EQ(OneNode("Flatten", {5, 7, 7}).layer().shape, Shape{245});
  OneNode from_end("Flatten", {5, 7, 7});
  set_int(from_end.node, "axis", -3);
  EXPECT_EQ(from_end.layer().shape, Shape{245});
  OneNode other("Flatten", {5, 7, 7});
  set_int(other.node, "axis", 2);
  EXPECT_EQ(other.error(), "flattens from axis 2; expected 1, after the batch");
  OneNode beyond("Flatten", {5, 7, 7});
  set_int(beyond.node, "axis", 5);
  EXPECT_EQ(beyond.error(), "attribute \"axis\" is 5; expected -4 to 4");
}

// Reshapes an image 2x3x4 (24 values) with the given batch.
ModelBuilder reshape(std::int64_t batch, const Extents& wanted) {
  ModelBuilder model;
  model.input("x", {batch, 2, 3, 4}).output("y").ints("shape", wanted);
  model.node("Reshape", {"x", "shape"}, {"y"}, "n");
  return model;
}

TEST(OnnxReshape, KeepsTheBatchInEveryDisguise) {
  const auto shape_of = [](std::int64_t batch, const Extents& wanted) {
    return reshape(batch, wanted).read().layers.back().shape;
  };
  EXPECT_EQ(shape_of(-1, {0, -1}), Shape{24});
  EXPECT_EQ(shape_of(-1, {-1, 24}), Shape{24});
  EXPECT_EQ(shape_of(-1, {1, 6, 4}), (Shape{6, 4}));
  EXPECT_EQ(shape_of(5, {5, -1, 4}), (Shape{6, 4}));
  EXPECT_EQ(shape_of(5, {0, 0, 12}), (Shape{2, 12}));
  EXPECT_EQ(shape_of(1, {1, 0, -1}), (Shape{2, 12}));
}

TEST(OnnxReshape, RefusesToTouchTheBatch) {
  const auto error_of = [](std::int64_t batch, const Extents& wanted) {
    return reshape(batch, wanted).error();
  };
  const std::string place = "m.onnx: node \"n\": ";
  EXPECT_EQ(error_of(5, {1, 24}), place + "reshapes the batch to 1; expected to leave it as it is");
  EXPECT_EQ(error_of(1, {24}),
            place + "reshapes to a shape without batch; expected two extents or more");
  EXPECT_EQ(error_of(1, {-1, 12}),
            place + "layer \"n\": a reshape to 12 does not keep the 24 values of its input 2x3x4");
  EXPECT_EQ(error_of(1, {-1, -1}), place + "reshapes with two extents of -1; expected one at most");
  EXPECT_EQ(error_of(1, {1, -2}), place +
                                      "reshapes to an extent of -2 at place 1; expected 1 or "
                                      "more, -1, or 0 where the input has an extent");
  EXPECT_EQ(error_of(1, {1, 2, 3, 4, 0}),
            place +
                "reshapes to an extent of 0 at place 4; expected 1 or more, -1, or 0 where the "
                "input has an extent");
  EXPECT_THAT(error_of(1, {1, std::int64_t{1} << 62, std::int64_t{1} << 62}),
              StartsWith(place + "layer \"n\": "));
}

TEST(OnnxReshape, TheShapeMustBeAConstantListOfIntegers) {
  EXPECT_EQ(OneNode("Reshape", {4}, {"x", "x"}).error(),
            "input 1 (shape), \"x\", is computed; expected a constant");
  OneNode reals("Reshape", {4}, {"x", "s"});
  reals.model.floats("s", {2});
  EXPECT_EQ(reals.error(), "input 1 (shape) is no list of integers");
  OneNode zeros("Reshape", {4}, {"x", "s"}, 14);
  zeros.model.ints("s", {0, 4});
  set_int(zeros.node, "allowzero", 1);
  EXPECT_EQ(zeros.error(), "allowzero is 1; expected 0");
}

TEST(OnnxConstant, EveryKindOfValueServesAsAShapeOrALimit) {
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
  EXPECT_EQ(limit_of([](NodeProto& node) { set_int(node, "value_int", -3); }), "-3");
  EXPECT_EQ(limit_of([](NodeProto& node) { set_ints(node, "value_ints", {7}); }), "7");
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
            "m.onnx: tensor \"c\": data type STRING is not read; expected float, double, float16, "
            "bfloat16, bool, int8, uint8, int32 or int64");
}

TEST(OnnxIdentity, DropoutIsOneAtInference) {
  EXPECT_TRUE(std::holds_alternative<Identity>(OneNode("Identity", {3}).layer().operation));
  OneNode old("Dropout", {3}, {"x"}, 10);
  set_float(old.node, "ratio", 0.5F);
  EXPECT_TRUE(std::holds_alternative<Identity>(old.layer().operation));
  const std::string message = "drops values as in training; export the model for inference";
  EXPECT_EQ(OneNode("Dropout", {3}, {"x"}, 6).error(), message);
  OneNode training("Dropout", {3}, {"x", "", "mode"}, 13);
  auto& mode = training.model.initializer("mode", TensorProto::BOOL, {});
  mode.add_int32_data(1);
  EXPECT_EQ(training.error(), message);
  mode.set_int32_data(0, 0);
  EXPECT_EQ(training.error(), "");
}

TEST(OnnxSoftmax, WorksAlongTheLastAxisOnly) {
  EXPECT_EQ(OneNode("Softmax", {3, 4}).layer().shape, (Shape{3, 4}));
  EXPECT_EQ(OneNode("Softmax", {3}, {"x"}, 12).layer().shape, Shape{3});
  EXPECT_EQ(OneNode("Softmax", {3, 4}, {"x"}, 12).error(),
            "works along axis 1 of 3 (batch first); expected the last axis");
  OneNode batch("Softmax", {3, 4});
  set_int(batch.node, "axis", 0);
  EXPECT_EQ(batch.error(), "works along axis 0 of 3 (batch first); expected the last axis");
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
