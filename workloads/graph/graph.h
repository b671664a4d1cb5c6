// SPDX-License-Identifier: Apache-2.0
// A network as its file means it: operators on tensors, exactly. The Network that is mapped onto
// macros is read off this graph, and the executor runs it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "workloads/graph/constant.h"

namespace pimento::workloads {

using Attribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>,
                               std::vector<double>, std::vector<std::string>, Constant>;

inline constexpr int kNoValue = -1;

// A tensor of the graph. Its shape has all extents, the batch included.
struct Value {
  std::string name;
  ElementType type = ElementType::kFloat32;
  Shape shape;
  std::optional<Constant> constant;
};

struct Node {
  std::string name;          // for messages and layers
  std::string op;            // "Conv", "QuantizeLinear", "Quant", ...
  std::int64_t version = 0;  // of the operator set it was written for
  std::vector<int> inputs;   // values; kNoValue where an optional one is left out
  std::vector<int> outputs;  // values; kNoValue where nobody wants one
  std::map<std::string, Attribute> attributes;
};

// Null where the node has none of that name.
[[nodiscard]] const Attribute* find_attribute(const Node& node, const std::string& name);

// The attribute, or `otherwise` where there is none of that name and type.
template <class T>
[[nodiscard]] T attribute_or(const Node& node, const std::string& name, T otherwise) {
  const Attribute* found = find_attribute(node, name);
  const T* value = found == nullptr ? nullptr : std::get_if<T>(found);
  return value == nullptr ? otherwise : *value;
}
// Whether an integer attribute is there and not 0.
[[nodiscard]] inline bool has_flag(const Node& node, const std::string& name) {
  return attribute_or<std::int64_t>(node, name, 0) != 0;
}

struct Graph {
  std::string name;
  std::string source;  // file it came from
  std::string origin;  // what it was made from and what was done to it; empty: the file as it is
  std::string description;
  std::vector<Value> values;
  std::vector<Node> nodes;  // each after the nodes it takes values from
  std::vector<int> inputs;
  std::vector<int> outputs;

  [[nodiscard]] const Value& value(int index) const {
    return values[static_cast<std::size_t>(index)];
  }
  // Null for what is computed, and for kNoValue.
  [[nodiscard]] const Constant* constant(int index) const {
    if (index == kNoValue) return nullptr;
    const auto& found = value(index).constant;
    return found ? &*found : nullptr;
  }
  [[nodiscard]] bool is_constant(int index) const { return constant(index) != nullptr; }
  int add_value(Value value) {
    values.push_back(std::move(value));
    return static_cast<int>(values.size()) - 1;
  }
  int add_constant(const std::string& constant_name, Constant constant) {
    Value value{constant_name, constant.type, constant.shape, std::nullopt};
    value.constant = std::move(constant);
    return add_value(std::move(value));
  }
};

// How often each value is read by nodes or leaves the graph.
[[nodiscard]] std::vector<int> count_uses(const Graph& graph);
// The node that makes each value, or -1.
[[nodiscard]] std::vector<int> makers(const Graph& graph);

}  // namespace pimento::workloads
