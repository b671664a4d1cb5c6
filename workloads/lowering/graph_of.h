// SPDX-License-Identifier: Apache-2.0
// From a network that was described layer by layer to the graph that computes it.
#pragma once

#include "workloads/network.h"

namespace pimento::workloads {

// The operators of a network all of whose layers have their values; batch norms and activations are
// operators of their own, and quantized inputs pass a quantizer. Each layer learns its node. Throws
// InputError when values are missing.
[[nodiscard]] Graph graph_of(Network& network);

}  // namespace pimento::workloads
