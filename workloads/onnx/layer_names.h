// SPDX-License-Identifier: Apache-2.0
// Names of layers. Precision policies are written in the names the network has in its framework,
// so these come before the names the exporter made up.
#pragma once

#include <onnx/onnx.pb.h>
#include <string>
#include <unordered_map>
#include <vector>

namespace pimento::workloads::onnx_import {

class LayerNames {
 public:
  // `order` are the nodes that will be read, in topological order.
  LayerNames(const ::onnx::GraphProto& graph, const std::vector<int>& order);

  // The name of a node's layer: the first of these that no other node could have. For Conv, Gemm
  // and MatMul: the stem of the weight's name ("layer1.0.conv1.weight"), or the module in a scoped
  // node name ("/layer1/layer1.0/conv1/Conv"): "layer1.0.conv1". For all: the node's name, then its
  // output's. Where others could have each of them it is the output's name: outputs are unique, and
  // nobody else takes a name that this node could have.
  [[nodiscard]] std::string name_of(int node) const;

 private:
  [[nodiscard]] std::vector<std::string> candidates(const ::onnx::NodeProto& node) const;
  [[nodiscard]] std::string weight_name(const ::onnx::NodeProto& node) const;

  const ::onnx::GraphProto& graph_;
  std::unordered_map<std::string, std::string> renamed_;  // output of an Identity -> its origin
  std::unordered_map<std::string, int> claims_;           // candidate -> nodes that have it
};

// The dotted module path in a node name as torch.onnx writes it, or "" when it is not one.
// A container's child carries the container's name: "/layer1/layer1.0/conv1/Conv".
[[nodiscard]] std::string module_path(const std::string& node_name, const std::string& op);

}  // namespace pimento::workloads::onnx_import
