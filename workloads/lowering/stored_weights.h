// SPDX-License-Identifier: Apache-2.0
// Weights on their way from a graph to a layer: plain values, or integers with scales.
#pragma once

#include <optional>

#include "workloads/layer.h"

namespace pimento::workloads {

// Weights in the order of axes they have in the graph. One of `constant` and `integers` is set.
struct WeightSource {
  std::optional<Constant> constant;  // real values
  std::optional<Array> integers;
  Array scale;       // same shape as the integers
  Array zero_point;  // same shape
  Array widths;      // same shape, the bits of each; empty where all have the same
  int bits = 0;      // of the widest
  bool is_signed = true;
};

// A source as a layer keeps it: signed, scales without the axes they do not vary along.
[[nodiscard]] StoredWeights stored_weights(const WeightSource& source);
// With its two last axes exchanged.
[[nodiscard]] WeightSource transposed(const WeightSource& source);
[[nodiscard]] Array transposed(const Array& matrix);

}  // namespace pimento::workloads
