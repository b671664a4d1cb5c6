// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/operators.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "workloads/limits.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::TensorProto;

constexpr Bounds kFlag{0, 1};

Layer layer_of(Operation operation, std::vector<int> inputs) {
  Layer layer;
  layer.operation = std::move(operation);
  layer.inputs = std::move(inputs);
  return layer;
}

// Splits the padding that makes an output of ceil(input / stride), after the auto_pad attribute
// of Conv and the pools.
void pad_to_same(Window& window, const Shape& image, bool more_at_end) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t extent = image[axis + 1];
    const std::int64_t stride = window.stride[axis];
    const std::int64_t reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    const std::int64_t places = (extent + stride - 1) / stride;
    const std::int64_t total = std::max<std::int64_t>((places - 1) * stride + reach - extent, 0);
    const std::int64_t before = more_at_end ? total / 2 : total - total / 2;
    window.pads[axis] = before;
    window.pads[axis + 2] = total - before;
  }
  window.ceil_mode = false;
}

void read_pads(NodeReader& node, const Shape& image, Window& window) {
  const auto pads = node.integers<4>("pads", {0, kMaxWindow});
  const std::string mode = node.text("auto_pad", "NOTSET");
  if (mode == "NOTSET") {
    window.pads = pads.value_or(window.pads);
    return;
  }
  if (pads && *pads != std::array<std::int64_t, 4>{}) {
    node.fail(fmt::format("attribute \"pads\" is given beside auto_pad {}; expected one of them",
                          quote(mode)));
  }
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    pad_to_same(window, image, mode == "SAME_UPPER");
  } else if (mode != "VALID") {
    node.fail(
        fmt::format("attribute \"auto_pad\" is {}; expected NOTSET, SAME_UPPER, SAME_LOWER "
                    "or VALID",
                    quote(mode)));
  }
}

// Fills in what stands beside the kernel and the ceil_mode of `window`.
void read_window(NodeReader& node, const Shape& image, Window& window) {
  window.stride = node.integers<2>("strides", {1, kMaxWindow}).value_or(window.stride);
  window.dilation = node.integers<2>("dilations", {1, kMaxWindow}).value_or(window.dilation);
  read_pads(node, image, window);
}

// The layer that computes the image an operator works on.
int read_image(const NodeReader& node) {
  const int input = node.computed(0, "data");
  const Shape& shape = node.shape(input);
  if (shape.size() != 3) {
    node.fail(
        fmt::format("operator {} works on {}-D data here (input {} without the batch); "
                    "expected 2-D data, channels x height x width",
                    node.op(), shape.size() - 1, to_string(shape)));
  }
  return input;
}

void read_conv(NodeReader& node) {
  node.expect_inputs(2, 3);
  Layer layer;
  layer.inputs = {read_image(node)};
  layer.weight = node.weights(1, "weight");
  const Shape& weight = layer.weight->shape;
  if (weight.size() != 4) {
    node.fail(fmt::format("the weight has the shape {}; expected out x in x height x width",
                          to_string(weight)));
  }
  const std::array<std::int64_t, 2> kernel{weight[2], weight[3]};
  const auto declared = node.integers<2>("kernel_shape", {1, kMaxWindow});
  if (declared && *declared != kernel) {
    node.fail(fmt::format("attribute \"kernel_shape\" is {}x{}, but the weight has the shape {}",
                          (*declared)[0], (*declared)[1], to_string(weight)));
  }
  Conv conv;
  conv.out_channels = weight[0];
  conv.groups = node.integer("group", 1, {1, kMaxElements});
  conv.window.kernel = kernel;
  read_window(node, node.shape(layer.inputs[0]), conv.window);
  layer.operation = conv;
  if (node.has_input(2)) layer.bias = node.weights(2, "bias");
  node.emit(std::move(layer));
}

std::shared_ptr<const Tensor> scaled(const NodeReader& node,
                                     const std::shared_ptr<const Tensor>& tensor, double factor) {
  if (factor == 1.0) return tensor;
  Tensor result = *tensor;
  for (float& value : result.values) {
    value = static_cast<float>(value * factor);
    if (!std::isfinite(value)) node.fail("a weight times alpha leaves the range of 32-bit floats");
  }
  return std::make_shared<const Tensor>(std::move(result));
}

void read_gemm(NodeReader& node) {
  node.expect_inputs(2, 3);
  Layer layer;
  layer.inputs = {node.computed(0, "A")};
  const Shape& shape = node.shape(layer.inputs[0]);
  if (shape.size() != 1) {
    node.fail(fmt::format("input 0 (A) has the shape {} without the batch; expected one extent",
                          to_string(shape)));
  }
  if (node.integer("transA", 0, kFlag) != 0) node.fail("transA is 1; expected 0");
  const bool is_out_by_in = node.integer("transB", 0, kFlag) != 0;
  if (node.constant(1, "B").proto->dims_size() != 2) {
    node.fail(fmt::format("input 1 (B) has {} dimensions; expected 2",
                          node.constant(1, "B").proto->dims_size()));
  }
  layer.weight = scaled(node, node.weights(1, "B", !is_out_by_in), node.real("alpha", 1.0));
  const std::int64_t outputs = layer.weight->shape[0];
  const double beta = node.real("beta", 1.0);
  if (node.has_input(2)) layer.bias = node.vector(2, "C", outputs, beta);
  if (node.model().opset < 7) node.ignore("broadcast");
  layer.operation = Linear{outputs};
  node.emit(std::move(layer));
}

void read_matmul(NodeReader& node) {
  node.expect_inputs(2, 2);
  Layer layer;
  layer.inputs = {node.computed(0, "A")};
  layer.weight = node.weights(1, "B", true);
  layer.operation = Linear{layer.weight->shape[0]};
  node.emit(std::move(layer));
}

// A constant row added to a matrix product is that layer's bias.
void read_bias(NodeReader& node, int constant) {
  const int product = node.computed(1 - constant, "data");
  if (!node.lacks_bias(product) || !node.is_only_user(1 - constant)) {
    node.fail(
        "adds a constant; that is read only as the bias of a MatMul or Gemm that has none "
        "and whose output nothing else uses");
  }
  const Shape& shape = node.shape(product);
  auto bias = node.vector(constant, "bias", shape.back());
  const int rank = node.constant(constant, "bias").proto->dims_size();
  if (std::cmp_greater(rank, shape.size() + 1)) {
    node.fail(fmt::format("the bias has {} dimensions, more than what it is added to", rank));
  }
  node.emit_bias_of(product, std::move(bias));
}

void read_add(NodeReader& node) {
  node.expect_inputs(2, 2);
  if (node.model().opset < 7) node.ignore("broadcast");
  if (node.is_constant(0) || node.is_constant(1)) {
    read_bias(node, node.is_constant(0) ? 0 : 1);
    return;
  }
  node.emit(layer_of(Add{}, {node.computed(0, "A"), node.computed(1, "B")}));
}

void read_batch_norm(NodeReader& node) {
  node.expect_inputs(5, 5);
  node.ignore("momentum");
  const std::int64_t opset = node.model().opset;
  if (opset < 7 && node.integer("is_test", 0, kFlag) == 0) {
    node.fail("is_test is 0: the model is exported for training; export it for inference");
  }
  if (opset < 9 && node.integer("spatial", 1, kFlag) == 0) node.fail("spatial is 0; expected 1");
  if (opset >= 14 && node.integer("training_mode", 0, kFlag) != 0) {
    node.fail("training_mode is 1; export the model for inference");
  }
  Layer layer = layer_of(BatchNorm{node.real("epsilon", 1e-5)}, {node.computed(0, "data")});
  constexpr std::array kRoles{"scale", "shift", "mean", "variance"};
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    layer.batch_norm[i] = node.weights(static_cast<int>(i) + 1, kRoles[i]);
  }
  const auto& variance = layer.batch_norm[3]->values;
  if (std::any_of(variance.begin(), variance.end(), [](float value) { return value < 0; })) {
    node.fail("a variance is negative; expected 0 or more");
  }
  node.emit(std::move(layer));
}

void read_clip(NodeReader& node) {
  Clip clip{.min = std::numeric_limits<float>::lowest(), .max = std::numeric_limits<float>::max()};
  Layer layer;
  layer.inputs = {node.computed(0, "data")};
  if (node.model().opset < 11) {
    node.expect_inputs(1, 1);
    clip.min = node.real("min", clip.min);
    clip.max = node.real("max", clip.max);
  } else {
    node.expect_inputs(1, 3);
    if (node.has_input(1)) clip.min = node.scalar(1, "min");
    if (node.has_input(2)) clip.max = node.scalar(2, "max");
  }
  layer.operation = clip;
  node.emit(std::move(layer));
}

template <PoolKind Kind>
void read_pool(NodeReader& node) {
  node.expect_inputs(1, 1);
  Layer layer;
  layer.inputs = {read_image(node)};
  const auto kernel = node.integers<2>("kernel_shape", {1, kMaxWindow});
  if (!kernel) node.fail("attribute \"kernel_shape\" is missing");
  Pool pool;
  pool.kind = Kind;
  pool.window.kernel = *kernel;
  pool.window.ceil_mode = node.integer("ceil_mode", 0, kFlag) != 0;
  read_window(node, node.shape(layer.inputs[0]), pool.window);
  if (Kind == PoolKind::kMax) node.ignore("storage_order");  // of the indices, which are not read
  if (Kind == PoolKind::kAverage) {
    pool.count_padding = node.integer("count_include_pad", 0, kFlag) != 0;
  }
  layer.operation = pool;
  node.emit(std::move(layer));
}

template <PoolKind Kind>
void read_global_pool(NodeReader& node) {
  node.expect_inputs(1, 1);
  node.emit(layer_of(GlobalPool{Kind}, {read_image(node)}));
}

// An axis attribute, counted from the front with the batch as axis 0.
std::int64_t read_axis(NodeReader& node, const Shape& shape, std::int64_t otherwise) {
  const std::int64_t rank = std::ssize(shape) + 1;
  const std::int64_t axis = node.integer("axis", otherwise, {-rank, rank});
  return axis < 0 ? axis + rank : axis;
}

void read_flatten(NodeReader& node) {
  node.expect_inputs(1, 1);
  const int input = node.computed(0, "data");
  const std::int64_t axis = read_axis(node, node.shape(input), 1);
  if (axis != 1) node.fail(fmt::format("flattens from axis {}; expected 1, after the batch", axis));
  node.emit(layer_of(Flatten{}, {input}));
}

void read_softmax(NodeReader& node) {
  node.expect_inputs(1, 1);
  const int input = node.computed(0, "data");
  const Shape& shape = node.shape(input);
  const bool is_coerced = node.model().opset < 13;  // all axes from `axis` on are taken as one
  const std::int64_t axis = read_axis(node, shape, is_coerced ? 1 : -1);
  if (axis != std::ssize(shape)) {
    node.fail(fmt::format("works along axis {} of {} (batch first); expected the last axis", axis,
                          shape.size() + 1));
  }
  node.emit(layer_of(Softmax{}, {input}));
}

// The wanted shape without its batch, after the rules of Reshape: 0 copies the input's extent at
// the same place, -1 takes what is left. The first extent must be the batch in any disguise.
Shape without_batch(const NodeReader& node, const std::vector<std::int64_t>& wanted,
                    const Shape& input) {
  const auto& batch = node.model().batch;
  if (wanted.size() < 2)
    node.fail("reshapes to a shape without batch; expected two extents or more");
  if (std::count(wanted.begin(), wanted.end(), -1) > 1) {
    node.fail("reshapes with two extents of -1; expected one at most");
  }
  const std::int64_t first = wanted.front();
  if (first != 0 && first != -1 && first != batch.value_or(1)) {
    node.fail(fmt::format("reshapes the batch to {}; expected to leave it as it is", first));
  }
  Shape result;
  for (std::size_t i = 1; i < wanted.size(); ++i) {
    const std::int64_t extent = wanted[i];
    if (extent < -1 || (extent == 0 && i > input.size())) {
      node.fail(
          fmt::format("reshapes to an extent of {} at place {}; expected 1 or more, -1, or 0 "
                      "where the input has an extent",
                      extent, i));
    }
    result.push_back(extent == 0 ? input[i - 1] : extent);
  }
  return result;
}

void read_reshape(NodeReader& node) {
  node.expect_inputs(2, 2);
  const int input = node.computed(0, "data");
  const Constant wanted = node.values(1, "shape");
  if (!wanted.is_integer || wanted.shape.size() != 1) {
    node.fail("input 1 (shape) is no list of integers");
  }
  if (node.model().opset >= 14 && node.integer("allowzero", 0, kFlag) != 0) {
    node.fail("allowzero is 1; expected 0");
  }
  node.emit(layer_of(Reshape{without_batch(node, wanted.integers, node.shape(input))}, {input}));
}

void read_identity(NodeReader& node) {
  node.expect_inputs(1, 1);
  if (node.is_constant(0)) {
    node.emit_constant(node.constant(0, "data"));
  } else {
    node.emit(layer_of(Identity{}, {node.computed(0, "data")}));
  }
}

void read_dropout(NodeReader& node) {
  node.expect_inputs(1, 3);
  const std::int64_t opset = node.model().opset;
  for (const char* name : {"ratio", "seed"}) node.ignore(name);
  const bool trains = (opset < 7 && node.integer("is_test", 0, kFlag) == 0) ||
                      (node.has_input(2) && node.scalar(2, "training_mode") != 0.0);
  if (trains) node.fail("drops values as in training; export the model for inference");
  node.emit(layer_of(Identity{}, {node.computed(0, "data")}));
}

template <class T, class Field>
TensorProto tensor_of(TensorProto::DataType type, const Field& values, bool is_scalar) {
  TensorProto tensor;
  tensor.set_data_type(type);
  if (!is_scalar) tensor.add_dims(values.size());
  std::vector<T> raw(values.begin(), values.end());
  tensor.set_raw_data(raw.data(), raw.size() * sizeof(T));
  return tensor;
}

void read_constant(NodeReader& node) {
  node.expect_inputs(0, 0);
  if (const auto* found = node.attribute("value"); found != nullptr && found->has_t()) {
    node.emit_values_of(found->t());
  } else if (const auto* real = node.attribute("value_float"); real != nullptr) {
    node.emit_values(tensor_of<float>(TensorProto::FLOAT, std::array{real->f()}, true));
  } else if (const auto* reals = node.attribute("value_floats"); reals != nullptr) {
    node.emit_values(tensor_of<float>(TensorProto::FLOAT, reals->floats(), false));
  } else if (const auto* whole = node.attribute("value_int"); whole != nullptr) {
    node.emit_values(tensor_of<std::int64_t>(TensorProto::INT64, std::array{whole->i()}, true));
  } else if (const auto* wholes = node.attribute("value_ints"); wholes != nullptr) {
    node.emit_values(tensor_of<std::int64_t>(TensorProto::INT64, wholes->ints(), false));
  } else {
    node.fail(
        "holds no value of a known kind; expected value, value_float, value_floats, "
        "value_int or value_ints");
  }
}

Registry<ReadOperator> make_operators() {
  Registry<ReadOperator> table;
  table.add("Add", read_add);
  table.add("AveragePool", read_pool<PoolKind::kAverage>);
  table.add("BatchNormalization", read_batch_norm);
  table.add("Clip", read_clip);
  table.add("Constant", read_constant);
  table.add("Conv", read_conv);
  table.add("Dropout", read_dropout);
  table.add("Flatten", read_flatten);
  table.add("Gemm", read_gemm);
  table.add("GlobalAveragePool", read_global_pool<PoolKind::kAverage>);
  table.add("GlobalMaxPool", read_global_pool<PoolKind::kMax>);
  table.add("Identity", read_identity);
  table.add("MatMul", read_matmul);
  table.add("MaxPool", read_pool<PoolKind::kMax>);
  table.add("Relu", [](NodeReader& node) {
    node.expect_inputs(1, 1);
    node.emit(layer_of(Relu{}, {node.computed(0, "data")}));
  });
  table.add("Reshape", read_reshape);
  table.add("Softmax", read_softmax);
  return table;
}

}  // namespace

const Registry<ReadOperator>& operators() {
  static const Registry<ReadOperator> kTable = make_operators();
  return kTable;
}

}  // namespace pimento::workloads::onnx_import
