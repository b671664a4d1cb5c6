// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/tile.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace pimento::kernels {

Tile::Tile(RowGroups groups, int drive_bits, std::vector<Transfer> transfers)
    : groups_(groups),
      drive_bits_(drive_bits),
      transfers_(std::move(transfers)),
      fraction_bits_(fraction_bits_of(transfers_)) {
  ensure(drive_bits >= 1 && drive_bits <= kWidestDrive, "a DAC is too wide for the kernels");
}

void Tile::set_transfers(std::vector<Transfer> transfers) {
  ensure(transfers.size() == transfers_.size(), "a tile keeps the number of its ADCs");
  transfers_ = std::move(transfers);
  fraction_bits_ = fraction_bits_of(transfers_);
  for (Channel& channel : channels_) {
    channel.is_exact = true;
    for (int c = channel.first; c < channel.last; ++c) {
      Column& column = columns_[static_cast<std::size_t>(c)];
      column.is_exact = transfer(column).is_exact(column.lowest, column.highest);
      channel.is_exact = channel.is_exact && column.is_exact;
    }
  }
}

void Tile::add_column(const ColumnPlace& place, std::span<const Plane> planes,
                      std::span<const std::int32_t> rest) {
  ensure(channels_.empty() || place.channel >= channels_.back().channel,
         "columns come in the order of their channels");
  ensure(std::cmp_less(place.transfer, transfers_.size()),
         "a column names an ADC that is not there");
  ensure(rest.empty() || std::cmp_equal(rest.size(), groups_.reads()),
         "a column has one rest a read");
  Column column{.place = place,
                .first_plane = worths_.size(),
                .planes = static_cast<int>(planes.size()),
                .first_rest = rests_.size(),
                .has_rest = !rest.empty()};
  for (const Plane& plane : planes) {
    ensure(std::cmp_equal(plane.bits.size(), groups_.rows()), "a plane has a bit for every row");
    ensure(plane.shift >= 0 && plane.shift < kWidestCell, "a cell is too wide for the kernels");
    const std::size_t first = patterns_.size();
    patterns_.resize(first + static_cast<std::size_t>(groups_.groups()), 0);
    for (int row = 0; row < groups_.rows(); ++row) {
      const unsigned bit = plane.bits[static_cast<std::size_t>(row)] != 0 ? 1 : 0;
      std::uint8_t& pattern = patterns_[first + static_cast<std::size_t>(groups_.group_of(row))];
      pattern = static_cast<std::uint8_t>(pattern | bit << groups_.place_of(row));
    }
    worths_.push_back({plane.shift, plane.negative});
  }
  rests_.insert(rests_.end(), rest.begin(), rest.end());
  if (channels_.empty() || channels_.back().channel != place.channel) {
    const int first = static_cast<int>(columns_.size());
    channels_.push_back({place.channel, first, first, true});
  }
  bound(column, planes);
  column.is_exact = transfer(column).is_exact(column.lowest, column.highest);
  columns_.push_back(column);
  channels_.back().last = static_cast<int>(columns_.size());
  channels_.back().is_exact = channels_.back().is_exact && column.is_exact;
}

// The sums that its own cells allow, whatever the inputs are.
void Tile::bound(Column& column, std::span<const Plane> planes) const {
  const std::int64_t largest_input = (std::int64_t{1} << drive_bits_) - 1;
  for (int read = 0; read < groups_.reads(); ++read) {
    const int first = read * groups_.unit_rows();
    const int last = std::min(groups_.rows(), first + groups_.unit_rows());
    std::int64_t low = rest(column, read);
    std::int64_t high = low;
    for (const Plane& plane : planes) {
      const std::int64_t ones = std::count_if(plane.bits.begin() + first, plane.bits.begin() + last,
                                              [](std::uint8_t bit) { return bit != 0; });
      const std::int64_t reach = (ones * largest_input) << plane.shift;
      (plane.negative ? low : high) += plane.negative ? -reach : reach;
    }
    column.lowest = read == 0 ? low : std::min(column.lowest, low);
    column.highest = read == 0 ? high : std::max(column.highest, high);
  }
}

}  // namespace pimento::kernels
