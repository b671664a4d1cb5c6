// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/lookup_tables.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace pimento::kernels {
namespace {

using Table = std::array<std::uint8_t, kTableBytes>;

// For each pattern of four cells of one bit: how many of them meet an input bit.
constexpr std::array<Table, 16> make_plane_tables() {
  std::array<Table, 16> tables{};
  for (unsigned cells = 0; cells < 16; ++cells) {
    for (unsigned inputs = 0; inputs < 16; ++inputs) {
      tables[cells][inputs] = static_cast<std::uint8_t>(std::popcount(cells & inputs));
    }
  }
  return tables;
}
constexpr std::array<Table, 16> kPlaneTables = make_plane_tables();

// Planes of one part lie within so many bits: pairs of cells then reach 7 x 4 in either direction.
constexpr int kPartBits = 3;

bool is_plain(const Tile& tile, const Tile::Column& column) {
  if (column.planes != 1) return false;
  const Tile::PlaneWorth& worth = tile.worth(column.first_plane);
  const Transfer& transfer = tile.transfer(column);
  return worth.shift == 0 && !worth.negative && transfer.kind == Transfer::Kind::kClamp &&
         transfer.low == 0 && column.lowest >= 0 && column.highest <= 255;
}

// Largest sums of either sign that a channel's columns can make together.
bool fits_short(const Tile& tile, const Tile::Channel& channel) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int16_t>::max();
  std::int64_t above = 0;
  std::int64_t below = 0;
  for (int c = channel.first; c < channel.last; ++c) {
    const Tile::Column& column = tile.columns()[static_cast<std::size_t>(c)];
    if (column.place.shift > 15) return false;
    const std::int64_t highest = std::min<std::int64_t>(column.highest, tile.transfer(column).high);
    (column.place.negative ? below : above) +=
        (highest << column.place.shift) * tile.groups().reads();
  }
  return above <= kLargest && below <= kLargest + 1;
}

}  // namespace

bool fits_bytes(const Tile& tile) {
  if (tile.drive_bits() != 1 || tile.fraction_bits() != 0) return false;
  return std::all_of(tile.columns().begin(), tile.columns().end(),
                     [&](const Tile::Column& column) { return is_plain(tile, column); }) &&
         std::all_of(tile.channels().begin(), tile.channels().end(),
                     [&](const Tile::Channel& channel) { return fits_short(tile, channel); });
}

void ByteColumns::expand(const Tile::Channel& channel) {
  const auto groups = static_cast<std::size_t>(tile_.groups().groups());
  columns_.resize(static_cast<std::size_t>(channel.last - channel.first));
  tables_.resize(columns_.size() * groups * kTableBytes);
  std::uint8_t* to = tables_.data();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Tile::Column& column = tile_.columns()[static_cast<std::size_t>(channel.first) + i];
    const std::int64_t limit = std::min<std::int64_t>(tile_.transfer(column).high, 255);
    const std::int64_t largest = std::max<std::int64_t>(1, std::min(limit, column.highest));
    columns_[i] = {.limit = static_cast<std::uint8_t>(limit),
                   .shift = static_cast<std::uint8_t>(column.place.shift),
                   .negative = column.place.negative,
                   .together = static_cast<int>(255 / largest),
                   .tables = to,
                   .rest = tile_.rests(column)};
    const std::uint8_t* patterns = tile_.patterns(column.first_plane);
    for (std::size_t g = 0; g < groups; ++g, to += kTableBytes) {
      std::memcpy(to, kPlaneTables[patterns[g]].data(), kTableBytes);
    }
  }
}

ColumnParts signed_tables(const Tile& tile, const Tile::Column& column,
                          std::vector<std::uint8_t>& tables) {
  ColumnParts result;
  const auto groups = static_cast<std::size_t>(tile.groups().groups());
  tables.clear();
  for (int shift = 0; shift < Tile::kWidestCell; shift += kPartBits) {
    const std::size_t first = tables.size();
    int above = 0;
    int below = 0;
    for (int k = 0; k < column.planes; ++k) {
      const std::size_t plane = column.first_plane + static_cast<std::size_t>(k);
      const Tile::PlaneWorth& worth = tile.worth(plane);
      if (worth.shift < shift || worth.shift >= shift + kPartBits) continue;
      if (above + below == 0) tables.resize(first + groups * kTableBytes, 0);
      const int unit = 1 << (worth.shift - shift);
      (worth.negative ? below : above) += RowGroups::kRows * unit;
      const std::uint8_t* patterns = tile.patterns(plane);
      for (std::size_t g = 0; g < groups; ++g) {
        const Table& ones = kPlaneTables[patterns[g]];
        for (std::size_t i = 0; i < kTableBytes; ++i) {
          // Bytes wrap: that is what makes them signed.
          std::uint8_t& entry = tables[first + g * kTableBytes + i];
          const int worth_of_ones = (worth.negative ? -unit : unit) * ones[i];
          entry = static_cast<std::uint8_t>(entry + worth_of_ones);
        }
      }
    }
    if (above + below == 0) continue;
    result.parts.push_back({shift, static_cast<std::size_t>(127 / std::max(above, below))});
  }
  return result;
}

}  // namespace pimento::kernels
