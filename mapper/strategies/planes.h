// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/layer_strategy.h"

namespace pimento::mapper {

// Leaves out what is zero at the granularity of a whole array: bit-planes that no weight of the
// layer has (BSQ, ICLR 2021), wherever they lie; in two's complement the planes above the sign,
// which repeat it; inputs that no weight uses and columns of a row tile that hold nothing, as
// structured pruning leaves them. What stays is placed as "dense" does, pressed together.
// Costs: a mask of planes for the layer, one of rows and one of columns for each row tile where any
// is left out, read once a position. Bipolar cells (xnor) keep everything, as their zeros answer.
[[nodiscard]] LayerMapping map_layer_planes(const MappingProblem& problem, int layer,
                                            FreshMacros& macros);

}  // namespace pimento::mapper
