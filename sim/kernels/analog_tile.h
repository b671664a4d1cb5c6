// SPDX-License-Identifier: Apache-2.0
// The cells of one row tile as they are, not as they were meant: each has a level of its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/kernels/row_groups.h"
#include "sim/kernels/tile.h"
#include "sim/kernels/transfer.h"

namespace pimento::kernels {

// Of the converters, in steps of their codes.
struct ConverterFaults {
  double noise = 0.0;  // standard deviation
  double bow = 0.0;    // integral non-linearity: a parabola over the codes, this high in the middle
};

class AnalogTile {
 public:
  AnalogTile(RowGroups groups, int drive_bits, std::vector<Transfer> transfers,
             const ConverterFaults& faults);

  // Channels must not descend. `levels` has a level for every row: what an input bit of worth one
  // adds to the sum, less than nothing on the negative line of a pair. They are kept in units of
  // 2^-value_bits, rounded. `variances` are those of the noise that a cell adds to a read when it
  // is driven with one, in levels squared, or none; those of all driven cells add up. A cell driven
  // with x adds x^2 as much: the current's noise grows with the voltage.
  void add_column(const ColumnPlace& place, std::span<const float> levels,
                  std::span<const float> variances, std::span<const std::int32_t> rest = {});
  void set_transfers(std::vector<Transfer> transfers);

  struct Column {
    ColumnPlace place;
    int value_bits = 0;
    float variance_unit = 0.0F;  // variances are kept as multiples of it
    std::size_t first_rest = 0;
    bool has_rest = false;
  };

  [[nodiscard]] const RowGroups& groups() const { return groups_; }
  [[nodiscard]] int drive_bits() const { return drive_bits_; }
  [[nodiscard]] const ConverterFaults& faults() const { return faults_; }
  // As Tile's.
  [[nodiscard]] int fraction_bits() const { return fraction_bits_; }
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] const std::vector<Tile::Channel>& channels() const { return channels_; }
  [[nodiscard]] const Transfer& transfer(const Column& column) const {
    return transfers_[static_cast<std::size_t>(column.place.transfer)];
  }
  [[nodiscard]] bool has_variances() const { return !variances_.empty(); }
  // RowGroups::kRows a group, of a column by its index; places beyond the rows hold zero.
  [[nodiscard]] const std::int16_t* values(std::size_t column) const {
    return values_.data() + column * slots();
  }
  // Null where the tile has none.
  [[nodiscard]] const std::uint8_t* variances(std::size_t column) const {
    return has_variances() ? variances_.data() + column * slots() : nullptr;
  }
  [[nodiscard]] std::int32_t rest(const Column& column, int read) const {
    return column.has_rest ? rests_[column.first_rest + static_cast<std::size_t>(read)] : 0;
  }

  // The sum of a group's four values lies between these, and of its variances below the last.
  static constexpr int kLowestGroupSum = -31 * 64;
  static constexpr int kHighestGroupSum = 31 * 64 + 63;
  static constexpr int kLargestGroupVariance = 63;

 private:
  [[nodiscard]] std::size_t slots() const {
    return static_cast<std::size_t>(groups_.groups()) * RowGroups::kRows;
  }
  [[nodiscard]] std::size_t slot(int row) const {
    return static_cast<std::size_t>(groups_.group_of(row)) * RowGroups::kRows +
           static_cast<std::size_t>(groups_.place_of(row));
  }
  [[nodiscard]] int value_bits_for(std::span<const float> levels) const;
  void keep_variances(Column& column, std::span<const float> variances);

  RowGroups groups_;
  int drive_bits_;
  ConverterFaults faults_;
  std::vector<Transfer> transfers_;
  int fraction_bits_;
  std::vector<Column> columns_;
  std::vector<Tile::Channel> channels_;
  std::vector<std::int16_t> values_;
  std::vector<std::uint8_t> variances_;
  std::vector<std::int32_t> rests_;
};

}  // namespace pimento::kernels
