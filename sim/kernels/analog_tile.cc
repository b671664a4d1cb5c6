// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/analog_tile.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace pimento::kernels {
namespace {

constexpr int kMostValueBits = 8;

}  // namespace

AnalogTile::AnalogTile(RowGroups groups, int drive_bits, std::vector<Transfer> transfers,
                       const ConverterFaults& faults)
    : groups_(groups),
      drive_bits_(drive_bits),
      faults_(faults),
      transfers_(std::move(transfers)),
      fraction_bits_(fraction_bits_of(transfers_)) {
  ensure(drive_bits >= 1 && drive_bits <= Tile::kWidestDrive, "a DAC is too wide for the kernels");
}

void AnalogTile::set_transfers(std::vector<Transfer> transfers) {
  ensure(transfers.size() == transfers_.size(), "a tile keeps the number of its ADCs");
  transfers_ = std::move(transfers);
  fraction_bits_ = fraction_bits_of(transfers_);
}

// As fine as the sums of four cells allow.
int AnalogTile::value_bits_for(std::span<const float> levels) const {
  std::vector<double> above(static_cast<std::size_t>(groups_.groups()), 0.0);
  std::vector<double> below(above.size(), 0.0);
  for (int row = 0; row < groups_.rows(); ++row) {
    const double level = static_cast<double>(levels[static_cast<std::size_t>(row)]);
    const auto group = static_cast<std::size_t>(groups_.group_of(row));
    (level < 0.0 ? below : above)[group] += level;
  }
  // Rounding moves each of the four by half a unit at most.
  const double highest = *std::max_element(above.begin(), above.end());
  const double lowest = *std::min_element(below.begin(), below.end());
  for (int bits = kMostValueBits; bits >= 0; --bits) {
    if (std::ldexp(highest, bits) + 2.0 <= kHighestGroupSum &&
        std::ldexp(lowest, bits) - 2.0 >= kLowestGroupSum) {
      return bits;
    }
  }
  throw InternalError("the levels of cells are beyond what the kernels hold");
}

void AnalogTile::add_column(const ColumnPlace& place, std::span<const float> levels,
                            std::span<const float> variances, std::span<const std::int32_t> rest) {
  ensure(channels_.empty() || place.channel >= channels_.back().channel,
         "columns come in the order of their channels");
  ensure(std::cmp_less(place.transfer, transfers_.size()),
         "a column names an ADC that is not there");
  ensure(std::cmp_equal(levels.size(), groups_.rows()), "a column has a level for every row");
  ensure(variances.empty() || variances.size() == levels.size(),
         "a column has a variance for every row");
  ensure(rest.empty() || std::cmp_equal(rest.size(), groups_.reads()),
         "a column has one rest a read");
  Column column{.place = place,
                .value_bits = value_bits_for(levels),
                .first_rest = rests_.size(),
                .has_rest = !rest.empty()};
  const std::size_t first = values_.size();
  values_.resize(first + slots(), 0);
  const float scale = std::ldexp(1.0F, column.value_bits);
  for (int row = 0; row < groups_.rows(); ++row) {
    const float level = levels[static_cast<std::size_t>(row)];
    values_[first + slot(row)] = static_cast<std::int16_t>(std::lrint(level * scale));
  }
  ensure(columns_.empty() || has_variances() == !variances.empty(),
         "all columns of a tile have variances, or none");
  if (!variances.empty()) keep_variances(column, variances);
  rests_.insert(rests_.end(), rest.begin(), rest.end());
  if (channels_.empty() || channels_.back().channel != place.channel) {
    const int at = static_cast<int>(columns_.size());
    channels_.push_back({place.channel, at, at, false});
  }
  columns_.push_back(column);
  channels_.back().last = static_cast<int>(columns_.size());
}

// In bytes: the four of a group together are at most kLargestGroupVariance.
void AnalogTile::keep_variances(Column& column, std::span<const float> variances) {
  std::vector<double> sums(static_cast<std::size_t>(groups_.groups()), 0.0);
  for (int row = 0; row < groups_.rows(); ++row) {
    sums[static_cast<std::size_t>(groups_.group_of(row))] +=
        static_cast<double>(variances[static_cast<std::size_t>(row)]);
  }
  const double largest = *std::max_element(sums.begin(), sums.end());
  // Rounding moves each of the four by half a unit at most.
  column.variance_unit = static_cast<float>(largest / (kLargestGroupVariance - 2.0));
  const std::size_t first = variances_.size();
  variances_.resize(first + slots(), 0);
  if (largest <= 0.0) return;
  for (int row = 0; row < groups_.rows(); ++row) {
    const float units = variances[static_cast<std::size_t>(row)] / column.variance_unit;
    variances_[first + slot(row)] = static_cast<std::uint8_t>(std::lrint(units));
  }
}

}  // namespace pimento::kernels
