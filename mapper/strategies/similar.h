// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/layer_strategy.h"

namespace pimento::mapper {

// Identical columns stored once (bit-level column similarity, ICPADS 2025): within a band of rows
// as high as an operation unit, columns that hold the same bits share one stored column, whose sum
// each takes with its own shift and sign; columns of zeros are not stored at all. Needs
// macro.operation_unit.
// Costs: for each column of each band, which stored column it takes, or none; read once a position.
[[nodiscard]] LayerMapping map_layer_similar(const MappingProblem& problem, int layer,
                                             FreshMacros& macros);

}  // namespace pimento::mapper
