// SPDX-License-Identifier: Apache-2.0
// From the graph of an ONNX model to a Network: order, constants, names, layers.
#pragma once

#include <onnx/onnx.pb.h>
#include <string>

#include "workloads/network.h"

namespace pimento::workloads::onnx_import {

// Reads what the graph's output needs; nodes it does not need are left out. The network is not yet
// validated as a whole: it may be without weight layers. Throws InputError.
[[nodiscard]] Network read_graph(const ::onnx::ModelProto& model, const std::string& file_name);

}  // namespace pimento::workloads::onnx_import
