// SPDX-License-Identifier: Apache-2.0
// What the weights of a layer look like: how far they reach, how many are zero, and how full their
// bit-planes are.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/network.h"

namespace pimento::workloads {

template <typename T>
struct Range {
  T low{};
  T high{};
  friend bool operator==(const Range&, const Range&) = default;
};

struct WeightStatistics {
  Range<std::int32_t> integers;        // at the layer's bits, see integer_weights()
  std::optional<Range<double>> reals;  // of the file's weights; none where they are synthetic
  double zeros = 0.0;                  // share of the integers
  // Share of ones in each bit-plane of two's complement, least significant first.
  std::vector<double> ones;
};

// Of the layer at `index`, which has weights. Throws what integer_weights() throws.
[[nodiscard]] WeightStatistics weight_statistics(const Network& network, int index);

}  // namespace pimento::workloads
