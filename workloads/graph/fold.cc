// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/fold.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

// Shapes, axes and limits are never longer; weights that are need not be looked at for a shape.
constexpr std::int64_t kMostShapeValues = 65536;
// Integers of more bits are shapes and indices.
constexpr int kWidestClipped = 16;

// Operations for each value that products, windows and neighbourhoods make, at most.
std::int64_t work_for_each(const Graph& graph, const Node& node) {
  const auto shape = [&](std::size_t input) {
    const bool there = input < node.inputs.size() && node.inputs[input] != kNoValue;
    return there ? graph.value(node.inputs[input]).shape : Shape{};
  };
  if (node.op.find("Conv") != std::string::npos) {
    const Shape weight = shape(node.op == "QLinearConv" ? 3 : 1);
    return weight.empty() || weight[0] == 0 ? 1 : element_count(weight) / weight[0];
  }
  if (const Attribute* kernel = find_attribute(node, "kernel_shape")) {
    const auto* extents = std::get_if<std::vector<std::int64_t>>(kernel);
    return extents == nullptr ? 1 : checked_product(*extents).value_or(kMaxMacs);
  }
  if (operator_of(node).work == Work::kMatrix || node.op == "LRN") {
    const Shape data = shape(0);
    return data.empty() ? 1 : *std::max_element(data.begin(), data.end());
  }
  return 1;
}

// Whether a node cuts integers of quantized values to fewer bits, as QCDQ does. It stays as well.
bool clips_integers(const Graph& graph, const Node& node) {
  if (node.op != "Clip" || node.inputs[0] == kNoValue) return false;
  const ElementType type = graph.value(node.inputs[0]).type;
  return is_integer(type) && bits_of(type) <= kWidestClipped;
}

}  // namespace

std::int64_t cost_of(const Graph& graph, const Node& node) {
  std::int64_t made = 0;
  std::int64_t read = 0;
  for (const int output : node.outputs) {
    if (output != kNoValue) made += element_count(graph.value(output).shape);
  }
  for (const int input : node.inputs) {
    if (input != kNoValue) read += element_count(graph.value(input).shape);
  }
  const auto work = checked_product(std::array{made, work_for_each(graph, node)});
  return work ? checked_sum(*work, read).value_or(kMaxMacs) : kMaxMacs;
}

bool is_quantizer(const std::string& op) {
  constexpr std::array<std::string_view, 6> kQuantizers{
      "QuantizeLinear", "DequantizeLinear", "Quant", "BipolarQuant", "Trunc", "FakeQuantize"};
  return std::find(kQuantizers.begin(), kQuantizers.end(), op) != kQuantizers.end();
}

const Array* Folder::known(const Graph& graph, int value, bool any_size) {
  const Constant* constant = graph.constant(value);
  if (constant == nullptr) return nullptr;
  if (!any_size && constant->size() > kMostShapeValues) return nullptr;
  const auto it = arrays_.find(value);
  if (it != arrays_.end()) return &it->second;
  if (constant->size() > kMostShapeValues) {
    // Held for one node only.
    return &arrays_.insert_or_assign(value, decode(*constant)).first->second;
  }
  return &arrays_.emplace(value, decode(*constant)).first->second;
}

bool Folder::folds(const Graph& graph, const Node& node) {
  const bool all_constant = std::all_of(node.inputs.begin(), node.inputs.end(), [&](int input) {
    return input == kNoValue || graph.is_constant(input);
  });
  // What a shape says is known without the values it belongs to.
  const bool asks_shape = node.op == "Shape" || node.op == "Size";
  if ((!all_constant && !asks_shape) || is_quantizer(node.op) || clips_integers(graph, node)) {
    return false;
  }
  const std::int64_t cost = asks_shape ? 1 : cost_of(graph, node);
  if (cost > budget_) return false;
  budget_ -= cost;
  return true;
}

void Folder::add(Graph& graph, Node node, const std::string& place) {
  const Operator& op = operator_of(node);
  const auto inputs = [&](bool any_size) {
    CallInputs result;
    for (const int input : node.inputs) {
      if (input == kNoValue) {
        result.leave_out();
      } else {
        result.add({graph.value(input).type, graph.value(input).shape},
                   known(graph, input, any_size));
      }
    }
    return result;
  };
  const std::vector<Form> forms = infer_forms(op, inputs(false).call(node, place));
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    Value& value = graph.values[static_cast<std::size_t>(node.outputs[i])];
    value.type = forms[i].type;
    value.shape = forms[i].shape;
  }
  if (!folds(graph, node)) {
    graph.nodes.push_back(std::move(node));
    return;
  }
  const bool asks_shape = node.op == "Shape" || node.op == "Size";
  const std::vector<Array> results = evaluate(op, inputs(!asks_shape).call(node, place));
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    graph.values[static_cast<std::size_t>(node.outputs[i])].constant = encode(results[i]);
  }
  std::erase_if(arrays_, [](const auto& entry) { return entry.second.size() > kMostShapeValues; });
}

}  // namespace pimento::workloads
