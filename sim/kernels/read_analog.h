// SPDX-License-Identifier: Apache-2.0
// Reading a tile of real cells: what they add up to, noise, conversion, shifted and added.
#pragma once

#include <cstdint>

#include "sim/kernels/analog_tile.h"
#include "sim/kernels/drives.h"
#include "sim/kernels/noise.h"

namespace pimento::kernels {

// Adds to sums[i x stride + drive], for the tile's i-th channel, the converted sums of its columns
// over all reads, each times +-2^shift of its place, in units of 2^-tile.fraction_bits(). As
// read_channels() does for cells as they are meant. Returns how many conversions saturated.
std::int64_t read_analog(const AnalogTile& tile, const Drives& drives, const NoiseSource& source,
                         std::int64_t* sums, std::int64_t stride);

// The same by plain loops.
std::int64_t read_analog_plainly(const AnalogTile& tile, const Drives& drives,
                                 const NoiseSource& source, std::int64_t* sums,
                                 std::int64_t stride);

}  // namespace pimento::kernels
