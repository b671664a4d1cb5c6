// SPDX-License-Identifier: Apache-2.0
// The same three by two integers in each of the forms that exporters give quantized weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/workloads/graph/graph_builder.h"
#include "workloads/executor.h"
#include "workloads/lowering/network_of.h"

namespace pimento::workloads {

// In the order of a MatMul's right side: in x out.
inline const std::vector<std::int64_t> kSteps{-8, 7, 0, 3, -1, 5};
inline const Shape kInByOut{2, 3};

inline Array steps(ElementType type = ElementType::kInt8, std::int64_t zero_point = 0) {
  std::vector<std::int64_t> values = kSteps;
  for (std::int64_t& value : values) value += zero_point;
  return integer_array(kInByOut, values, type);
}

// The steps times a scale.
inline Array step_reals(double scale) {
  std::vector<double> values(kSteps.begin(), kSteps.end());
  for (double& value : values) value *= scale;
  return real_array(kInByOut, values);
}

// x of two features times a weight made by `form`, and the weight's value.
struct Product {
  template <class MakeWeight>
  explicit Product(const MakeWeight& make_weight) : builder(21) {
    x = builder.input("x", {1, 2});
    weight = make_weight(builder);
    builder.output(builder.node("MatMul", {x, weight}, {}, "fc"));
  }

  [[nodiscard]] Network network() const { return network_of(builder.graph); }
  [[nodiscard]] Layer layer() const { return network().layers.back(); }

  // The weight as the graph computes it: the same graph with the weight as its output.
  [[nodiscard]] Array executed() const {
    Graph graph = builder.graph;
    if (const Constant* constant = graph.constant(weight)) return decode(*constant);
    graph.outputs = {weight};
    graph.nodes.pop_back();
    return Executor(graph).run({make_array(ElementType::kFloat32, {1, 2})})[0];
  }

  GraphBuilder builder;
  int x = 0;
  int weight = 0;
};

// Out x in, as layers keep weights.
template <class T>
std::vector<T> turned(const std::vector<T>& in_by_out) {
  return {in_by_out[0], in_by_out[3], in_by_out[1], in_by_out[4], in_by_out[2], in_by_out[5]};
}

}  // namespace pimento::workloads
