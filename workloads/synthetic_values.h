// SPDX-License-Identifier: Apache-2.0
// Values for networks that were described without any, so that they can be executed.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/network.h"

namespace pimento::workloads {

// The network with drawn weights at its layers' precisions (see integer_weights()), biases of zero
// and batch norms that change nothing, and the graph that computes it. One that has a graph stays
// as it is.
[[nodiscard]] Network with_synthetic_values(Network network);

// An input of the network's shape: uniform in [0, 1), a stream of `seed` for every image.
[[nodiscard]] std::vector<Array> synthetic_image(const Graph& graph, std::uint64_t seed,
                                                 std::uint64_t image);

}  // namespace pimento::workloads
