// SPDX-License-Identifier: Apache-2.0
// What each tile and core does for one pixel of a layer, added up from the layer's column groups.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "arch/program/program.h"
#include "mapper/mapping.h"

namespace pimento::mapper {

// Bits that hold any partial sum of the layer without loss:
// weight bits + activation bits + ceil(log2(rows)).
[[nodiscard]] int partial_sum_bits(const workloads::Precision& precision, std::int64_t rows);

// The lane on which a copy of the layer is served by a core, counted over the whole chip.
using LayerLanes = std::function<int(int replica, std::int64_t core)>;

// Copy by copy, for one step of the layer: a pixel, or a window of several. `channels`: of the
// columns of its matrix, or of a part of it; none: all of them.
[[nodiscard]] std::vector<arch::TileWork> tile_work(
    const LayerMapping& layer, const MappingProblem& problem,
    const LayerLanes& lanes = [](int, std::int64_t) { return 0; },
    std::optional<std::int64_t> channels = std::nullopt);

}  // namespace pimento::mapper
