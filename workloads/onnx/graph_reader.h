// SPDX-License-Identifier: Apache-2.0
// From an ONNX model to a Graph: order, names, constants, shapes, folding.
#pragma once

#include <map>
#include <string>

#include "workloads/graph/graph.h"
#include "workloads/importers.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {

// Reads what the graph's outputs need; nodes they do not need are left out, and nodes whose inputs
// are all constant are computed here, but for quantizers: those say how weights are stored. Throws
// InputError.
[[nodiscard]] Graph read_graph(const ParsedModel& model, const std::string& file_name,
                               const OnnxOptions& options);

}  // namespace pimento::workloads::onnx_import
