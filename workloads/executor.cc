// SPDX-License-Identifier: Apache-2.0
#include "workloads/executor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace pimento::workloads {
namespace {

constexpr int kStays = -1;

void check_input(const Graph& graph, int value, const Array& array) {
  const Value& expected = graph.value(value);
  if (array.shape == expected.shape && array.type == expected.type) return;
  throw InputError(fmt::format("{}: input \"{}\" is {} of {}; found {} of {}", graph.source,
                               printable(expected.name), name_of(expected.type),
                               to_string(expected.shape), name_of(array.type),
                               to_string(array.shape)));
}

}  // namespace

Executor::Executor(const Graph& graph, std::map<int, Substitute> substitutes)
    : graph_(graph), substitutes_(std::move(substitutes)) {
  std::vector<bool> is_read(graph.values.size(), false);
  for (const int output : graph.outputs) is_read[static_cast<std::size_t>(output)] = true;
  is_needed_.assign(graph.nodes.size(), false);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const std::vector<int>& outputs = graph.nodes[i].outputs;
    is_needed_[i] = std::any_of(outputs.begin(), outputs.end(), [&](int value) {
      return value != kNoValue && is_read[static_cast<std::size_t>(value)];
    });
    // Without substitutes every node runs: calibration looks at all values.
    is_needed_[i] = is_needed_[i] || substitutes_.empty();
    if (!is_needed_[i]) continue;
    for (const int input : inputs_of(i)) {
      if (input != kNoValue) is_read[static_cast<std::size_t>(input)] = true;
    }
  }
  last_use_.assign(graph.values.size(), kStays);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!is_needed_[i]) continue;
    for (const int input : inputs_of(i)) {
      if (input != kNoValue) last_use_[static_cast<std::size_t>(input)] = static_cast<int>(i);
    }
  }
  for (const int output : graph.outputs) last_use_[static_cast<std::size_t>(output)] = kStays;
}

std::vector<int> Executor::inputs_of(std::size_t node) const {
  const std::vector<int>& inputs = graph_.nodes[node].inputs;
  const auto substitute = substitutes_.find(static_cast<int>(node));
  if (substitute == substitutes_.end()) return inputs;
  std::vector<int> read;
  for (const std::size_t place : substitute->second.places) read.push_back(inputs.at(place));
  return read;
}

std::vector<Array> Executor::results_of(std::size_t node,
                                        const std::vector<const Array*>& arrays) const {
  const auto substitute = substitutes_.find(static_cast<int>(node));
  if (substitute != substitutes_.end()) return {substitute->second.make(arrays)};
  return evaluate(graph_.nodes[node], arrays, place_of(graph_.source, graph_.nodes[node]));
}

std::vector<Array> Executor::run(const std::vector<Array>& inputs) const {
  return run(inputs, {});
}

std::vector<Array> Executor::run(const std::vector<Array>& inputs, const Observer& observe) const {
  if (inputs.size() != graph_.inputs.size()) {
    throw InputError(fmt::format("{}: the network takes {} inputs; found {}", graph_.source,
                                 graph_.inputs.size(), inputs.size()));
  }
  std::vector<std::optional<Array>> values(graph_.values.size());
  const auto keep = [&](int value, Array array) {
    if (observe) observe(value, array);
    values[static_cast<std::size_t>(value)] = std::move(array);
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_input(graph_, graph_.inputs[i], inputs[i]);
    keep(graph_.inputs[i], inputs[i]);
  }
  const auto load = [&](int value) -> const Array& {
    auto& slot = values[static_cast<std::size_t>(value)];
    if (!slot) {
      const Constant* constant = graph_.constant(value);
      if (constant == nullptr) throw InternalError("a value is read before it is made");
      slot = decode(*constant);
    }
    return *slot;
  };
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (!is_needed_[i]) continue;
    const Node& node = graph_.nodes[i];
    const std::vector<int> read = inputs_of(i);
    std::vector<const Array*> arrays;
    arrays.reserve(read.size());
    for (const int input : read) {
      arrays.push_back(input == kNoValue ? nullptr : &load(input));
    }
    std::vector<Array> results = results_of(i, arrays);
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
      if (node.outputs[k] != kNoValue) keep(node.outputs[k], std::move(results[k]));
    }
    for (const int input : read) {
      if (input == kNoValue || last_use_[static_cast<std::size_t>(input)] != static_cast<int>(i)) {
        continue;
      }
      values[static_cast<std::size_t>(input)].reset();
    }
  }
  std::vector<Array> outputs;
  outputs.reserve(graph_.outputs.size());
  for (const int output : graph_.outputs) outputs.push_back(load(output));
  return outputs;
}

}  // namespace pimento::workloads
