// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/windows.h"

#include <set>
#include <variant>

#include "base/ceil_div.h"
#include "mapper/layer_strategy.h"
#include "mapper/windows.h"
#include "workloads/window_matrix.h"

namespace pimento::mapper {
namespace {

// What the arrays of a layer do for one input slice of an image, and the cells they hold.
struct ImageWork {
  std::int64_t cells = 0;
  std::int64_t conversions = 0;
  std::int64_t reads = 0;
};

ImageWork work_of(const MatrixTiles& tiles, std::int64_t positions, const arch::SlicePlan& plan,
                  const arch::MacroSpec& macro) {
  const bool is_whole = macro.unit.is_whole();
  std::int64_t rows = 0;
  std::int64_t units_below = 0;
  for (std::int64_t tile = 0; tile < tiles.row_tiles(); ++tile) {
    rows += tiles.stored_rows(tile);
    units_below += is_whole ? 1 : ceil_div(tiles.stored_rows(tile), macro.unit.rows);
  }
  std::int64_t units_beside = 0;
  for (std::int64_t tile = 0; tile < tiles.column_tiles(); ++tile) {
    units_beside += is_whole ? 1 : ceil_div(tiles.columns_of(tile).size(), macro.unit.columns);
  }
  ImageWork work;
  work.cells = tiles.blocks * rows * tiles.columns * plan.lines();
  work.conversions = positions * tiles.blocks * units_below * tiles.columns;
  // Blocks on the diagonal of one array are read together, those in operation units in turn.
  work.reads = positions * (is_whole ? tiles.macros() : tiles.blocks * units_below * units_beside);
  return work;
}

// Positions of one channel's window that some copy looks at; empty: each of them.
std::vector<std::int32_t> seen_positions(const workloads::WindowMatrix& matrix,
                                         const workloads::Window& kernel) {
  std::set<std::int32_t> seen;
  for (std::int64_t copy = 0; copy < matrix.copy_count(); ++copy) {
    for (std::int64_t weight = 0; weight < kernel.kernel[0] * kernel.kernel[1]; ++weight) {
      seen.insert(static_cast<std::int32_t>(matrix.row_of(weight, copy)));
    }
  }
  if (std::ssize(seen) == matrix.extent()[0] * matrix.extent()[1]) return {};
  return {seen.begin(), seen.end()};
}

MatrixTiles window_tiles(const workloads::WindowMatrix& matrix, const ParallelWindow& window,
                         const workloads::Window& kernel, const WindowProblem& problem) {
  const std::int64_t columns_a_channel = matrix.copy_count() * problem.columns_per_weight;
  MatrixTiles tiles;
  tiles.blocks = matrix.shape().groups;
  tiles.rows = matrix.shape().rows;
  tiles.columns = matrix.shape().columns * problem.columns_per_weight;
  tiles.period = matrix.extent()[0] * matrix.extent()[1];
  if (!problem.stores_gaps) tiles.kept = seen_positions(matrix, kernel);
  tiles.rows_a_tile = window.channels_a_tile * tiles.period;
  tiles.columns_a_tile = window.out_channels_a_tile * columns_a_channel;
  tiles.blocks_a_macro = window.groups_a_tile;
  tiles.block_pitch = ceil_div(window.channels_a_tile * window.rows_a_channel, problem.unit_rows) *
                      problem.unit_rows;
  return tiles;
}

// False where no window takes fewer reads.
bool place_window(const MappingProblem& problem, LayerMapping& layer, const MatrixTiles& dense,
                  FreshMacros& macros) {
  const arch::MacroSpec& macro = problem.chip.macro;
  const workloads::Layer& of = problem.network.layers[static_cast<std::size_t>(layer.layer)];
  const workloads::Window& kernel = std::get<workloads::Conv>(of.operation).window;
  const WindowProblem search = window_problem(problem, layer.layer);
  const ParallelWindow window = best_window(search);
  if (window.is_cut_anywhere()) return false;
  const workloads::WindowMatrix matrix(problem.network, layer.layer, window.copies);
  const MatrixTiles tiles = window_tiles(matrix, window, kernel, search);
  const std::int64_t positions = problem.network.matrix(layer.layer).positions;
  const ImageWork before = work_of(dense, positions, layer.plan, macro);
  const ImageWork after = work_of(tiles, matrix.shape().positions, layer.plan, macro);
  if (after.reads >= before.reads) return false;
  layer.copies = window.copies;
  PassReport report;
  report.pass = "windows";
  report.cells_saved = before.cells - after.cells;
  report.conversions_saved = before.conversions - after.conversions;
  report.positions = positions;
  report.reads_saved = before.reads - after.reads;
  layer.passes.push_back(report);
  macros.place(layer, tiles);
  return true;
}

bool may_have_copies(const workloads::Layer& layer) {
  const auto* conv = std::get_if<workloads::Conv>(&layer.operation);
  return conv != nullptr && conv->window.dilation == std::array<std::int64_t, 2>{1, 1};
}

}  // namespace

LayerMapping map_layer_windows(const MappingProblem& problem, int layer, FreshMacros& macros) {
  LayerMapping result = unplaced_layer(problem, layer);
  const MatrixTiles dense =
      array_tiles(problem.network.matrix(layer), result.plan, problem.chip.macro);
  if (!may_have_copies(problem.network.layers[static_cast<std::size_t>(layer)]) ||
      !place_window(problem, result, dense, macros)) {
    macros.place(result, dense);
  }
  return result;
}

Mapping map_windows(const MappingProblem& problem) {
  return map_layers(problem, "windows", map_layer_windows);
}

}  // namespace pimento::mapper
