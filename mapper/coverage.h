// SPDX-License-Identifier: Apache-2.0
// Whether every weight bit of a layer is stored exactly once.
#pragma once

#include <string>

#include "mapper/mapping.h"

namespace pimento::mapper {

// What is wrong with how a layer's bits are covered; empty: nothing. Where groups store the whole
// matrix as runs of rows and columns, shapes alone tell. Else each weight is asked for its bits,
// and those that no group stores must be zero: the weights are then read, or drawn.
[[nodiscard]] std::string coverage_fault(const LayerMapping& layer, const MappingProblem& problem);

}  // namespace pimento::mapper
