// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/point_result.h"

#include <nlohmann/json.hpp>

#include "sim/report/format.h"

namespace pimento::sim {
namespace {

using nlohmann::ordered_json;

// Calls `visit` with the name and the place of every figure, in the order of reports.
template <class Figures, class Visit>
void visit_figures(Figures& figures, const Visit& visit) {
  visit("energy_j", figures.energy_j);
  visit("latency_s", figures.latency_s);
  visit("area_mm2", figures.area_mm2);
  visit("crossbars", figures.crossbars);
  visit("adc_conversions", figures.adc_conversions);
  visit("cell_utilization", figures.cell_utilization);
  visit("tops_per_w", figures.tops_per_w);
  visit("edp", figures.edp);
}

bool take(const ordered_json& json, double& value) {
  if (!json.is_number()) return false;
  value = json.get<double>();
  return true;
}

bool take(const ordered_json& json, std::int64_t& value) {
  if (!json.is_number_integer()) return false;
  value = json.get<std::int64_t>();
  return true;
}

}  // namespace

PointFigures point_figures(const RunReport& report) {
  const Figures& totals = report.totals;
  PointFigures figures;
  figures.energy_j = totals.energy.value();
  figures.latency_s = totals.latency.value();
  figures.area_mm2 = square_millimetres(totals.area);
  figures.crossbars = totals.crossbars;
  figures.adc_conversions = totals.adc_conversions;
  figures.cell_utilization = totals.cell_utilization;
  figures.tops_per_w = totals.tops_per_w();
  figures.edp = totals.edp();
  figures.notes = report.notes;
  return figures;
}

ordered_json to_json(const PointFigures& figures) {
  ordered_json json = ordered_json::object();
  visit_figures(figures, [&](const char* name, const auto& value) { json[name] = value; });
  json["notes"] = figures.notes;
  return json;
}

std::optional<PointFigures> figures_from(const ordered_json& json) {
  if (!json.is_object()) return std::nullopt;
  PointFigures figures;
  bool complete = true;
  visit_figures(figures, [&](const char* name, auto& value) {
    complete = complete && json.contains(name) && take(json[name], value);
  });
  if (!complete || !json.contains("notes") || !json["notes"].is_array()) return std::nullopt;
  for (const ordered_json& note : json["notes"]) {
    if (!note.is_string()) return std::nullopt;
    figures.notes.push_back(note.get<std::string>());
  }
  return figures;
}

}  // namespace pimento::sim
