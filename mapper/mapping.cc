// SPDX-License-Identifier: Apache-2.0
#include "mapper/mapping.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "workloads/window_matrix.h"

namespace pimento::mapper {

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

// Cells that are used, by round and macro; of a layer, or of all of them.
using CellsOfMacros = std::map<std::pair<int, int>, std::int64_t>;

CellsOfMacros cells_of_macros(const LayerMapping& layer) {
  CellsOfMacros cells;
  for (const ColumnGroup& group : layer.groups) {
    cells[{group.round, group.macro}] +=
        group.rows.size() * group.columns.size() * layer.plan.lines();
  }
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
    for (const auto& [macro, cells] : of_layers.back()) of_macros[macro] += cells;
  }
  for (const CellsOfMacros& of_layer : of_layers) {
    double allocated = 0.0;
    std::int64_t used = 0;
    for (const auto& [macro, cells] : of_layer) {
      allocated += double(cells) / double(of_macros[macro]) * double(cells_per_macro);
      used += cells;
    }
    result.used_cells += used;
    result.allocated_to_layers.push_back(allocated);
    result.layer_mean += double(used) / allocated;
  }
  result.allocated_cells = std::ssize(of_macros) * cells_per_macro;
  std::set<int> macros;
  std::set<std::int64_t> cores;
  for (const auto& [place, cells] : of_macros) {
    macros.insert(place.second);
    cores.insert(place.second / chip.macros_per_core);
  }
  result.used_macros = std::ssize(macros);
  if (!mapping.layers.empty()) result.layer_mean /= double(mapping.layers.size());
  const int tiles = chip.tiles.value_or(tiles_needed(mapping, chip));
  result.allocated_macros = std::ssize(cores) * chip.macros_per_core;
  result.chip_share = double(result.used_macros) / (double(tiles) * double(chip.macros_per_tile()));
  return result;
}

}  // namespace pimento::mapper
