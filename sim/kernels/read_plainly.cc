// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/read_plainly.h"

#include <bit>
#include <cstddef>
#include <utility>

#include "base/error.h"
#include "sim/kernels/read.h"

namespace pimento::kernels {
namespace {

std::int64_t sum_of_drive(const Tile& tile, const Tile::Column& column, int read,
                          const Drives& drives, int drive) {
  std::int64_t sum = tile.rest(column, read);
  const int first = read * tile.groups().groups_of_read();
  const int end = first + tile.groups().groups_of_read();
  for (int k = 0; k < column.planes; ++k) {
    const std::size_t plane = column.first_plane + static_cast<std::size_t>(k);
    const Tile::PlaneWorth& worth = tile.worth(plane);
    for (int bit = 0; bit < tile.drive_bits(); ++bit) {
      const std::uint8_t* inputs =
          drives.patterns(drive / Drives::kBlock, bit) + drive % Drives::kBlock;
      std::int64_t ones = 0;
      for (int g = first; g < end; ++g) {
        const unsigned both = unsigned{inputs[static_cast<std::ptrdiff_t>(g) * Drives::kBlock]} &
                              unsigned{tile.patterns(plane)[g]};
        ones += std::popcount(both);
      }
      const std::int64_t part = ones << (worth.shift + bit);
      sum += worth.negative ? -part : part;
    }
  }
  return sum;
}

// Adds what one column makes of a drive; returns how many of its reads saturated.
std::int64_t add_column(const Tile& tile, const Tile::Column& column, const Drives& drives,
                        int drive, std::int64_t& total) {
  std::int64_t saturated = 0;
  const Transfer& transfer = tile.transfer(column);
  const int unit = transfer.kind == Transfer::Kind::kClamp ? tile.fraction_bits() : 0;
  for (int read = 0; read < tile.groups().reads(); ++read) {
    const std::int64_t sum = sum_of_drive(tile, column, read, drives, drive);
    const std::int64_t worth =
        transfer.convert(sum) * (std::int64_t{1} << (column.place.shift + unit));
    total += column.place.negative ? -worth : worth;
    saturated += transfer.saturates(sum) ? 1 : 0;
  }
  return saturated;
}

}  // namespace

std::int64_t read_plainly(const Tile& tile, std::span<const int> channels, const Drives& drives,
                          std::int64_t* sums, std::int64_t stride) {
  std::int64_t saturated = 0;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const Tile::Channel& channel = tile.channels()[static_cast<std::size_t>(channels[i])];
    std::int64_t* to = sums + static_cast<std::ptrdiff_t>(i) * stride;
    for (int c = channel.first; c < channel.last; ++c) {
      const Tile::Column& column = tile.columns()[static_cast<std::size_t>(c)];
      for (int drive = 0; drive < drives.count(); ++drive) {
        saturated += add_column(tile, column, drives, drive, to[drive]);
      }
    }
  }
  return saturated;
}

void column_sums(const Tile& tile, const Tile::Column& column, int read, const Drives& drives,
                 std::span<std::int32_t> sums) {
  ensure(std::cmp_greater_equal(sums.size(), drives.count()), "there is no room for the sums");
  for (int drive = 0; drive < drives.count(); ++drive) {
    sums[static_cast<std::size_t>(drive)] =
        static_cast<std::int32_t>(sum_of_drive(tile, column, read, drives, drive));
  }
}

}  // namespace pimento::kernels
