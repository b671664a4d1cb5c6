// SPDX-License-Identifier: Apache-2.0
// Matrices cut into tiles of an array's size, and tiles placed on macros of their own: what
// strategies share that give every layer fresh macros.
#pragma once

#include <cstdint>
#include <vector>

#include "mapper/capacity.h"
#include "mapper/mapping.h"

namespace pimento::mapper {

// How the matrix of each block of a layer is cut.
struct MatrixTiles {
  std::int64_t blocks = 1;
  std::int64_t rows = 0;  // of a block's matrix
  std::int64_t columns = 0;
  std::int64_t rows_a_tile = 0;
  std::int64_t columns_a_tile = 0;
  // Of every `period` rows those that are stored, ascending; empty: all of them. Tiles then hold
  // whole periods.
  std::vector<std::int32_t> kept;
  std::int64_t period = 1;
  // Blocks of one tile each stand on the diagonal of a macro, so many rows apart.
  std::int64_t blocks_a_macro = 1;
  std::int64_t block_pitch = 0;

  [[nodiscard]] std::int64_t row_tiles() const;
  [[nodiscard]] std::int64_t column_tiles() const;
  [[nodiscard]] std::int64_t macros() const;
  [[nodiscard]] std::int64_t groups() const { return blocks * row_tiles() * column_tiles(); }
  // Rows of the matrix that a row tile stores, and columns of a column tile.
  [[nodiscard]] Indices rows_of(std::int64_t tile) const;
  [[nodiscard]] std::int64_t stored_rows(std::int64_t tile) const;
  [[nodiscard]] Range columns_of(std::int64_t tile) const;

 private:
  [[nodiscard]] Range reach_of(std::int64_t tile) const;
};

// Rows and columns cut wherever the array ends; on the diagonal as many blocks as it holds, none
// of which share an operation unit.
[[nodiscard]] MatrixTiles array_tiles(const workloads::MatrixShape& matrix,
                                      const arch::SlicePlan& plan, const arch::MacroSpec& macro);

// The slices of a layer at the chip's encoding and its precision.
[[nodiscard]] arch::SlicePlan whole_plan(const MappingProblem& problem, int layer);

// A layer with the slices of the chip's encoding at its precision, placed nowhere yet.
[[nodiscard]] LayerMapping unplaced_layer(const MappingProblem& problem, int layer);

// Macros in their order on the chip, each given away once.
class FreshMacros {
 public:
  explicit FreshMacros(const MappingProblem& problem) : chip_(&problem.chip), capacity_(problem) {}

  // Later macros are those of a core that no layer has been placed on.
  void start_core();
  // Later macros are those from `first` on again, written anew.
  void start_round(std::int64_t first = 0) { next_ = first; }
  // Throws InputError where the chip has no room for so many more macros, or memory none for so
  // many more column groups.
  void reserve(int layer, std::int64_t macros, std::int64_t groups);
  // The next macro's number. Throws as reserve().
  int take(int layer);
  // Every tile on a macro of its own, row tile by row tile, or blocks on the diagonal. Throws as
  // reserve().
  void place(LayerMapping& layer, const MatrixTiles& tiles);
  // Given away, or passed over: all before the next one.
  [[nodiscard]] std::int64_t count() const { return next_; }

 private:
  void place_tiles(LayerMapping& layer, const MatrixTiles& tiles);
  void place_diagonal(LayerMapping& layer, const MatrixTiles& tiles);

  const arch::ChipSpec* chip_;
  Capacity capacity_;
  std::int64_t next_ = 0;
};

}  // namespace pimento::mapper
