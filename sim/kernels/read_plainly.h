// SPDX-License-Identifier: Apache-2.0
// Reading a tile without vectors: for processors that have none of ours, and as what the vector
// code must agree with.
#pragma once

#include <cstdint>
#include <span>

#include "sim/kernels/drives.h"
#include "sim/kernels/tile.h"

namespace pimento::kernels {

// As read_channels().
std::int64_t read_plainly(const Tile& tile, std::span<const int> channels, const Drives& drives,
                          std::int64_t* sums, std::int64_t stride);

}  // namespace pimento::kernels
