// SPDX-License-Identifier: Apache-2.0
// How a layer's weights lie on macros: what the mapper decides, and what whoever executes a mapped
// network value by value goes by.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/slices.h"

namespace pimento::arch {

// Half-open range of indices.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  [[nodiscard]] std::int64_t size() const { return end - begin; }
  friend bool operator==(const Range&, const Range&) = default;
};

// Rows and columns of one layer's weight matrix, stored as a rectangle of one macro. The macro
// reads the rectangle's columns together over all its rows; the sums are shifted and signed as the
// layer's slices say.
//   Rows are the inputs of one convolution group (kernel area x channels).
//   Columns are (output channel, slice) pairs, index = channel x slices + slice.
struct ColumnGroup {
  std::int64_t block = 0;  // which group of a grouped convolution; 0 elsewhere
  Range rows;
  Range columns;
  int macro = 0;            // counted over the whole chip
  std::int64_t at_row = 0;  // where the rectangle starts in the macro
  std::int64_t at_column = 0;
  friend bool operator==(const ColumnGroup&, const ColumnGroup&) = default;
};

// The column groups of one layer of a network.
struct LayerLayout {
  int layer = 0;  // index in the network
  SlicePlan plan;
  std::vector<ColumnGroup> groups;
};

}  // namespace pimento::arch
