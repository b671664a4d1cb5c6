// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_report.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/units.h"
#include "sim/report/csv.h"
#include "sim/report/format.h"
#include "sim/report/table.h"

namespace pimento::sim {
namespace {

using nlohmann::ordered_json;

constexpr const char* kSchema = "pimento/sweep_report/1";
constexpr std::size_t kMostFailures = 10;
constexpr std::size_t kMostNotes = 10;

// Texts of the sweep's file may hold any byte.
std::string dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// An axis's value as a number where it is one.
ordered_json value_json(const std::string& value) {
  const ordered_json json = ordered_json::parse(value, nullptr, false);
  return json.is_number() ? json : ordered_json(value);
}

std::string setting_json(const std::vector<Override>& settings) {
  ordered_json json = ordered_json::object();
  for (const Override& setting : settings) json[setting.path] = value_json(setting.value);
  return dump(json);
}

std::string axes_json(const std::vector<SweepAxis>& axes) {
  ordered_json json = ordered_json::array();
  for (const SweepAxis& axis : axes) {
    ordered_json steps = ordered_json::array();
    for (const std::vector<std::string>& step : axis.values) {
      ordered_json values = ordered_json::array();
      for (const std::string& value : step) values.push_back(value_json(value));
      steps.push_back(std::move(values));
    }
    json.push_back({{"paths", axis.paths}, {"values", std::move(steps)}});
  }
  return dump(json);
}

std::string place_of(const SweepSpec& spec, std::size_t index) {
  const std::vector<std::string> columns = spec.columns();
  const std::vector<std::string> values = spec.point(index).axis_values;
  std::vector<std::string> parts;
  parts.reserve(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    parts.push_back(printable(columns[c]) + "=" + printable(values[c]));
  }
  return join(parts, " ");
}

// A note without its numbers.
std::string kind_of(const std::string& note) {
  std::string kind;
  std::copy_if(note.begin(), note.end(), std::back_inserter(kind), [](char c) {
    return std::string_view("0123456789.,").find(c) == std::string::npos;
  });
  return kind;
}

std::vector<std::string> figure_cells(const PointFigures& figures, bool optimal) {
  return {format_quantity(from_si<Energy>(figures.energy_j)),
          format_quantity(from_si<Time>(figures.latency_s)),
          fmt::format("{:.2f} mm2", figures.area_mm2),
          format_count(figures.crossbars),
          format_count(figures.adc_conversions),
          format_percent(figures.cell_utilization),
          format_number(figures.tops_per_w),
          format_number(figures.edp) + " J s",
          optimal ? "*" : ""};
}

}  // namespace

// Only runs of the same work compete: the same network and as many images.
SweepReport::SweepReport(const SweepSpec& spec, const std::vector<PointResult>& results)
    : spec_(spec), results_(results), optimal_(results.size(), false) {
  std::map<std::pair<std::string, int>, std::vector<std::size_t>> contests;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].figures) continue;
    const SweepPoint point = spec.point(i);
    contests[{point.network, point.images}].push_back(i);
  }
  for (const auto& [work, points] : contests) {
    std::vector<Objectives> objectives;
    objectives.reserve(points.size());
    for (const std::size_t i : points) {
      if (const auto& figures = results[i].figures) objectives.push_back(figures->objectives());
    }
    const std::vector<bool> optimal = pareto_optimal(objectives);
    for (std::size_t k = 0; k < points.size(); ++k) optimal_[points[k]] = optimal[k];
  }
  contests_ = contests.size();
  optimal_count_ = static_cast<std::size_t>(std::count(optimal_.begin(), optimal_.end(), true));
}

std::string SweepReport::table(const Style& style, bool all) const {
  std::vector<Column> columns;
  for (const std::string& path : spec_.columns())
    columns.push_back({printable(path), Align::kRight});
  for (const char* header : {"energy", "latency", "area", "crossbars", "conversions", "cells used",
                             "TOPS/W", "EDP", "Pareto"}) {
    columns.push_back({header, Align::kRight});
  }
  Table table(std::move(columns));
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (!all && !optimal_[i]) continue;
    std::vector<std::string> cells;
    for (const std::string& value : spec_.point(i).axis_values) cells.push_back(printable(value));
    if (const auto& figures = results_[i].figures) {
      std::vector<std::string> shown = figure_cells(*figures, optimal_[i]);
      std::move(shown.begin(), shown.end(), std::back_inserter(cells));
    } else {
      cells.emplace_back("failed");
    }
    table.add_row(std::move(cells));
  }
  return table.str(style);
}

std::string SweepReport::failures() const {
  std::string text;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (results_[i].figures || failed++ >= kMostFailures) continue;
    text += fmt::format("  failed: {}: {}\n", place_of(spec_, i),
                        join(split(results_[i].error, '\n'), "\n    "));
  }
  if (failed > kMostFailures) {
    text += fmt::format("  failed: {} more, see the column \"error\" of sweep.csv\n",
                        failed - kMostFailures);
  }
  return text;
}

// What a reader of the figures must know, each kind of note once: points often have the same one
// with other numbers.
std::string SweepReport::notes() const {
  std::map<std::string, std::size_t> points_of;
  std::vector<std::pair<std::string, std::string>> order;  // kind, first note of it
  for (const PointResult& result : results_) {
    if (!result.figures) continue;
    std::set<std::string> kinds;
    for (const std::string& note : result.figures->notes) {
      std::string kind = kind_of(note);
      if (!kinds.insert(kind).second) continue;
      if (points_of[kind]++ == 0) order.emplace_back(std::move(kind), note);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), kMostNotes); ++i) {
    const auto& [kind, note] = order[i];
    text += fmt::format("  note on {} of {} points, for example: {}\n", points_of[kind],
                        results_.size(), note);
  }
  if (order.size() > kMostNotes) {
    text += fmt::format("  {} more kinds of notes, see the column \"notes\" of sweep.csv\n",
                        order.size() - kMostNotes);
  }
  return text;
}

std::string SweepReport::text(const Style& style) const {
  const bool all = results_.size() <= kMostShown;
  std::string text = style.bold(fmt::format("sweep {}", spec_.name)) + "\n";
  if (!spec_.description.empty()) text += fmt::format("  {}\n", printable(spec_.description, 500));
  for (const Override& setting : spec_.fixed) {
    text += fmt::format("  {}: {}\n", setting.path, printable(setting.value, 200));
  }
  for (const Override& setting : spec_.set) {
    text += fmt::format("  {} = {}\n", printable(setting.path), printable(setting.value, 200));
  }
  text += "\n" + table(style, all) + "\n";
  text +=
      fmt::format("  * Pareto-optimal in energy, latency and area{}: {} of {} points{}\n",
                  contests_ > 1 ? " among points of its network and images" : "", optimal_count_,
                  results_.size(), all ? "" : "; only these are listed, sweep.csv holds all");
  return text + notes() + failures();
}

std::string SweepReport::csv() const {
  std::vector<std::string> header = spec_.columns();
  for (const char* name : {"energy_j", "latency_s", "area_mm2", "crossbars", "adc_conversions",
                           "cell_utilization", "tops_per_w", "edp", "pareto", "notes", "error"}) {
    header.emplace_back(name);
  }
  Csv csv(header);
  for (std::size_t i = 0; i < results_.size(); ++i) {
    for (const std::string& value : spec_.point(i).axis_values) csv.text(value);
    if (const auto& figures = results_[i].figures) {
      csv.number(figures->energy_j).number(figures->latency_s).number(figures->area_mm2);
      csv.integer(figures->crossbars).integer(figures->adc_conversions);
      csv.number(figures->cell_utilization).number(figures->tops_per_w).number(figures->edp);
      csv.text(optimal_[i] ? "yes" : "no").text(join(figures->notes, "; ")).skip();
    } else {
      constexpr int kFigures = 10;
      for (int f = 0; f < kFigures; ++f) csv.skip();
      csv.text(results_[i].error);
    }
    csv.end_row();
  }
  return csv.str();
}

// One line a point, written as it comes: a million points are no tree in memory.
std::string SweepReport::json(const std::string& program_version) const {
  const std::vector<std::string> columns = spec_.columns();
  std::string text = "{\n";
  const auto field = [&](const char* name, const std::string& value) {
    text += fmt::format("\"{}\": {},\n", name, value);
  };
  field("schema", dump(kSchema));
  field("program_version", dump(program_version));
  field("name", dump(spec_.name));
  field("description", dump(spec_.description));
  field("fixed", setting_json(spec_.fixed));
  field("set", setting_json(spec_.set));
  field("axes", axes_json(spec_.axes));
  text += "\"points\": [";
  for (std::size_t i = 0; i < results_.size(); ++i) {
    const std::vector<std::string> values = spec_.point(i).axis_values;
    ordered_json row = ordered_json::object();
    ordered_json& point = row["point"] = ordered_json::object();
    for (std::size_t c = 0; c < columns.size(); ++c) point[columns[c]] = value_json(values[c]);
    if (const auto& figures = results_[i].figures) {
      row.update(to_json(*figures));
      row["pareto"] = bool(optimal_[i]);
    } else {
      row["error"] = results_[i].error;
    }
    text += (i == 0 ? "\n" : ",\n") + dump(row);
  }
  return text + "\n]\n}\n";
}

}  // namespace pimento::sim
