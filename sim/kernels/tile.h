// SPDX-License-Identifier: Apache-2.0
// The cells of one row tile, as the kernels read them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/kernels/row_groups.h"
#include "sim/kernels/transfer.h"

namespace pimento::kernels {

// One bit of the cells of a column: in the column's sum it is worth 2^shift, less than nothing
// where the cell sits on the negative line of a pair.
struct Plane {
  int shift = 0;
  bool negative = false;
  std::vector<std::uint8_t> bits;  // 0 or 1 for each row of the tile
};

// A column of the array: what its sum is worth in its output channel, and which ADC reads it.
struct ColumnPlace {
  int channel = 0;
  int shift = 0;
  bool negative = false;
  int transfer = 0;
};

class Tile {
 public:
  static constexpr int kWidestCell = 8;   // bits
  static constexpr int kWidestDrive = 8;  // bits

  // `drive_bits` input bits are driven at once (a DAC of so many bits).
  Tile(RowGroups groups, int drive_bits, std::vector<Transfer> transfers);

  // Channels must not descend from one column to the next. `rest`, one a read or none, is added to
  // every sum of a read before its conversion, whatever the inputs: what a bipolar cell (XNOR)
  // answers to inputs of zero.
  void add_column(const ColumnPlace& place, std::span<const Plane> planes,
                  std::span<const std::int32_t> rest = {});

  // Other ADCs in the place of those there, as many as before.
  void set_transfers(std::vector<Transfer> transfers);

  struct Column {
    ColumnPlace place;
    std::size_t first_plane = 0;
    int planes = 0;
    std::size_t first_rest = 0;
    bool has_rest = false;
    std::int64_t lowest = 0;   // no read can give a sum below,
    std::int64_t highest = 0;  // or above
    bool is_exact = true;      // its ADC gives every such sum back as it is
  };
  struct PlaneWorth {
    int shift = 0;
    bool negative = false;
  };
  // Columns of one output channel: [first, last).
  struct Channel {
    int channel = 0;
    int first = 0;
    int last = 0;
    bool is_exact = true;  // all of them are
  };

  [[nodiscard]] const RowGroups& groups() const { return groups_; }
  [[nodiscard]] int drive_bits() const { return drive_bits_; }
  // Converted sums count in 2^-fraction_bits(): 0 where all transfers are clamps, else
  // kFractionBits.
  [[nodiscard]] int fraction_bits() const { return fraction_bits_; }
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] const std::vector<Channel>& channels() const { return channels_; }
  [[nodiscard]] const Transfer& transfer(const Column& column) const {
    return transfers_[static_cast<std::size_t>(column.place.transfer)];
  }
  // For each group of rows the four bits of a plane; planes are counted over all columns.
  [[nodiscard]] const std::uint8_t* patterns(std::size_t plane) const {
    return patterns_.data() + plane * static_cast<std::size_t>(groups_.groups());
  }
  [[nodiscard]] const PlaneWorth& worth(std::size_t plane) const { return worths_[plane]; }
  // Of each read of a column; null where it has none.
  [[nodiscard]] const std::int32_t* rests(const Column& column) const {
    return column.has_rest ? rests_.data() + column.first_rest : nullptr;
  }
  [[nodiscard]] std::int32_t rest(const Column& column, int read) const {
    return column.has_rest ? rests(column)[read] : 0;
  }

 private:
  void bound(Column& column, std::span<const Plane> planes) const;

  RowGroups groups_;
  int drive_bits_;
  std::vector<Transfer> transfers_;
  int fraction_bits_;
  std::vector<Column> columns_;
  std::vector<Channel> channels_;
  std::vector<PlaneWorth> worths_;
  std::vector<std::uint8_t> patterns_;
  std::vector<std::int32_t> rests_;
};

}  // namespace pimento::kernels
