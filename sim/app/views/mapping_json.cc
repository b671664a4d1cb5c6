// SPDX-License-Identifier: Apache-2.0
// The JSON form of `pimento map`. Column groups are written one by one, as a million of them would
// take gigabytes as a tree.
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "sim/app/version.h"
#include "sim/app/views/mapping_view.h"
#include "sim/report/format.h"
#include "sim/report/json.h"

namespace pimento::app {
namespace {

using sim::Json;

Json to_json(const EmptyCells& empty) {
  return {{"total", empty.total()},
          {"rows_below", empty.rows_below},
          {"columns_beside", empty.columns_beside},
          {"unit_remainder", empty.unit_remainder},
          {"other_blocks", empty.other_blocks},
          {"gaps", empty.gaps}};
}

Json to_json(const EmptyMacros& empty) {
  return {{"before_next_layer", empty.before_next_layer},
          {"behind_last_layer", empty.behind_last_layer},
          {"skipped", empty.skipped},
          {"in_unused_cores", empty.in_unused_cores},
          {"in_unused_tiles", empty.in_unused_tiles}};
}

Json to_json(const mapper::PassReport& pass) {
  Json json = {{"pass", pass.pass},
               {"cells_saved", pass.cells_saved},
               {"conversions_saved", pass.conversions_saved},
               {"metadata_bits", pass.metadata_bits},
               {"metadata_bits_read_per_position", pass.metadata_reads},
               {"extra_input_slices", pass.extra_input_slices}};
  if (pass.cells_taken != 0) {
    json["cells_taken"] = pass.cells_taken;
    json["cells_written"] = pass.cells_written;
  }
  return json;
}

Json to_json(const LayerPlacement& layer) {
  Json slices = Json::array();
  for (const arch::Slice& slice : layer.plan.slices) {
    slices.push_back({{"shift", slice.shift}, {"width", slice.width}, {"sign", slice.sign}});
  }
  Json planes = Json::array();
  for (const std::optional<double>& share : layer.planes) {
    planes.push_back(sim::optional_number(share));
  }
  Json passes = Json::array();
  for (const mapper::PassReport& pass : layer.passes) passes.push_back(to_json(pass));
  return {{"name", layer.name},
          {"weight_bits_per_weight", layer.weight_bits},
          {"blocks", layer.blocks},
          {"rows", layer.rows},
          {"columns", layer.columns},
          {"slices", layer.slices()},
          {"slice_plan", std::move(slices)},
          {"copies", layer.copies},
          {"replicas", layer.replicas},
          {"turns", layer.turns},
          {"rounds", layer.rounds},
          {"crossbars", layer.macros},
          {"row_tiles", layer.row_tiles},
          {"column_tiles", layer.column_tiles},
          {"used_cells", layer.used_cells},
          {"dense_cells", layer.dense_cells},
          {"stored_share", layer.stored_share()},
          {"allocated_cells", layer.allocated_cells},
          {"cell_utilization", layer.cell_share()},
          {"metadata_bits", layer.metadata_bits()},
          {"metadata_bits_read_per_position", layer.metadata_reads()},
          {"first_tile", layer.first_tile},
          {"first_core", layer.first_core},
          {"plane_stored_shares", std::move(planes)},
          {"empty_cells", to_json(layer.empty)},
          {"passes", std::move(passes)}};
}

Json totals_json(const MappingView& view) {
  return {{"tiles", view.tiles},
          {"tiles_follow_network", view.sized_to_network},
          {"crossbars", view.macros},
          {"shared_crossbars", view.shared_macros},
          {"writings", view.writings},
          {"chip_crossbars", view.chip_macros},
          {"crossbars_per_core", view.macros_per_core},
          {"crossbars_per_tile", view.macros_per_tile},
          {"used_cells", view.utilization.used_cells},
          {"allocated_cells", view.utilization.allocated_cells},
          {"cell_utilization", view.utilization.cell_share()},
          {"cell_utilization_layer_mean", view.utilization.layer_mean},
          {"macro_utilization", view.utilization.macro_share()},
          {"chip_utilization", view.utilization.chip_share},
          {"empty_cells", to_json(view.empty())},
          {"empty_cells_of_shared", to_json(view.empty_of_shared)},
          {"empty_crossbars", to_json(view.empty_macros)}};
}

Json indices_json(const arch::Indices& indices) {
  if (indices.is_range()) return Json::array({indices.front(), indices.back() + 1});
  Json list = Json::array();
  for (std::int64_t i = 0; i < indices.size(); ++i) list.push_back(indices[i]);
  return {{"list", std::move(list)}};
}

Json group_json(const arch::ColumnGroup& group, const std::string& layer, const MappingView& view) {
  Json json = {{"layer", layer},
               {"block", group.block},
               {"rows", indices_json(group.rows)},
               {"columns", indices_json(group.columns)},
               {"macro", group.macro},
               {"tile", group.macro / view.macros_per_tile},
               {"core", group.macro % view.macros_per_tile / view.macros_per_core},
               {"at_row", group.at_row},
               {"at_column", group.at_column},
               {"turn", group.turn},
               {"replica", group.replica},
               {"round", group.round}};
  if (group.details == nullptr) return json;
  if (!group.details->row_shifts.empty()) json["row_shifts"] = group.details->row_shifts;
  for (const arch::SharedColumn& shared : group.details->shared) {
    json["shared_columns"].push_back({{"column", shared.column}, {"place", shared.place}});
  }
  return json;
}

}  // namespace

std::string mapping_json(const MappingView& view) {
  Json layers = Json::array();
  for (const LayerPlacement& layer : view.layers) layers.push_back(to_json(layer));
  Json json = {{"network", view.network},
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
               {"totals", totals_json(view)},
               {"layers", std::move(layers)}};
  if (!view.reason.empty()) json["reason"] = view.reason;
  if (view.traffic) {
    json["bits_times_routers"] = {{"before", view.traffic->before}, {"after", view.traffic->after}};
  }
  return sim::dump(json);
}

void write_mapping_json(const MappingView& view, const mapper::Mapping& mapping,
                        const std::function<void(const std::string&)>& write) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  std::int64_t count = 0;
  for (const mapper::LayerMapping& layer : mapping.layers) count += std::ssize(layer.groups);
  if (count > kMostListedGroups) {
    throw InputError(fmt::format(
        "--groups: the mapping has {} column groups; expected at most {}; leave --groups out, or "
        "map fewer layers",
        sim::format_count(count), sim::format_count(kMostListedGroups)));
  }
  std::string text = mapping_json(view);
  text.resize(text.rfind('}') - 1);  // goes on where the last field ends
  text += ",\n  \"column_groups\": [";
  const char* separator = "\n    ";
  for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
    for (const arch::ColumnGroup& group : mapping.layers[i].groups) {
      text += separator;
      text += group_json(group, view.layers[i].name, view)
                  .dump(-1, ' ', false, Json::error_handler_t::replace);
      separator = ",\n    ";
      if (text.size() < kPiece) continue;
      write(text);
      text.clear();
    }
  }
  write(text + "\n  ]\n}\n");
}

}  // namespace pimento::app
