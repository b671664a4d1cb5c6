// SPDX-License-Identifier: Apache-2.0
#include "mapper/placement.h"

#include <algorithm>
#include <utility>

#include "base/ceil_div.h"

namespace pimento::mapper {
std::int64_t MatrixTiles::row_tiles() const {
  return ceil_div(rows, rows_a_tile);
}

std::int64_t MatrixTiles::column_tiles() const {
  return ceil_div(columns, columns_a_tile);
}

std::int64_t MatrixTiles::macros() const {
  return ceil_div(blocks, blocks_a_macro) * row_tiles() * column_tiles();
}

Range MatrixTiles::reach_of(std::int64_t tile) const {
  return {tile * rows_a_tile, std::min(rows, (tile + 1) * rows_a_tile)};
}

std::int64_t MatrixTiles::stored_rows(std::int64_t tile) const {
  const std::int64_t all = reach_of(tile).size();
  return kept.empty() ? all : all / period * std::ssize(kept);
}

Indices MatrixTiles::rows_of(std::int64_t tile) const {
  const Range all = reach_of(tile);
  if (kept.empty()) return all;
  std::vector<std::int32_t> list;
  for (std::int64_t first = all.begin; first < all.end; first += period) {
    for (const std::int32_t row : kept) list.push_back(static_cast<std::int32_t>(first) + row);
  }
  return Indices::listed(std::move(list));
}

Range MatrixTiles::columns_of(std::int64_t tile) const {
  return {tile * columns_a_tile, std::min(columns, (tile + 1) * columns_a_tile)};
}

MatrixTiles array_tiles(const workloads::MatrixShape& matrix, const arch::SlicePlan& plan,
                        const arch::MacroSpec& macro) {
  MatrixTiles tiles;
  tiles.blocks = matrix.groups;
  tiles.rows = matrix.rows;
  tiles.columns = matrix.columns * std::ssize(plan.slices);
  tiles.rows_a_tile = macro.rows;
  tiles.columns_a_tile = macro.weight_columns();
  if (tiles.row_tiles() > 1 || tiles.column_tiles() > 1) return tiles;
  // The last block needs no room behind it.
  tiles.block_pitch =
      macro.unit.is_whole() ? tiles.rows : ceil_div(tiles.rows, macro.unit.rows) * macro.unit.rows;
  tiles.blocks_a_macro = std::min(std::max<std::int64_t>(macro.rows / tiles.block_pitch, 1),
                                  tiles.columns_a_tile / tiles.columns);
  return tiles;
}

arch::SlicePlan whole_plan(const MappingProblem& problem, int layer) {
  const workloads::Layer& of = problem.network.layers[static_cast<std::size_t>(layer)];
  const arch::Encoding encoding = problem.chip.macro.encoding;
  if (!of.weight_slices.empty()) {
    const std::vector<int> widths(of.weight_slices.rbegin(), of.weight_slices.rend());
    return arch::plan_slices(encoding, of.precision.weight_bits, widths);
  }
  return arch::plan_slices(encoding, of.precision.weight_bits, problem.chip.macro.cell_bits);
}

LayerMapping unplaced_layer(const MappingProblem& problem, int layer) {
  LayerMapping result;
  result.layer = layer;
  result.plan = whole_plan(problem, layer);
  return result;
}

void FreshMacros::start_core() {
  next_ = ceil_div(next_, chip_->macros_per_core) * chip_->macros_per_core;
}

void FreshMacros::reserve(int layer, std::int64_t macros, std::int64_t groups) {
  capacity_.add_groups(layer, groups);
  capacity_.check_macros(layer, next_ + macros);
}

int FreshMacros::take(int layer) {
  reserve(layer, 1, 0);
  return static_cast<int>(next_++);
}

void FreshMacros::place(LayerMapping& layer, const MatrixTiles& tiles) {
  const std::int64_t macros = tiles.macros();
  reserve(layer.layer, macros, tiles.groups());
  if (tiles.blocks_a_macro > 1) {
    place_diagonal(layer, tiles);
  } else {
    place_tiles(layer, tiles);
  }
  layer.macros += macros;
}

void FreshMacros::place_tiles(LayerMapping& layer, const MatrixTiles& tiles) {
  for (std::int64_t block = 0; block < tiles.blocks; ++block) {
    for (std::int64_t row = 0; row < tiles.row_tiles(); ++row) {
      const Indices rows = tiles.rows_of(row);
      for (std::int64_t column = 0; column < tiles.column_tiles(); ++column) {
        ColumnGroup group;
        group.block = block;
        group.rows = rows;
        group.columns = tiles.columns_of(column);
        group.macro = static_cast<int>(next_++);
        layer.groups.push_back(std::move(group));
      }
    }
  }
}

// Whole blocks, several a macro: each on rows and columns of its own.
void FreshMacros::place_diagonal(LayerMapping& layer, const MatrixTiles& tiles) {
  const Indices rows = tiles.rows_of(0);
  for (std::int64_t block = 0; block < tiles.blocks; ++block) {
    const std::int64_t position = block % tiles.blocks_a_macro;
    if (position == 0) ++next_;
    ColumnGroup group;
    group.block = block;
    group.rows = rows;
    group.columns = tiles.columns_of(0);
    group.macro = static_cast<int>(next_ - 1);
    group.at_row = position * tiles.block_pitch;
    group.at_column = position * tiles.columns * layer.plan.lines();
    layer.groups.push_back(std::move(group));
  }
}

}  // namespace pimento::mapper
