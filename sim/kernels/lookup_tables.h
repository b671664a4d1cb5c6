// SPDX-License-Identifier: Apache-2.0
// What the four cells of a group of rows add to a column's sum, for each of the sixteen patterns of
// their input bits: sixteen bytes a group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/kernels/tile.h"

namespace pimento::kernels {

inline constexpr std::size_t kTableBytes = 16;

// Whether all columns of a tile are of the common kind: one plane of worth one, one input bit, ADCs
// that only cut from above, sums and rests within a byte, and channels whose sums fit 16 bits.
[[nodiscard]] bool fits_bytes(const Tile& tile);

// A column of such a tile.
struct ByteColumn {
  std::uint8_t limit = 0;  // the ADC cuts what is above
  std::uint8_t shift = 0;  // of its place
  bool negative = false;
  int together = 1;  // reads whose cut sums fit a byte
  const std::uint8_t* tables = nullptr;
  const std::int32_t* rest = nullptr;  // of each read; null: none
};

// The columns of one channel after the other, with their tables.
class ByteColumns {
 public:
  explicit ByteColumns(const Tile& tile) : tile_(tile) {}
  void expand(const Tile::Channel& channel);
  [[nodiscard]] std::span<const ByteColumn> columns() const { return columns_; }

 private:
  const Tile& tile_;
  std::vector<ByteColumn> columns_;
  std::vector<std::uint8_t> tables_;
};

// The planes of a column in parts whose tables fit signed bytes.
struct ColumnParts {
  struct Part {
    int shift = 0;                    // worth of the part's units
    std::size_t groups_together = 1;  // whose sums fit a signed byte
  };
  std::vector<Part> parts;
};

// Tables of a column's parts, for any tile.
[[nodiscard]] ColumnParts signed_tables(const Tile& tile, const Tile::Column& column,
                                        std::vector<std::uint8_t>& tables);

}  // namespace pimento::kernels
