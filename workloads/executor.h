// SPDX-License-Identifier: Apache-2.0
// Runs a graph on values, operator by operator, exactly as its format defines them.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/graph/operator.h"

namespace pimento::workloads {

class Executor {
 public:
  // Makes a node's first output in its place, from some of its inputs.
  struct Substitute {
    std::vector<std::size_t> places;  // of the inputs it reads
    std::function<Array(const std::vector<const Array*>& inputs)> make;
  };

  // The graph must outlive the executor.
  explicit Executor(const Graph& graph) : Executor(graph, {}) {}
  // Nodes by index whose work something else does. What only inputs need that it does not
  // read is left out.
  Executor(const Graph& graph, std::map<int, Substitute> substitutes);

  // Values of the graph's outputs for values of its inputs, in their order. Throws InputError when
  // the inputs do not fit, or a value leaves what an operator allows.
  [[nodiscard]] std::vector<Array> run(const std::vector<Array>& inputs) const;

  // Called with each value as it is made, and its index: for calibration and traces.
  using Observer = std::function<void(int value, const Array& array)>;
  [[nodiscard]] std::vector<Array> run(const std::vector<Array>& inputs,
                                       const Observer& observe) const;

 private:
  [[nodiscard]] std::vector<int> inputs_of(std::size_t node) const;
  [[nodiscard]] std::vector<Array> results_of(std::size_t node,
                                              const std::vector<const Array*>& arrays) const;

  const Graph& graph_;
  std::map<int, Substitute> substitutes_;
  std::vector<bool> is_needed_;  // of each node
  std::vector<int> last_use_;    // the last node that reads each value, -1 if it leaves the graph
};

}  // namespace pimento::workloads
