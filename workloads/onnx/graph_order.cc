// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/graph_order.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "workloads/limits.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::GraphProto;
using ::onnx::NodeProto;

// The edges of a graph by tensor name. Names are views into the messages.
class Edges {
 public:
  Edges(const GraphProto& graph, const std::string& file_name)
      : graph_(graph), file_name_(file_name) {
    for (const auto& tensor : graph.initializer()) {
      if (!given_.insert(tensor.name()).second) {
        fail(file_name,
             fmt::format("two initializers have the name {}; expected one", quote(tensor.name())));
      }
    }
    for (const auto& input : graph.input()) given_.insert(input.name());
    for (int node = 0; node < graph.node_size(); ++node) add_outputs(node);
  }

  // The node an input comes from, or -1 when it is given. Throws InputError when nothing makes it.
  [[nodiscard]] int source(int node, int input) const {
    const std::string& name = graph_.node(node).input(input);
    if (name.empty() || given_.contains(name)) return -1;
    const auto it = made_.find(name);
    if (it == made_.end()) {
      fail(node_place(file_name_, graph_, node),
           fmt::format("input {} is made by no node and is no initializer or graph input",
                       quote(name)));
    }
    return it->second;
  }

  // The nodes behind the graph's outputs. Throws InputError on an output nothing makes.
  [[nodiscard]] std::vector<int> last() const {
    if (graph_.output().empty()) fail(file_name_, "the graph has no output; expected one");
    std::vector<int> nodes;
    for (const auto& output : graph_.output()) {
      const auto it = made_.find(output.name());
      if (it == made_.end()) {
        fail(file_name_,
             fmt::format("the graph's output {} is made by no node", quote(output.name())));
      }
      nodes.push_back(it->second);
    }
    return nodes;
  }

 private:
  void add_outputs(int node) {
    const NodeProto& proto = graph_.node(node);
    const auto is_named = [](const std::string& name) { return !name.empty(); };
    if (std::none_of(proto.output().begin(), proto.output().end(), is_named)) {
      fail(node_place(file_name_, graph_, node), "has no output; expected one");
    }
    for (const std::string& name : proto.output()) {
      if (name.empty()) continue;
      if (given_.contains(name) || !made_.emplace(name, node).second) {
        fail(node_place(file_name_, graph_, node),
             fmt::format("output {} is defined a second time here; expected names of their own",
                         quote(name)));
      }
    }
  }

  const GraphProto& graph_;
  const std::string& file_name_;
  std::unordered_set<std::string_view> given_;      // initializers and graph inputs
  std::unordered_map<std::string_view, int> made_;  // the node behind each tensor
};

// Fails naming a node on a cycle: among nodes that wait for each other, a walk from input to source
// that is longer than their number has entered one.
[[noreturn]] void fail_cycle(const GraphProto& graph, const Edges& edges,
                             const std::vector<int>& waiting, const std::string& file_name) {
  int node = static_cast<int>(
      std::find_if(waiting.begin(), waiting.end(), [](int count) { return count > 0; }) -
      waiting.begin());
  for (int step = 0; step < graph.node_size(); ++step) {
    for (int input = 0; input < graph.node(node).input_size(); ++input) {
      const int source = edges.source(node, input);
      if (source >= 0 && waiting[static_cast<std::size_t>(source)] > 0) {
        node = source;
        break;
      }
    }
  }
  fail(node_place(file_name, graph, node), "needs its own output: the graph has a cycle");
}

// Kahn's algorithm, always taking the ready node that stands first in the file.
std::vector<int> topological_order(const GraphProto& graph, const Edges& edges,
                                   const std::string& file_name) {
  const auto count = static_cast<std::size_t>(graph.node_size());
  std::vector<int> waiting(count, 0);  // inputs not made yet
  std::vector<std::vector<int>> users(count);
  for (int node = 0; node < graph.node_size(); ++node) {
    for (int input = 0; input < graph.node(node).input_size(); ++input) {
      const int source = edges.source(node, input);
      if (source < 0) continue;
      ++waiting[static_cast<std::size_t>(node)];
      users[static_cast<std::size_t>(source)].push_back(node);
    }
  }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int node = 0; node < graph.node_size(); ++node) {
    if (waiting[static_cast<std::size_t>(node)] == 0) ready.push(node);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const int user : users[static_cast<std::size_t>(node)]) {
      if (--waiting[static_cast<std::size_t>(user)] == 0) ready.push(user);
    }
  }
  if (order.size() < count) fail_cycle(graph, edges, waiting, file_name);
  return order;
}

}  // namespace

std::string node_place(const std::string& file_name, const GraphProto& graph, int node) {
  const NodeProto& proto = graph.node(node);
  if (!proto.name().empty()) return fmt::format("{}: node {}", file_name, quote(proto.name()));
  return fmt::format("{}: node {} (output {})", file_name, node,
                     quote(proto.output_size() > 0 ? proto.output(0) : ""));
}

std::vector<int> needed_nodes(const GraphProto& graph, const std::string& file_name) {
  if (graph.node_size() == 0) fail(file_name, "the graph has no nodes; expected a network");
  if (graph.node_size() > kMaxLayers) {
    fail(file_name,
         fmt::format("the graph has {} nodes; expected at most {}", graph.node_size(), kMaxLayers));
  }
  const Edges edges(graph, file_name);
  const std::vector<int> order = topological_order(graph, edges, file_name);
  std::vector<bool> needed(order.size(), false);
  for (const int node : edges.last()) needed[static_cast<std::size_t>(node)] = true;
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    if (!needed[static_cast<std::size_t>(*node)]) continue;
    for (int input = 0; input < graph.node(*node).input_size(); ++input) {
      const int source = edges.source(*node, input);
      if (source >= 0) needed[static_cast<std::size_t>(source)] = true;
    }
  }
  std::vector<int> result;
  std::copy_if(order.begin(), order.end(), std::back_inserter(result),
               [&](int node) { return needed[static_cast<std::size_t>(node)]; });
  return result;
}

}  // namespace pimento::workloads::onnx_import
