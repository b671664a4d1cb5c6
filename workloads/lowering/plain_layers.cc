// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/plain_layers.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "workloads/graph/operator.h"
#include "workloads/limits.h"
#include "workloads/operators/window.h"

namespace pimento::workloads {
namespace {

std::optional<Operation> pool(const Graph& graph, const Node& node, PoolKind kind) {
  const Shape& shape = graph.value(node.inputs[0]).shape;
  const Attribute* kernel = find_attribute(node, "kernel_shape");
  if (shape.size() != 4 || shape[0] != 1 || kernel == nullptr) return std::nullopt;
  const bool has_indices = node.outputs.size() > 1;
  if (has_indices) return std::nullopt;
  const CallInputs inputs = CallInputs::forms_of(graph, node);
  const SlidingWindow window = read_sliding_window(inputs.call(node, place_of(graph.source, node)),
                                                   std::get<std::vector<std::int64_t>>(*kernel));
  Pool result;
  result.kind = kind;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    result.window.kernel[axis] = window.kernel[axis];
    result.window.stride[axis] = window.stride[axis];
    result.window.dilation[axis] = window.dilation[axis];
    result.window.pads[axis] = window.before[axis];
    result.window.pads[axis + 2] = window.after[axis];
  }
  const Attribute* auto_pad = find_attribute(node, "auto_pad");
  const auto* mode = auto_pad == nullptr ? nullptr : std::get_if<std::string>(auto_pad);
  result.window.ceil_mode = has_flag(node, "ceil_mode") && (mode == nullptr || *mode == "NOTSET");
  result.count_padding = has_flag(node, "count_include_pad");
  return result;
}

std::optional<Operation> global_pool(const Graph& graph, const Node& node, PoolKind kind) {
  const Shape& shape = graph.value(node.inputs[0]).shape;
  if (shape.size() != 4 || shape[0] != 1) return std::nullopt;
  return GlobalPool{kind};
}

std::optional<Operation> add(const Graph& graph, const QuantizationReader& reader,
                             const Node& node) {
  const bool computed = !reader.is_fixed(node.inputs[0]) && !reader.is_fixed(node.inputs[1]);
  const Shape& a = graph.value(node.inputs[0]).shape;
  if (!computed || image_shape(a) != image_shape(graph.value(node.inputs[1]).shape)) {
    return std::nullopt;
  }
  return Add{};
}

std::optional<Operation> clip(const QuantizationReader& reader, const Node& node) {
  Clip result{.min = std::numeric_limits<float>::lowest(),
              .max = std::numeric_limits<float>::max()};
  result.min = attribute_or(node, "min", result.min);
  result.max = attribute_or(node, "max", result.max);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    if (!reader.is_fixed(node.inputs[i])) return std::nullopt;
    const Array bound = reader.fixed_value(node.inputs[i]);
    if (bound.size() != 1) return std::nullopt;
    (i == 1 ? result.min : result.max) = bound.real(0);
  }
  if (!(result.min <= result.max)) return std::nullopt;
  return result;
}

// Normalization along the last axis of an image's values.
std::optional<Operation> softmax(const Graph& graph, const Node& node) {
  const auto rank = std::ssize(graph.value(node.inputs[0]).shape);
  const Attribute* written = find_attribute(node, "axis");
  std::int64_t axis = node.version < 13 ? 1 : -1;
  if (written != nullptr) axis = std::get<std::int64_t>(*written);
  if ((axis < 0 ? axis + rank : axis) != rank - 1) return std::nullopt;
  return Softmax{};
}

std::optional<Layer> batch_norm(const Graph& graph, const QuantizationReader& reader,
                                const Node& node) {
  const Shape& shape = graph.value(node.inputs[0]).shape;
  if (shape.size() < 2 || shape[0] != 1 || reader.is_fixed(node.inputs[0])) return std::nullopt;
  Layer layer;
  layer.operation = BatchNorm{attribute_or(node, "epsilon", 1e-5)};
  for (std::size_t i = 0; i < layer.batch_norm.size(); ++i) {
    if (!reader.is_fixed(node.inputs[i + 1])) return std::nullopt;
    Array values = reader.fixed_value(node.inputs[i + 1]);
    values.shape = {values.size()};
    const bool negative =
        std::any_of(values.reals.begin(), values.reals.end(), [](double v) { return v < 0.0; });
    if (i == 3 && negative) throw InputError("a variance is negative; expected 0 or more");
    layer.batch_norm[i] = encode(values);
  }
  return layer;
}

// Operators that change nothing but the shape.
std::optional<Operation> reshape(const Graph& graph, const Node& node) {
  const Shape from = image_shape(graph.value(node.inputs[0]).shape);
  const Shape to = image_shape(graph.value(node.outputs[0]).shape);
  if (element_count(from) != element_count(to)) return std::nullopt;
  if (node.op == "Flatten" && to == Shape{element_count(from)}) return Flatten{};
  return Reshape{to};
}

std::optional<Operation> plain_operation(const Graph& graph, const QuantizationReader& reader,
                                         const Node& node) {
  if (node.outputs.empty() || node.outputs[0] == kNoValue) return std::nullopt;
  if (node.inputs.empty() || node.inputs[0] == kNoValue) return std::nullopt;
  if (node.op == "MaxPool") return pool(graph, node, PoolKind::kMax);
  if (node.op == "AveragePool") return pool(graph, node, PoolKind::kAverage);
  if (node.op == "GlobalAveragePool") return global_pool(graph, node, PoolKind::kAverage);
  if (node.op == "GlobalMaxPool") return global_pool(graph, node, PoolKind::kMax);
  if (node.op == "QLinearGlobalAveragePool") return global_pool(graph, node, PoolKind::kAverage);
  if (node.op == "Add") return add(graph, reader, node);
  if (node.op == "Relu") return Relu{};
  if (node.op == "Clip") return clip(reader, node);
  if (node.op == "Softmax") return softmax(graph, node);
  if (node.op == "Identity" || node.op == "Dropout") return Identity{};
  const Operator* op = operator_table().find(node.op);
  if (op != nullptr && op->work == Work::kNone) return reshape(graph, node);
  return std::nullopt;
}

std::int64_t product_macs(const Graph& graph, const Node& node) {
  const Shape& output = graph.value(node.outputs[0]).shape;
  const Shape& left = graph.value(node.inputs[0]).shape;
  std::int64_t depth = left.empty() ? 1 : left.back();
  if (node.op == "Gemm" && has_flag(node, "transA")) depth = left.front();
  if (node.op == "Conv" || node.op == "ConvInteger" || node.op == "QLinearConv") {
    const Shape& weight = graph.value(node.inputs[node.op == "QLinearConv" ? 3 : 1]).shape;
    depth = weight.front() == 0 ? 0 : element_count(weight) / weight.front();
  }
  const auto macs = checked_product(std::array{element_count(output), depth});
  if (!macs || *macs >= kMaxMacs) throw InputError("is 2^60 MACs or more; expected fewer");
  return *macs;
}

}  // namespace

Shape image_shape(const Shape& shape) {
  if (shape.empty()) return {1};
  if (shape.size() > 1 && shape[0] == 1) return {shape.begin() + 1, shape.end()};
  return shape;
}

std::optional<Layer> plain_layer(const Graph& graph, const QuantizationReader& reader,
                                 const Node& node) {
  if (node.op == "BatchNormalization") return batch_norm(graph, reader, node);
  auto operation = plain_operation(graph, reader, node);
  if (!operation) return std::nullopt;
  Layer layer;
  layer.operation = std::move(*operation);
  return layer;
}

Operation digital_operation(const Graph& graph, const QuantizationReader& reader, const Node& node,
                            int output) {
  Digital digital;
  digital.op = node.op;
  digital.shape = image_shape(graph.value(output).shape);
  digital.inputs = 0;
  std::int64_t taken = 0;
  for (const int input : node.inputs) {
    if (input == kNoValue || reader.is_fixed(input)) continue;
    ++digital.inputs;
    taken += element_count(graph.value(input).shape);
  }
  digital.operations = element_count(digital.shape);
  switch (operator_of(node).work) {
    case Work::kNone:
    case Work::kMove:
      digital.work = DigitalWork::kMove;
      break;
    case Work::kElementwise:
      digital.work = DigitalWork::kElementwise;
      break;
    case Work::kReduce:
      digital.work = DigitalWork::kReduce;
      digital.operations = std::max(digital.operations, taken);
      break;
    case Work::kMatrix:
      digital.work = DigitalWork::kMatrix;
      digital.macs = product_macs(graph, node);
      digital.operations = digital.macs;
      break;
  }
  return digital;
}

}  // namespace pimento::workloads
