// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/graph.h"

namespace pimento::workloads {

const Attribute* find_attribute(const Node& node, const std::string& name) {
  const auto it = node.attributes.find(name);
  return it == node.attributes.end() ? nullptr : &it->second;
}

std::vector<int> count_uses(const Graph& graph) {
  std::vector<int> uses(graph.values.size(), 0);
  const auto use = [&](int value) {
    if (value != kNoValue) ++uses[static_cast<std::size_t>(value)];
  };
  for (const Node& node : graph.nodes) {
    for (const int input : node.inputs) use(input);
  }
  for (const int output : graph.outputs) use(output);
  return uses;
}

std::vector<int> makers(const Graph& graph) {
  std::vector<int> result(graph.values.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const int output : graph.nodes[i].outputs) {
      if (output != kNoValue) result[static_cast<std::size_t>(output)] = static_cast<int>(i);
    }
  }
  return result;
}

}  // namespace pimento::workloads
