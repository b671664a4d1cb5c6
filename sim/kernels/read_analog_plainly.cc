// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "sim/kernels/analog_converter.h"
#include "sim/kernels/read_analog.h"

namespace pimento::kernels {
namespace {

// Of one read of a column.
struct Found {
  std::int32_t sum = 0;       // in units of the column's values
  std::int32_t variance = 0;  // in its units
};

Found read_cells(const AnalogTile& tile, std::size_t column, int read, const Drives& drives,
                 int drive) {
  const AnalogTile::Column& of = tile.columns()[column];
  Found found{tile.rest(of, read) * (1 << of.value_bits), 0};
  const int groups = tile.groups().groups_of_read();
  const std::int16_t* values = tile.values(column);
  const std::uint8_t* variances = tile.variances(column);
  for (int group = read * groups; group < (read + 1) * groups; ++group) {
    for (int place = 0; place < RowGroups::kRows; ++place) {
      std::int32_t input = 0;
      for (int bit = 0; bit < tile.drive_bits(); ++bit) {
        const std::uint8_t* patterns = drives.patterns(drive / Drives::kBlock, bit);
        const unsigned pattern =
            patterns[static_cast<std::ptrdiff_t>(group) * Drives::kBlock + drive % Drives::kBlock];
        input |= static_cast<std::int32_t>(pattern >> place & 1U) << bit;
      }
      const int slot = group * RowGroups::kRows + place;
      found.sum += input * values[slot];
      if (variances != nullptr) found.variance += input * input * variances[slot];
    }
  }
  return found;
}

float normal_at(const NoiseSource& source, std::size_t column, int read, int drive) {
  const auto call = static_cast<std::uint32_t>(drive / kDrivesOfCall);
  return normal_of(noise_words(source, call, static_cast<std::uint32_t>(column),
                               static_cast<std::uint32_t>(read)),
                   drive);
}

}  // namespace

std::int64_t read_analog_plainly(const AnalogTile& tile, const Drives& drives,
                                 const NoiseSource& source, std::int64_t* sums,
                                 std::int64_t stride) {
  std::int64_t saturated = 0;
  for (std::size_t i = 0; i < tile.channels().size(); ++i) {
    const Tile::Channel& channel = tile.channels()[i];
    std::int64_t* to = sums + static_cast<std::ptrdiff_t>(i) * stride;
    for (int c = channel.first; c < channel.last; ++c) {
      const auto at = static_cast<std::size_t>(c);
      const AnalogTile::Column& column = tile.columns()[at];
      const Transfer& transfer = tile.transfer(column);
      const bool looked_up = transfer.kind == Transfer::Kind::kTable;
      const AnalogConverter converter(tile, column);
      const CodeWorth worth = worth_of_codes(tile, column);
      for (int drive = 0; drive < drives.count(); ++drive) {
        if (!looked_up) to[drive] += worth.offset;
        for (int read = 0; read < tile.groups().reads(); ++read) {
          const Found found = read_cells(tile, at, read, drives, drive);
          float t = static_cast<float>(found.sum) * converter.codes_of_unit + converter.bias;
          if (!converter.is_silent) {
            const float variance = static_cast<float>(found.variance) * converter.variance_unit +
                                   converter.own_variance;
            t += std::sqrt(variance) * normal_at(source, at, read, drive);
          }
          if (converter.bow != 0.0F) {
            const float share = std::clamp(t / (converter.last + 1.0F), 0.0F, 1.0F);
            t += converter.bow * share * (1.0F - share);
          }
          saturated += t < 0.0F || t >= converter.last + 1.0F ? 1 : 0;
          const auto code = static_cast<std::int64_t>(std::clamp(t, 0.0F, converter.last));
          to[drive] += looked_up ? (column.place.negative ? -1 : 1) *
                                       (std::int64_t{1} << column.place.shift) *
                                       transfer.table[static_cast<std::size_t>(code)]
                                 : worth.step * code;
        }
      }
    }
  }
  return saturated;
}

}  // namespace pimento::kernels
