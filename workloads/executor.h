// SPDX-License-Identifier: Apache-2.0
// Runs a graph on values, operator by operator, exactly as its format defines them.
#pragma once

#include <functional>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/graph/operator.h"

namespace pimento::workloads {

class Executor {
 public:
  // The graph must outlive the executor.
  explicit Executor(const Graph& graph);

  // Values of the graph's outputs for values of its inputs, in their order. Throws InputError when
  // the inputs do not fit, or a value leaves what an operator allows.
  [[nodiscard]] std::vector<Array> run(const std::vector<Array>& inputs) const;

  // Called with each value as it is made, and its index: for calibration and traces.
  using Observer = std::function<void(int value, const Array& array)>;
  [[nodiscard]] std::vector<Array> run(const std::vector<Array>& inputs,
                                       const Observer& observe) const;

 private:
  const Graph& graph_;
  std::vector<int> last_use_;  // the last node that reads each value, -1 if it leaves the graph
};

}  // namespace pimento::workloads
