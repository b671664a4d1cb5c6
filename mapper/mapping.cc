// SPDX-License-Identifier: Apache-2.0
#include "mapper/mapping.h"

#include <algorithm>
#include <compare>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/window_matrix.h"

namespace pimento::mapper {

namespace {

void check_slices(const workloads::Layer& layer, const arch::MacroSpec& macro) {
  if (layer.weight_slices.empty()) return;
  const int bits = arch::code_bits(macro.encoding, layer.precision.weight_bits);
  const int held = std::accumulate(layer.weight_slices.begin(), layer.weight_slices.end(), 0);
  const int widest = *std::max_element(layer.weight_slices.begin(), layer.weight_slices.end());
  if (held == bits && widest <= macro.cell_bits) return;
  throw InputError(fmt::format(
      "layer \"{}\": its weight_slices hold {} bits, the widest {}; expected {} bits in all, which "
      "weights of {} bits take in {}, and at most {}, which a cell holds",
      layer.name, held, widest, bits, layer.precision.weight_bits,
      arch::encoding_name(macro.encoding), macro.cell_bits));
}

}  // namespace

void MappingProblem::check() const {
  for (const int index : network.weight_layers()) {
    const workloads::Layer& layer = network.layers[static_cast<std::size_t>(index)];
    const workloads::Precision& p = layer.precision;
    if (p.weight_bits < 1 || p.weight_bits > 32 || p.activation_bits < 1 ||
        p.activation_bits > 32) {
      throw InputError(
          fmt::format("layer \"{}\": {} weight bits and {} activation bits; expected 1 "
                      "to 32 of each",
                      layer.name, p.weight_bits, p.activation_bits));
    }
    check_slices(layer, chip.macro);
  }
}

std::int64_t LayerMapping::metadata_reads() const {
  std::int64_t bits = 0;
  for (const PassReport& pass : passes) bits += pass.metadata_reads;
  return bits;
}

workloads::MatrixShape matrix_of(const LayerMapping& layer, const workloads::Network& network) {
  return workloads::WindowMatrix(network, layer.layer, layer.copies).shape();
}

std::int64_t used_cells(const LayerMapping& layer) {
  std::int64_t cells = 0;
  for (const ColumnGroup& group : layer.groups) cells += group.rows.size() * group.columns.size();
  return cells * layer.plan.lines();
}

int tiles_needed(const Mapping& mapping, const arch::ChipSpec& chip) {
  const std::int64_t per_tile = chip.macros_per_tile();
  return static_cast<int>(std::max<std::int64_t>(1, (mapping.macros + per_tile - 1) / per_tile));
}

namespace {

// Cells that are used, by macro and round, ascending; of a layer, or of all of them.
struct Writing {
  int macro = 0;
  int round = 0;
  auto operator<=>(const Writing&) const = default;
};
using CellsOfMacros = std::vector<std::pair<Writing, std::int64_t>>;

// One entry a macro and round.
void merge(CellsOfMacros& cells) {
  std::stable_sort(cells.begin(), cells.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t last = 0;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    if (cells[i].first == cells[last].first) {
      cells[last].second += cells[i].second;
    } else {
      cells[++last] = cells[i];
    }
  }
  if (!cells.empty()) cells.resize(last + 1);
}

CellsOfMacros cells_of_macros(const LayerMapping& layer) {
  CellsOfMacros cells;
  cells.reserve(layer.groups.size());
  for (const ColumnGroup& group : layer.groups) {
    cells.emplace_back(Writing{group.macro, group.round},
                       group.rows.size() * group.columns.size() * layer.plan.lines());
  }
  merge(cells);
  return cells;
}

}  // namespace

Utilization utilization(const Mapping& mapping, const arch::ChipSpec& chip) {
  Utilization result;
  const std::int64_t cells_per_macro = std::int64_t{chip.macro.rows} * chip.macro.columns;
  // Layers may share macros; a macro that is written anew stands for another.
  CellsOfMacros of_macros;
  std::vector<CellsOfMacros> of_layers;
  for (const LayerMapping& layer : mapping.layers) {
    of_layers.push_back(cells_of_macros(layer));
    of_macros.insert(of_macros.end(), of_layers.back().begin(), of_layers.back().end());
  }
  merge(of_macros);
  for (const CellsOfMacros& of_layer : of_layers) {
    double allocated = 0.0;
    std::int64_t used = 0;
    auto all = of_macros.begin();  // both ascend
    for (const auto& [writing, cells] : of_layer) {
      all = std::lower_bound(all, of_macros.end(), std::pair(writing, std::int64_t{0}));
      allocated += double(cells) / double(all->second) * double(cells_per_macro);
      used += cells;
    }
    result.used_cells += used;
    result.allocated_to_layers.push_back(allocated);
    result.layer_mean += double(used) / allocated;
  }
  result.allocated_cells = std::ssize(of_macros) * cells_per_macro;
  std::int64_t cores = 0;
  std::int64_t core = -1;  // macros ascend
  int last_macro = -1;
  for (const auto& [writing, cells] : of_macros) {
    result.used_macros += writing.macro != last_macro ? 1 : 0;
    last_macro = writing.macro;
    cores += last_macro / chip.macros_per_core != core ? 1 : 0;
    core = last_macro / chip.macros_per_core;
  }
  if (!mapping.layers.empty()) result.layer_mean /= double(mapping.layers.size());
  const int tiles = chip.tiles.value_or(tiles_needed(mapping, chip));
  result.allocated_macros = cores * chip.macros_per_core;
  result.chip_share = double(result.used_macros) / (double(tiles) * double(chip.macros_per_tile()));
  return result;
}

}  // namespace pimento::mapper
