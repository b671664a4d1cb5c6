// SPDX-License-Identifier: Apache-2.0
#include "sim/report/activity_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/run_writers.h"
#include "sim/report/table.h"

namespace pimento::sim {
namespace {

Json energy_json(bool is_priced, Energy energy) {
  return is_priced ? Json(energy.value()) : Json(nullptr);
}

Json figures_json(const ActivityFigures& f, bool is_priced) {
  return {{"cell_reads", f.cell_reads},
          {"level_reads", f.level_reads},
          {"drive_reads", f.drive_reads},
          {"row_drives", f.row_drives},
          {"driven_rows", f.driven_rows ? Json(*f.driven_rows) : Json(nullptr)},
          {"energy_j", energy_json(is_priced, f.energy)},
          {"independent",
           {{"level_reads", f.independent_level_reads},
            {"drive_reads", f.independent_drive_reads},
            {"energy_j", energy_json(is_priced, f.independent_energy)},
            {"deviation_percent", optional_number(f.deviation_percent())}}}};
}

Json layer_json(const ActivityLayer& layer, bool is_priced) {
  Json json = {{"name", layer.name}, {"vectors", layer.vectors}};
  json.update(figures_json(layer.figures, is_priced));
  return json;
}

std::string deviation_text(const ActivityFigures& f) {
  const std::optional<double> deviation = f.deviation_percent();
  return deviation ? fmt::format("{:+.2f} %", *deviation) : "-";
}

std::string share_text(const ActivityFigures& f) {
  if (!f.driven_rows || f.row_drives == 0) return "-";
  return format_percent(double(*f.driven_rows) / double(f.row_drives));
}

std::string layers_text(const ActivityReport& report, const Style& style) {
  Table table({{"layer", Align::kLeft},
               {"cell reads"},
               {"level reads"},
               {"drive reads"},
               {"rows driven"},
               {"energy"},
               {"if independent"},
               {"off by"}});
  const auto energy = [&](Energy value) {
    return report.is_priced ? format_quantity(value) : std::string("-");
  };
  for (const ActivityLayer& layer : report.layers) {
    const ActivityFigures& f = layer.figures;
    table.add_row({printable(layer.name), format_count(f.cell_reads), format_count(f.level_reads),
                   format_count(f.drive_reads), share_text(f), energy(f.energy),
                   energy(f.independent_energy), deviation_text(f)});
  }
  return table.str(style);
}

}  // namespace

void ActivityFigures::add(const ActivityFigures& other) {
  cell_reads += other.cell_reads;
  level_reads += other.level_reads;
  drive_reads += other.drive_reads;
  row_drives += other.row_drives;
  if (driven_rows && other.driven_rows) {
    *driven_rows += *other.driven_rows;
  } else {
    driven_rows.reset();
  }
  independent_level_reads += other.independent_level_reads;
  independent_drive_reads += other.independent_drive_reads;
  energy += other.energy;
  independent_energy += other.independent_energy;
}

std::optional<double> ActivityFigures::deviation_percent() const {
  if (energy.value() <= 0.0) return std::nullopt;
  return 100.0 * (independent_energy.value() / energy.value() - 1.0);
}

ActivityFigures ActivityReport::total() const {
  ActivityFigures sum;
  sum.driven_rows = 0;
  for (const ActivityLayer& layer : layers) sum.add(layer.figures);
  return sum;
}

Json to_json(const ActivityReport& report) {
  Json layers = Json::array();
  for (const ActivityLayer& layer : report.layers) {
    layers.push_back(layer_json(layer, report.is_priced));
  }
  Json json = {{"images", report.images},
               {"inputs", report.inputs},
               {"weights", report.weights},
               {"basis", report.basis},
               {"values", report.on_arrays ? "arrays" : "integers"},
               {"drive", report.drive},
               {"array_depends_on_values", report.is_priced}};
  json.update(figures_json(report.total(), report.is_priced));
  json["layers"] = std::move(layers);
  return json;
}

std::string activity_text(const ActivityReport& report, const Style& style) {
  const ActivityFigures total = report.total();
  Listing listing;
  listing.add("images", fmt::format("{} of {}; weights: {}", report.images,
                                    printable(report.inputs, 200), printable(report.weights, 200)));
  listing.add("values", report.on_arrays ? "as the arrays made them"
                                         : "those of integers, without what ADCs change");
  if (report.is_priced) {
    listing.add("array energy",
                fmt::format("{} by {}", format_quantity(total.energy, 6), report.basis));
    listing.add("if independent",
                fmt::format("{}, off by {}: rows driven independently of what they store",
                            format_quantity(total.independent_energy, 6), deviation_text(total)));
  } else {
    listing.add("array energy", "as counted: the array's prices do not depend on values");
  }
  return "\n" + style.bold("Activity: what the arrays were read with") + "\n" + listing.str(style) +
         "\n" + layers_text(report, style);
}

}  // namespace pimento::sim
