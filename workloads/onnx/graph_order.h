// SPDX-License-Identifier: Apache-2.0
// The nodes of a graph in an order in which every input is known, without those that the graph's
// outputs do not need.
#pragma once

#include <onnx/onnx.pb.h>
#include <string>
#include <vector>

namespace pimento::workloads::onnx_import {

// "model.onnx: node "conv_12"": how messages name a node. Nodes without a name go by their number
// from 0 and their output.
[[nodiscard]] std::string node_place(const std::string& file_name, const ::onnx::GraphProto& graph,
                                     int node);

// Indices of the needed nodes. The file's order is kept where it is valid. Throws InputError on a
// tensor that two nodes define or none, and on a cycle.
[[nodiscard]] std::vector<int> needed_nodes(const ::onnx::GraphProto& graph,
                                            const std::string& file_name);

}  // namespace pimento::workloads::onnx_import
