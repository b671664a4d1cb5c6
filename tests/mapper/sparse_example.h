// SPDX-License-Identifier: Apache-2.0
// A fully connected layer with weights by hand, on an array by hand.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/mapper/support.h"

namespace pimento::mapper {

// Weights: outputs x inputs, in `bits` bits.
inline workloads::Network hand_made_layer(std::int64_t inputs,
                                          const std::vector<std::int32_t>& weights, int bits) {
  const std::int64_t outputs = std::ssize(weights) / inputs;
  NetworkBuilder builder({inputs});
  builder.precision(builder.add("fc", workloads::Linear{outputs}), bits, 8);
  workloads::Array integers =
      workloads::make_array(workloads::ElementType::kInt32, {outputs, inputs});
  integers.integers.assign(weights.begin(), weights.end());
  workloads::StoredWeights stored;
  stored.integers = workloads::encode(integers);
  stored.bits = bits;
  builder.network.layers[0].stored = stored;
  return builder.network;
}

inline std::string with_unit(int rows, int columns) {
  return fmt::format("operation_unit: {{rows: {}, columns: {}}}, ", rows, columns);
}

// The layer's mapping, which the verifier has accepted.
inline LayerMapping mapped(const workloads::Network& network, const ChipShape& shape,
                           const std::string& strategy) {
  const arch::ChipSpec chip = make_chip(shape);
  return map_network({network, chip}, strategy).layers.at(0);
}

inline std::vector<std::int64_t> list_of(const Indices& indices) {
  std::vector<std::int64_t> list;
  for (std::int64_t i = 0; i < indices.size(); ++i) list.push_back(indices[i]);
  return list;
}

}  // namespace pimento::mapper
