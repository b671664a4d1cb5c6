// SPDX-License-Identifier: Apache-2.0
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {
namespace {

Json totals_json(const RunReport& report) {
  Json totals = to_json(report.totals);
  totals["static_energy_j"] = report.static_energy.value();
  totals["cell_utilization_layer_mean"] = report.cell_utilization_layer_mean;
  totals["chip_utilization"] = report.chip_utilization;
  totals["tiles"] = report.tiles;
  totals["events"] = report.events;
  return totals;
}

Json layer_json(const LayerReport& layer) {
  Json json = {{"name", layer.name}, {"kind", layer.kind}};
  json.update(to_json(layer.figures));
  json["weight_bits_per_weight"] = layer.weight_bits;
  json["activation_bits"] = layer.activation_bits;
  json["start_s"] = layer.start.value();
  json["finish_s"] = layer.finish.value();
  json["bound_s"] = layer.bound.value();
  json["simulated_s"] = (layer.finish - layer.start).value();
  json["why"] = layer.limit;
  json["waits_s"] = {{"input", layer.waits.input.value()},
                     {"reader", layer.waits.reader.value()},
                     {"units", layer.waits.units.value()},
                     {"writing", layer.waits.round.value()}};
  json["default_precision"] = layer.default_precision;
  return json;
}

// Actions are counted in whole numbers; instances may be shared, and so be fractions.
Json count_json(const BillItem& item) {
  return item.action == "static" ? Json(item.count) : Json(static_cast<std::int64_t>(item.count));
}

Json component_json(const BillItem& item) {
  Json json = {{"name", item.name},
               {"component", item.component},
               {"action", item.action},
               {"bits", item.bits},
               {"count", count_json(item)},
               {"price", item.price.value()},
               {"energy_j", item.energy.value()},
               {"area_mm2", square_millimetres(item.area)},
               {"instances", item.instances}};
  if (!item.basis.empty()) json["basis"] = item.basis;
  return json;
}

}  // namespace

std::string run_json(const RunReport& report) {
  Json layers = Json::array();
  for (const LayerReport& layer : report.layers) layers.push_back(layer_json(layer));
  Json components = Json::array();
  for (const BillItem& item : report.bill.items) components.push_back(component_json(item));
  Json sizes = Json::array();
  for (const SizeReport& size : report.sizes) sizes.push_back(to_json(size));
  Json json = {{"network", report.network},
               {"chip", report.chip},
               {"policy", report.policy},
               {"provenance", to_json(report.provenance)},
               {"totals", totals_json(report)},
               {"layers", std::move(layers)},
               {"pipeline", to_json(report.pipeline)},
               {"components", std::move(components)},
               {"sizes", std::move(sizes)},
               {"notes", report.notes}};
  if (report.writes) json["writes"] = to_json(*report.writes);
  if (report.skipping) json["skipping"] = to_json(*report.skipping);
  if (report.activity) json["activity"] = to_json(*report.activity);
  if (report.exact) json["exact"] = to_json(*report.exact);
  return dump(json);
}

}  // namespace pimento::sim
