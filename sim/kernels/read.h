// SPDX-License-Identifier: Apache-2.0
// Reading a tile: every column sum of every drive, through its ADC, shifted and added.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/kernels/drives.h"
#include "sim/kernels/tile.h"

namespace pimento::kernels {

// Adds to sums[i x stride + drive], for the i-th channel of `channels`, the converted sums of its
// columns over all reads of the tile, each times +-2^shift of its place, in units of
// 2^-tile.fraction_bits(). `stride` is at least drives.padded_count(); what lands beyond
// drives.count() means nothing. Returns how many conversions saturated.
std::int64_t read_channels(const Tile& tile, std::span<const int> channels, const Drives& drives,
                           std::int64_t* sums, std::int64_t stride);

// The column sums themselves, before the ADC: sums[drive], for one column and read.
void column_sums(const Tile& tile, const Tile::Column& column, int read, const Drives& drives,
                 std::span<std::int32_t> sums);

// Names of the instruction sets this processor has code for, the best first.
[[nodiscard]] std::vector<std::string> instruction_sets();
// From now on uses the named one: for tests and measurements. Throws InputError for one that is
// not there.
void use_instruction_set(const std::string& name);

}  // namespace pimento::kernels
