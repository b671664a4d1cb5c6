// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/layer_strategy.h"

namespace pimento::mapper {

// Block-wise precision after BWQ (TCAD 2024, "precision-aware mapping"): the matrix is cut into
// blocks of an operation unit's rows and as many output channels as it has columns; slice b of a
// block is one unit, so that all its columns share one shift. A block whose highest set bit lies in
// slice n - 1 stores n units, back to back. Needs macro.operation_unit.
// Where a weight has a positive and a negative column (differential), each sign is a block of its
// own. Planes that no weight of the layer has are left out first: in a trained network the scale of
// the layer has them. In two's complement the sign sits in the top slice: blocks with a negative
// weight keep all. Costs: the width of each block in a table of the controller, and the layer's
// mask of planes, read once a position.
[[nodiscard]] LayerMapping map_layer_bwq(const MappingProblem& problem, int layer,
                                         FreshMacros& macros);

}  // namespace pimento::mapper
