// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/tiling.h"

#include <algorithm>

#include "base/ceil_div.h"

namespace pimento::mapper::packing {

Kind kind_of(const Piece& piece, const Problem& problem) {
  const std::int64_t unit = problem.items[static_cast<std::size_t>(piece.item)].column_unit;
  const std::int64_t bands = ceil_div(piece.rows.size(), problem.row_unit);
  return {{std::min(bands * problem.row_unit, problem.rows), piece.columns.size()},
          unit,
          piece.columns.begin % unit};
}

Tiling tile(const Problem& problem) {
  Tiling tiling;
  for (std::int64_t index = 0; index < std::ssize(problem.items); ++index) {
    const Item& item = problem.items[static_cast<std::size_t>(index)];
    for (std::int64_t row = 0; row < item.rows; row += problem.rows) {
      for (std::int64_t column = 0; column < item.columns; column += problem.columns) {
        const Piece piece{index,
                          {row, std::min(item.rows, row + problem.rows)},
                          {column, std::min(item.columns, column + problem.columns)}};
        if (piece.rows.size() == problem.rows && piece.columns.size() == problem.columns) {
          tiling.full.push_back({piece, {std::ssize(tiling.full), 0, 0}});
        } else {
          tiling.rest[kind_of(piece, problem)].push_back(piece);
        }
      }
    }
  }
  return tiling;
}

}  // namespace pimento::mapper::packing
