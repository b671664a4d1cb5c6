// SPDX-License-Identifier: Apache-2.0
// Small graphs made in memory, with the shapes and folding of the importer.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "workloads/graph/fold.h"
#include "workloads/graph/graph.h"

namespace pimento::workloads {

using Attributes = std::map<std::string, Attribute>;

class GraphBuilder {
 public:
  explicit GraphBuilder(std::int64_t version = 13) : version_(version) {
    graph.name = "g";
    graph.source = "g.onnx";
  }

  int input(const std::string& name, Shape shape, ElementType type = ElementType::kFloat32) {
    graph.inputs.push_back(graph.add_value({name, type, std::move(shape), std::nullopt}));
    return graph.inputs.back();
  }

  int constant(const Array& array) {
    const std::string name = "c" + std::to_string(graph.values.size());
    return graph.add_value({name, array.type, array.shape, encode(array)});
  }
  int scalar(double value) { return constant(real_array({}, {value})); }
  int scalar(std::int64_t value, ElementType type) {
    return constant(integer_array({}, {value}, type));
  }

  // The outputs of a node; those of nodes that are folded become constants.
  std::vector<int> nodes(const std::string& op, std::vector<int> inputs, int outputs,
                         Attributes attributes = {}, const std::string& name = "") {
    Node node{name.empty() ? op : name, op, version_, std::move(inputs), {}, std::move(attributes)};
    for (int i = 0; i < outputs; ++i) {
      const std::string value = "v" + std::to_string(graph.values.size());
      node.outputs.push_back(graph.add_value({value, {}, {}, std::nullopt}));
    }
    std::vector<int> made = node.outputs;
    const std::string place = place_of(graph.source, node);
    folder_.add(graph, std::move(node), place);
    return made;
  }
  int node(const std::string& op, std::vector<int> inputs, Attributes attributes = {},
           const std::string& name = "") {
    return nodes(op, std::move(inputs), 1, std::move(attributes), name)[0];
  }

  GraphBuilder& output(int value) {
    graph.outputs.push_back(value);
    return *this;
  }

  Graph graph;

 private:
  std::int64_t version_;
  Folder folder_;
};

}  // namespace pimento::workloads
