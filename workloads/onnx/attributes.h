// SPDX-License-Identifier: Apache-2.0
// Attributes of nodes, from messages to values.
#pragma once

#include <map>
#include <onnx/onnx.pb.h>
#include <string>

#include "workloads/graph/graph.h"
#include "workloads/onnx/tensor_reader.h"

namespace pimento::workloads::onnx_import {

// All attributes of a node. `where` names the node in messages. Types of elements that ONNX gives
// as numbers (Cast's "to") become their names. Throws InputError on an attribute that is there
// twice or holds a graph.
[[nodiscard]] std::map<std::string, Attribute> read_attributes(const ::onnx::NodeProto& node,
                                                               TensorReader& tensors,
                                                               const std::string& where);

// What a Constant node holds.
[[nodiscard]] Constant read_constant_node(const ::onnx::NodeProto& node, TensorReader& tensors,
                                          const std::string& where);

}  // namespace pimento::workloads::onnx_import
