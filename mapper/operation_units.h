// SPDX-License-Identifier: Apache-2.0
// Operation units that a layer is read in, one after the other.
#pragma once

#include <cstdint>

#include "arch/chip_spec.h"
#include "mapper/mapping.h"
#include "workloads/network.h"

namespace pimento::mapper {

// Units read for one pixel and one input slice of a mapped layer. A unit ends where its column
// group does, at the edge of its array above all. Where arrays are read as a whole, each is a unit.
[[nodiscard]] std::int64_t unit_reads(const LayerMapping& layer, const arch::OperationUnit& unit);

// The same if the rows and columns of a matrix were one array without end, so that units straddle
// the edges of real ones: the least that units of this size take. It is the count of works that
// take operation units off the layer's matrix. `columns_per_weight` are a weight's slices.
[[nodiscard]] std::int64_t straddling_unit_reads(const workloads::MatrixShape& matrix,
                                                 std::int64_t columns_per_weight,
                                                 const arch::OperationUnit& unit);

}  // namespace pimento::mapper
