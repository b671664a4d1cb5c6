// SPDX-License-Identifier: Apache-2.0
// How a layer's weights lie on macros: what the mapper decides, and what whoever executes a mapped
// network value by value goes by.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "arch/indices.h"
#include "arch/slices.h"

namespace pimento::arch {

// A column whose cells would hold the same as one that is stored: its sums are taken from there.
struct SharedColumn {
  std::int64_t column = 0;  // of the layer's matrix
  std::int64_t place = 0;   // in the group
  friend bool operator==(const SharedColumn&, const SharedColumn&) = default;
};

// What few groups have.
struct GroupDetails {
  // For each row of the group: its weights are stored 2^shift times smaller, and its input is
  // driven 2^shift times as large (SME's squeeze-out). Empty: none is.
  std::vector<std::uint8_t> row_shifts;
  std::vector<SharedColumn> shared;
  friend bool operator==(const GroupDetails&, const GroupDetails&) = default;
};

// Rows and columns of one layer's matrix, stored as a rectangle of one macro. The macro reads the
// rectangle's columns together over all its rows; the sums are shifted and signed as the layer's
// slices say. Bits that no group stores are zero.
//   Rows are the inputs of one convolution group (kernel area x channels), or of a parallel window.
//   Columns are (output channel, slice) pairs, index = channel x slices + slice.
struct ColumnGroup {
  std::int64_t block = 0;  // which group of a grouped convolution; 0 elsewhere
  Indices rows;
  Indices columns;
  int macro = 0;            // counted over the whole chip
  std::int64_t at_row = 0;  // where the rectangle starts in the macro
  std::int64_t at_column = 0;
  int turn = 0;     // groups of a layer on one macro that have the same are read together
  int replica = 0;  // which copy of the layer it belongs to; each is complete
  int round = 0;    // which writing of the macro it belongs to, on chips that are written anew
  std::shared_ptr<const GroupDetails> details = nullptr;  // null: none
  friend bool operator==(const ColumnGroup& a, const ColumnGroup& b);

  // By how much the input of a row is shifted before it is driven.
  [[nodiscard]] int row_shift(std::int64_t row) const {
    return details == nullptr || details->row_shifts.empty()
               ? 0
               : details->row_shifts[static_cast<std::size_t>(row)];
  }
  [[nodiscard]] int largest_row_shift() const;
};

// The column groups of one layer of a network.
struct LayerLayout {
  int layer = 0;  // index in the network
  SlicePlan plan;
  // Copies of the kernel one below the other, and side by side: a read makes so many pixels. Rows
  // are then the inputs of all of them, and an output channel has a column for each copy.
  std::array<std::int64_t, 2> copies{1, 1};
  std::vector<ColumnGroup> groups;

  [[nodiscard]] int largest_row_shift() const;
  // Copies of the layer: 1 + the largest replica.
  [[nodiscard]] int replicas() const;
};

}  // namespace pimento::arch
