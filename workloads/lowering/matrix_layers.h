// SPDX-License-Identifier: Apache-2.0
// Operators that multiply by a constant matrix: what crossbars hold.
#pragma once

#include <optional>

#include "workloads/lowering/quantization_reader.h"

namespace pimento::workloads {

// A conv or linear layer with its weights, bias and input quantizer, without name and inputs. Empty
// when the operator multiplies no constant matrix in a form that can be mapped. Throws InputError.
[[nodiscard]] std::optional<Layer> matrix_layer(const Graph& graph,
                                                const QuantizationReader& reader, const Node& node);

}  // namespace pimento::workloads
