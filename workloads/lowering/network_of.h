// SPDX-License-Identifier: Apache-2.0
// The hardware's view of a graph: what crossbars hold, and what digital units do beside them.
#pragma once

#include "workloads/graph/graph.h"
#include "workloads/network.h"

namespace pimento::workloads {

// Convolutions and products with constant matrices become layers with weights; pools, additions and
// activations become layers of their own kinds; every other operator becomes digital work of as
// many operations as values it makes or takes. Quantizers are not layers: each matrix layer's
// requantization stands for them. Throws InputError on what neither side can do.
[[nodiscard]] Network network_of(Graph graph);

}  // namespace pimento::workloads
