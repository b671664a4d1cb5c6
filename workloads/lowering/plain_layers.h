// SPDX-License-Identifier: Apache-2.0
// Operators without weights, as layers.
#pragma once

#include <optional>

#include "workloads/lowering/quantization_reader.h"

namespace pimento::workloads {

// A shape without the batch of one.
[[nodiscard]] Shape image_shape(const Shape& shape);

// A layer of a kind of its own (pool, add, relu, ...), without name and inputs; empty when the
// operator has none.
[[nodiscard]] std::optional<Layer> plain_layer(const Graph& graph, const QuantizationReader& reader,
                                               const Node& node);

// The operator as digital work that makes `output`.
[[nodiscard]] Operation digital_operation(const Graph& graph, const QuantizationReader& reader,
                                          const Node& node, int output);

}  // namespace pimento::workloads
