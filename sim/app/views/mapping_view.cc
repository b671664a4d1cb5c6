// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/mapping_view.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/app/version.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/table.h"

namespace pimento::app {
namespace {

using sim::format_count;
using sim::format_percent;

LayerPlacement place(const mapper::LayerMapping& layer, const Inputs& inputs) {
  const arch::ChipSpec& chip = inputs.chip;
  const workloads::Layer& source = inputs.network.layers[static_cast<std::size_t>(layer.layer)];
  const workloads::MatrixShape matrix = inputs.network.matrix(layer.layer);
  LayerPlacement result;
  result.name = source.name;
  result.weight_bits = source.precision.weight_bits;
  result.blocks = matrix.groups;
  result.rows = matrix.rows;
  result.columns = matrix.columns;
  result.slices = std::ssize(layer.plan.slices);
  result.macros = layer.macros;
  std::set<std::int64_t> row_cuts;
  std::set<std::int64_t> column_cuts;
  int first = layer.groups.front().macro;
  for (const mapper::ColumnGroup& group : layer.groups) {
    row_cuts.insert(group.rows.front());
    column_cuts.insert(group.columns.front());
    first = std::min(first, group.macro);
  }
  result.row_tiles = std::ssize(row_cuts);
  result.column_tiles = std::ssize(column_cuts);
  result.used_cells = mapper::used_cells(layer);
  result.allocated_cells = std::int64_t{chip.macro.rows} * chip.macro.columns * layer.macros;
  result.first_tile = first / chip.macros_per_tile();
  result.first_core = first % chip.macros_per_tile() / chip.macros_per_core;
  return result;
}

std::string matrix_text(const LayerPlacement& layer) {
  const std::string one =
      fmt::format("{} x {}", format_count(layer.rows), format_count(layer.columns));
  return layer.blocks == 1 ? one : fmt::format("{} of {}", format_count(layer.blocks), one);
}

std::string header_text(const MappingView& view, const sim::Style& style) {
  sim::Listing listing;
  listing.add("network", printable(view.network));
  listing.add("policy", printable(view.policy));
  listing.add("chip", fmt::format("{}, {} {}{}", printable(view.chip), format_count(view.tiles),
                                  view.tiles == 1 ? "tile" : "tiles",
                                  view.sized_to_network ? " (sized to the network)" : ""));
  listing.add("strategy", view.strategy);
  listing.add("macro",
              fmt::format("{} x {} cells of {} {}, {}", view.macro_rows, view.macro_columns,
                          view.cell_bits, view.cell_bits == 1 ? "bit" : "bits", view.encoding));
  for (const std::string& setting : view.overrides) listing.add("set", printable(setting, 200));
  return listing.str(style, 0);
}

std::string totals_text(const MappingView& view, const sim::Style& style) {
  const mapper::Utilization& use = view.utilization;
  sim::Listing listing;
  listing.add("macros",
              fmt::format("{}: {} of the {} of the cores in use, {} of the chip's {}",
                          format_count(view.macros), format_percent(use.macro_share()),
                          format_count(use.allocated_macros), format_percent(use.chip_share),
                          format_count(view.chip_macros)));
  listing.add("cells", fmt::format("{} of {} in those macros", format_count(use.used_cells),
                                   format_count(use.allocated_cells)));
  listing.add("cell utilization", fmt::format("{} = sum of used cells / sum of allocated cells",
                                              format_percent(use.cell_share())));
  listing.add("", format_percent(use.layer_mean) + " = mean of the layers' own utilizations");
  return "\n" + style.bold("Totals") + "\n" + listing.str(style);
}

}  // namespace

double LayerPlacement::cell_share() const {
  return sim::ratio(double(used_cells), double(allocated_cells)).value_or(0.0);
}

MappingView view_mapping(const RunRequest& request, const Inputs& inputs, const Mapped& mapped) {
  MappingView view;
  view.network = inputs.network.name;
  view.policy = inputs.policy.name;
  view.chip = inputs.chip.name;
  view.strategy = mapped.mapping.strategy;
  view.encoding = arch::encoding_name(inputs.chip.macro.encoding);
  for (const Override& setting : request.overrides) {
    view.overrides.push_back(setting.path + "=" + setting.value);
  }
  view.macro_rows = inputs.chip.macro.rows;
  view.macro_columns = inputs.chip.macro.columns;
  view.cell_bits = inputs.chip.macro.cell_bits;
  view.tiles = mapped.lowered.program.tiles;
  view.sized_to_network = !inputs.chip.tiles;
  view.chip_macros = std::int64_t{view.tiles} * inputs.chip.macros_per_tile();
  view.utilization = mapper::utilization(mapped.mapping, inputs.chip);
  for (const mapper::LayerMapping& layer : mapped.mapping.layers) {
    view.layers.push_back(place(layer, inputs));
    view.macros += layer.macros;
  }
  return view;
}

std::string mapping_text(const MappingView& view, const sim::Style& style) {
  sim::Table table({{"layer", sim::Align::kLeft},
                    {"W bits"},
                    {"rows x columns"},
                    {"slices"},
                    {"macros"},
                    {"row x column tiles"},
                    {"cells used"},
                    {"utilization"},
                    {"first tile"},
                    {"core"}});
  for (const LayerPlacement& layer : view.layers) {
    table.add_row(
        {printable(layer.name), fmt::format("{}", layer.weight_bits), matrix_text(layer),
         format_count(layer.slices), format_count(layer.macros),
         fmt::format("{} x {}", format_count(layer.row_tiles), format_count(layer.column_tiles)),
         format_count(layer.used_cells), format_percent(layer.cell_share()),
         format_count(layer.first_tile), format_count(layer.first_core)});
  }
  return header_text(view, style) + "\n" + table.str(style) +
         style.dim(
             "  columns: output channels; slices: physical columns a weight; tiles are "
             "counted from 0, cores within their tile") +
         "\n" + totals_text(view, style);
}

std::string mapping_json(const MappingView& view) {
  using sim::Json;
  Json layers = Json::array();
  for (const LayerPlacement& layer : view.layers) {
    layers.push_back({{"name", layer.name},
                      {"weight_bits_per_weight", layer.weight_bits},
                      {"blocks", layer.blocks},
                      {"rows", layer.rows},
                      {"columns", layer.columns},
                      {"slices", layer.slices},
                      {"crossbars", layer.macros},
                      {"row_tiles", layer.row_tiles},
                      {"column_tiles", layer.column_tiles},
                      {"used_cells", layer.used_cells},
                      {"allocated_cells", layer.allocated_cells},
                      {"cell_utilization", layer.cell_share()},
                      {"first_tile", layer.first_tile},
                      {"first_core", layer.first_core}});
  }
  return sim::dump({{"network", view.network},
                    {"policy", view.policy},
                    {"chip", view.chip},
                    {"strategy", view.strategy},
                    {"program_version", kVersion},
                    {"overrides", view.overrides},
                    {"macro",
                     {{"rows", view.macro_rows},
                      {"columns", view.macro_columns},
                      {"cell_bits", view.cell_bits},
                      {"encoding", view.encoding}}},
                    {"totals",
                     {{"tiles", view.tiles},
                      {"tiles_follow_network", view.sized_to_network},
                      {"crossbars", view.macros},
                      {"chip_crossbars", view.chip_macros},
                      {"used_cells", view.utilization.used_cells},
                      {"allocated_cells", view.utilization.allocated_cells},
                      {"cell_utilization", view.utilization.cell_share()},
                      {"cell_utilization_layer_mean", view.utilization.layer_mean},
                      {"macro_utilization", view.utilization.macro_share()},
                      {"chip_utilization", view.utilization.chip_share}}},
                    {"layers", std::move(layers)}});
}

}  // namespace pimento::app
