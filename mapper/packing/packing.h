// SPDX-License-Identifier: Apache-2.0
// Matrices of cells packed into as few arrays as possible: without overlap, without rotation, and
// with cuts where a gap can only be filled by a part.
//
// No library does this: what Debian packs (stb_rect_pack of libstb-dev) fills one bin by a skyline
// and keeps no list of gaps to cut for.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/layout.h"

namespace pimento::mapper::packing {

using arch::Range;

// A matrix of cells, for example a layer's rows x (channels x slices), or one group's of a grouped
// convolution.
struct Item {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  // Columns better not parted: the slices of a weight. The tiling by arrays parts them where the
  // array's width is no multiple.
  std::int64_t column_unit = 1;
};

struct Problem {
  std::int64_t rows = 0;  // of an array
  std::int64_t columns = 0;
  // Rows that are read together. No two pieces share such a band of rows in any column: a piece
  // starts at a multiple of it and takes whole bands. The incomplete band at the end of an array
  // whose height is no multiple serves only pieces that reach into all bands.
  std::int64_t row_unit = 1;
  std::vector<Item> items;
  // Without cuts every matrix is tiled by arrays, and each tile stays whole.
  bool allow_cuts = true;
  // Cuts end when the cells of the arrays are not more than this share above those needed, or when
  // the lower bound is reached. 0 asks for the lower bound.
  double spare_share = 0.02;
};

// A rectangle of an item's matrix.
struct Piece {
  std::int64_t item = 0;
  Range rows;
  Range columns;
  friend bool operator==(const Piece&, const Piece&) = default;
};

struct Position {
  std::int64_t bin = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

struct Place {
  Piece piece;
  Position at;
  friend bool operator==(const Place&, const Place&) = default;
};

struct Packing {
  std::vector<Place> places;  // tiles as large as an array, item by item; then the shared bins
  std::int64_t bins = 0;
  std::int64_t lower_bound = 0;  // no packing has fewer bins; without cuts, none of whole tiles
  std::int64_t cells = 0;        // needed
  // Beyond the tiling by arrays, each making one piece more: row cuts part the sums of a column,
  // column cuts fetch inputs once more.
  std::int64_t row_cuts = 0;
  std::int64_t column_cuts = 0;
  [[nodiscard]] std::int64_t cuts() const { return row_cuts + column_cuts; }
};

// Deterministic. Time and memory grow linearly with the pieces; the search itself sees only how
// many pieces of which size there are. Whole tiles are packed first; where that misses the goal,
// pieces that fit nowhere are cut, between weights if that is enough. If no attempt reaches the
// goal, the packing with the fewest bins is returned.
[[nodiscard]] Packing pack(const Problem& problem);

}  // namespace pimento::mapper::packing
