// SPDX-License-Identifier: Apache-2.0
// Adding nodes to a graph with their shapes, computing at once what constants alone decide:
// exporters leave shapes and scales as little subgraphs.
#pragma once

#include <string>
#include <unordered_map>

#include "workloads/graph/graph.h"
#include "workloads/graph/operator.h"

namespace pimento::workloads {

// Whether an operator says how values are quantized. Such nodes stay, even on constants.
[[nodiscard]] bool is_quantizer(const std::string& op);

// Values a node reads and makes, and the operations behind them: what computing it costs. The forms
// of its outputs must be known.
[[nodiscard]] std::int64_t cost_of(const Graph& graph, const Node& node);

class Folder {
 public:
  // Infers the forms of a node's outputs, which are values of the graph already. A node whose
  // inputs are all constant is replaced by its results, within a budget of values for the whole
  // graph. `place` names the node in messages. Throws InputError.
  void add(Graph& graph, Node node, const std::string& place);

 private:
  // Values of a constant; with `any_size` even when they are many.
  const Array* known(const Graph& graph, int value, bool any_size);
  bool folds(const Graph& graph, const Node& node);

  std::unordered_map<int, Array> arrays_;
  std::int64_t budget_ = std::int64_t{1} << 28;  // of cost
};

}  // namespace pimento::workloads
