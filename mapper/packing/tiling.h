// SPDX-License-Identifier: Apache-2.0
// Matrices cut by the size of an array: full tiles, which need no packing, and what is left at the
// right and at the bottom, counted by size.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "mapper/packing/packing.h"

namespace pimento::mapper::packing {

struct Size {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  [[nodiscard]] std::int64_t cells() const { return rows * columns; }
  [[nodiscard]] bool fits(const Size& gap) const {
    return rows <= gap.rows && columns <= gap.columns;
  }
  friend auto operator<=>(const Size&, const Size&) = default;
};

// What the packer must know of a piece. Pieces of one kind are interchangeable.
struct Kind {
  Size size;               // rows rounded up to whole bands
  std::int64_t unit = 1;   // columns better not parted
  std::int64_t phase = 0;  // the piece's first column within its unit
  friend auto operator<=>(const Kind&, const Kind&) = default;
};

using Stock = std::map<Kind, std::vector<Piece>>;

struct Tiling {
  std::vector<Place> full;  // bins 0 .. full.size() - 1
  Stock rest;
};

[[nodiscard]] Tiling tile(const Problem& problem);

[[nodiscard]] Kind kind_of(const Piece& piece, const Problem& problem);

}  // namespace pimento::mapper::packing
