// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/mapping_view.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "mapper/layer_work.h"
#include "sim/report/format.h"

namespace pimento::app {
namespace {

// Rows times columns that each slice has in the groups of a layer.
std::vector<std::int64_t> cells_of_slices(const mapper::LayerMapping& layer) {
  const std::int64_t slices = std::ssize(layer.plan.slices);
  std::vector<std::int64_t> cells(layer.plan.slices.size(), 0);
  for (const arch::ColumnGroup& group : layer.groups) {
    const std::int64_t rows = group.rows.size();
    std::int64_t rest = group.columns.size();
    if (group.columns.is_range()) {
      for (std::int64_t& each : cells) each += rows * (rest / slices);
      rest %= slices;  // the first columns, as any others of them come around again
    }
    for (std::int64_t i = 0; i < rest; ++i) {
      cells[static_cast<std::size_t>(group.columns[i] % slices)] += rows;
    }
  }
  return cells;
}

std::vector<std::optional<double>> plane_shares(const mapper::LayerMapping& layer,
                                                const workloads::MatrixShape& matrix) {
  const double whole = double(matrix.groups) * double(matrix.rows) * double(matrix.columns) *
                       double(layer.replicas());
  const std::vector<std::int64_t> cells = cells_of_slices(layer);
  std::vector<std::optional<double>> shares(
      static_cast<std::size_t>(arch::code_bits(layer.plan.encoding, layer.plan.weight_bits)));
  for (std::size_t s = 0; s < cells.size(); ++s) {
    const arch::Slice& slice = layer.plan.slices[s];
    const auto begin = static_cast<std::size_t>(slice.shift);
    const std::size_t end = begin + static_cast<std::size_t>(slice.width);
    if (end > shares.size()) shares.resize(end);
    for (std::size_t plane = begin; plane < end; ++plane) {
      shares[plane] = double(cells[s]) / whole;
    }
  }
  return shares;
}

int most_turns(const mapper::LayerMapping& layer) {
  std::set<std::tuple<int, int, int>> turns;
  for (const arch::ColumnGroup& group : layer.groups) {
    turns.emplace(group.macro, group.round, group.turn);
  }
  int most = 0;
  int here = 0;
  std::tuple<int, int> last{-1, -1};
  for (const auto& [macro, round, turn] : turns) {
    here = last == std::tuple(macro, round) ? here + 1 : 1;
    last = {macro, round};
    most = std::max(most, here);
  }
  return most;
}

// Where groups begin: in the matrix, in time, on the chip.
void count_pieces(const mapper::LayerMapping& layer, const arch::ChipSpec& chip,
                  LayerPlacement& result) {
  std::set<std::int64_t> row_cuts;
  std::set<std::int64_t> column_cuts;
  std::set<int> rounds;
  std::set<std::pair<int, int>> writings;  // of macros: one that is written anew stands for another
  int first = layer.groups.front().macro;
  for (const mapper::ColumnGroup& group : layer.groups) {
    row_cuts.insert(group.rows.front());
    column_cuts.insert(group.columns.front());
    rounds.insert(group.round);
    writings.emplace(group.macro, group.round);
    first = std::min(first, group.macro);
  }
  result.row_tiles = std::ssize(row_cuts);
  result.column_tiles = std::ssize(column_cuts);
  result.rounds = static_cast<int>(rounds.size());
  result.allocated_cells =
      std::int64_t{chip.macro.rows} * chip.macro.columns * std::ssize(writings);
  result.first_tile = first / chip.macros_per_tile();
  result.first_core = first % chip.macros_per_tile() / chip.macros_per_core;
}

LayerPlacement place(const mapper::LayerMapping& layer, const Inputs& inputs) {
  const arch::ChipSpec& chip = inputs.chip;
  const workloads::Layer& source = inputs.network.layers[static_cast<std::size_t>(layer.layer)];
  const workloads::MatrixShape matrix = mapper::matrix_of(layer, inputs.network);
  LayerPlacement result;
  result.name = source.name;
  result.weight_bits = source.precision.weight_bits;
  result.blocks = matrix.groups;
  result.rows = matrix.rows;
  result.columns = matrix.columns;
  result.copies = layer.copies;
  result.plan = layer.plan;
  result.replicas = layer.replicas();
  result.turns = most_turns(layer);
  result.macros = layer.macros;
  count_pieces(layer, chip, result);
  result.used_cells = mapper::used_cells(layer);
  result.dense_cells = mapper::dense_work({inputs.network, chip}, layer.layer).cells;
  result.passes = layer.passes;
  result.planes = plane_shares(layer, matrix);
  return result;
}

void look_at_macros(const mapper::Mapping& mapping, const arch::ChipSpec& chip, MappingView& view) {
  const MacroContents contents(mapping);
  std::int64_t last = -1;
  std::int64_t last_shared = -1;
  for (const MacroContents::Writing& writing : contents.writings()) {
    const std::vector<int> layers = contents.layers(writing);
    const bool is_shared = layers.size() > 1;
    EmptyCells& sum = is_shared ? view.empty_of_shared
                                : view.layers[static_cast<std::size_t>(layers.front())].empty;
    sum += empty_cells(contents.groups(writing), chip.macro);
    if (writing.macro != last) ++view.macros;
    last = writing.macro;
    if (is_shared && writing.macro != last_shared) {
      ++view.shared_macros;
      last_shared = writing.macro;
    }
  }
  view.writings = std::ssize(contents.writings());
  view.empty_macros = empty_macros(contents, chip, view.tiles);
}

}  // namespace

std::int64_t LayerPlacement::metadata_bits() const {
  std::int64_t bits = 0;
  for (const mapper::PassReport& pass : passes) bits += pass.metadata_bits;
  return bits;
}

std::int64_t LayerPlacement::metadata_reads() const {
  std::int64_t bits = 0;
  for (const mapper::PassReport& pass : passes) bits += pass.metadata_reads;
  return bits;
}

double LayerPlacement::stored_share() const {
  return sim::ratio(double(used_cells), double(dense_cells) * replicas).value_or(0.0);
}

double LayerPlacement::cell_share() const {
  return sim::ratio(double(used_cells), double(allocated_cells)).value_or(0.0);
}

EmptyCells MappingView::empty() const {
  EmptyCells sum = empty_of_shared;
  for (const LayerPlacement& layer : layers) sum += layer.empty;
  return sum;
}

MappingView view_mapping(const RunRequest& request, const Inputs& inputs,
                         const mapper::Mapping& mapping) {
  const arch::ChipSpec& chip = inputs.chip;
  MappingView view;
  view.network = inputs.network.name;
  view.policy = inputs.policy.name;
  view.chip = chip.name;
  view.strategy = mapping.strategy;
  view.reason = mapping.reason;
  view.traffic = mapping.traffic;
  view.encoding = arch::encoding_name(chip.macro.encoding);
  for (const Override& setting : request.overrides) {
    view.overrides.push_back(setting.path + "=" + setting.value);
  }
  view.macro_rows = chip.macro.rows;
  view.macro_columns = chip.macro.columns;
  view.cell_bits = chip.macro.cell_bits;
  view.tiles = chip.tiles.value_or(mapper::tiles_needed(mapping, chip));
  view.macros_per_core = chip.macros_per_core;
  view.macros_per_tile = chip.macros_per_tile();
  view.sized_to_network = !chip.tiles;
  view.chip_macros = std::int64_t{view.tiles} * chip.macros_per_tile();
  view.utilization = mapper::utilization(mapping, chip);
  for (const mapper::LayerMapping& layer : mapping.layers) {
    view.layers.push_back(place(layer, inputs));
  }
  look_at_macros(mapping, chip, view);
  return view;
}

}  // namespace pimento::app
