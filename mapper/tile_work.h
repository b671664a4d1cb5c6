// SPDX-License-Identifier: Apache-2.0
// What each tile and core does for one pixel of a layer, added up from the layer's column groups.
#pragma once

#include <vector>

#include "arch/program/program.h"
#include "mapper/mapping.h"

namespace pimento::mapper {

// Bits that hold any partial sum of the layer without loss:
// weight bits + activation bits + ceil(log2(rows)).
[[nodiscard]] int partial_sum_bits(const workloads::Precision& precision, std::int64_t rows);

[[nodiscard]] std::vector<arch::TileWork> tile_work(const LayerMapping& layer,
                                                    const MappingProblem& problem);

}  // namespace pimento::mapper
