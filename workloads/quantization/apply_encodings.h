// SPDX-License-Identifier: Apache-2.0
// A side file's encodings as quantizers of a graph.
#pragma once

#include <string>
#include <vector>

#include "workloads/archive/encodings.h"
#include "workloads/graph/graph.h"

namespace pimento::workloads {

// Puts a quantizer behind each tensor an encoding names: activations as well as constants.
// Floating-point encodings change nothing. Throws InputError naming the tensors that the graph does
// not have, or whose shapes do not fit.
[[nodiscard]] Graph apply_encodings(Graph graph, const std::vector<TensorEncoding>& encodings,
                                    const std::string& file_name);

}  // namespace pimento::workloads
