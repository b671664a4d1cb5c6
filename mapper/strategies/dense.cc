// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/dense.h"

#include <algorithm>

#include "base/ceil_div.h"
#include "mapper/capacity.h"

namespace pimento::mapper {
namespace {

class DenseMapper {
 public:
  explicit DenseMapper(const MappingProblem& problem)
      : network_(problem.network), chip_(problem.chip), capacity_(problem) {}

  Mapping run() {
    Mapping mapping;
    mapping.strategy = "dense";
    for (const int index : network_.weight_layers()) mapping.layers.push_back(place_layer(index));
    mapping.macros = next_macro_;
    return mapping;
  }

 private:
  LayerMapping place_layer(int index) {
    LayerMapping result;
    result.layer = index;
    result.plan =
        plan_slices(chip_.macro.encoding,
                    network_.layers[static_cast<std::size_t>(index)].precision.weight_bits,
                    chip_.macro.cell_bits);
    start_core();
    const workloads::MatrixShape matrix = network_.matrix(index);
    const std::int64_t columns = matrix.columns * std::ssize(result.plan.slices);
    const std::int64_t width = chip_.macro.weight_columns();
    // Blocks on one macro share no operation unit.
    const std::int64_t block_rows =
        chip_.macro.unit.is_whole()
            ? matrix.rows
            : ceil_div(matrix.rows, chip_.macro.unit.rows) * chip_.macro.unit.rows;
    const std::int64_t blocks_per_macro =
        std::min(std::max<std::int64_t>(chip_.macro.rows / block_rows,
                                        chip_.macro.rows >= matrix.rows ? 1 : 0),
                 width / columns);
    const std::int64_t needed =
        blocks_per_macro >= 1
            ? ceil_div(matrix.groups, blocks_per_macro)
            : matrix.groups * ceil_div(matrix.rows, chip_.macro.rows) * ceil_div(columns, width);
    reserve(index, needed, blocks_per_macro >= 1 ? matrix.groups : needed);
    if (blocks_per_macro >= 1) {
      place_diagonal(result, matrix, columns, block_rows, blocks_per_macro);
    } else {
      for (std::int64_t block = 0; block < matrix.groups; ++block) {
        place_tiles(result, block, matrix.rows, columns);
      }
    }
    result.macros = needed;
    return result;
  }

  void place_tiles(LayerMapping& layer, std::int64_t block, std::int64_t rows,
                   std::int64_t columns) {
    for (std::int64_t row = 0; row < rows; row += chip_.macro.rows) {
      for (std::int64_t column = 0; column < columns; column += chip_.macro.weight_columns()) {
        ColumnGroup group;
        group.block = block;
        group.rows = {row, std::min<std::int64_t>(rows, row + chip_.macro.rows)};
        group.columns = {column,
                         std::min<std::int64_t>(columns, column + chip_.macro.weight_columns())};
        group.macro = static_cast<int>(next_macro_++);
        layer.groups.push_back(group);
      }
    }
  }

  // Whole blocks, several a macro: each on rows and columns of its own.
  void place_diagonal(LayerMapping& layer, const workloads::MatrixShape& matrix,
                      std::int64_t columns, std::int64_t block_rows,
                      std::int64_t blocks_per_macro) {
    for (std::int64_t block = 0; block < matrix.groups; ++block) {
      const std::int64_t position = block % blocks_per_macro;
      if (position == 0) ++next_macro_;
      ColumnGroup group;
      group.block = block;
      group.rows = {0, matrix.rows};
      group.columns = {0, columns};
      group.macro = static_cast<int>(next_macro_ - 1);
      group.at_row = position * block_rows;
      group.at_column = position * columns * layer.plan.lines();
      layer.groups.push_back(group);
    }
  }

  void start_core() {
    next_macro_ = ceil_div(next_macro_, chip_.macros_per_core) * chip_.macros_per_core;
  }

  void reserve(int index, std::int64_t macros, std::int64_t groups) {
    capacity_.add_groups(index, groups);
    capacity_.check_macros(index, next_macro_ + macros);
  }

  const workloads::Network& network_;
  const arch::ChipSpec& chip_;
  Capacity capacity_;
  std::int64_t next_macro_ = 0;
};

}  // namespace

Mapping map_dense(const MappingProblem& problem) {
  return DenseMapper(problem).run();
}

}  // namespace pimento::mapper
