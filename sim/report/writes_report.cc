// SPDX-License-Identifier: Apache-2.0
#include "sim/report/writes_report.h"

#include <fmt/format.h>

#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/run_writers.h"
#include "sim/report/table.h"

namespace pimento::sim {
namespace {

constexpr double kSecondsAYear = 365.25 * 24 * 3600;

std::string energy_text(const WritesReport& report) {
  return report.energy ? format_quantity(*report.energy, 6)
                       : "not known: the array has no set_energy or no reset_energy";
}

std::string time_text(const WritesReport& report) {
  if (!report.time) return "none: the macro has no write_time";
  std::string text = fmt::format("{}, {} of the run", format_quantity(*report.time, 6),
                                 format_percent(report.share_of_run));
  if (report.hidden_time != Time{}) {
    text += fmt::format(", in which nothing else is done; {} more are hidden behind work",
                        format_quantity(report.hidden_time, 6));
  }
  return text;
}

std::string lifetime_text(const WritesReport& report) {
  const std::optional<double> years = report.years();
  if (!years) return "not known: the array has no endurance";
  return fmt::format("{:.4g} years back to back, until a cell is written {:.4g} times", *years,
                     report.endurance.value_or(0.0));
}

}  // namespace

std::optional<double> WritesReport::years() const {
  if (!endurance || most_writes_of_a_cell == 0) return std::nullopt;
  return *endurance / double(most_writes_of_a_cell) * run.value() / kSecondsAYear;
}

Json to_json(const WritesReport& report) {
  const auto value = [](const auto& quantity) {
    return quantity ? Json(quantity->value()) : Json(nullptr);
  };
  return {{"rounds", report.rounds},
          {"cells_set", report.cells_set},
          {"cells_reset", report.cells_reset},
          {"cells_taken", report.cells_taken},
          {"energy_j", value(report.energy)},
          {"time_s", value(report.time)},
          {"hidden_time_s", report.time ? Json(report.hidden_time.value()) : Json(nullptr)},
          {"share_of_run", report.share_of_run},
          {"most_writes_of_a_cell", report.most_writes_of_a_cell},
          {"endurance", optional_number(report.endurance)},
          {"years_to_endurance", optional_number(report.years())}};
}

std::string writes_text(const WritesReport& report, const Style& style) {
  Listing listing;
  listing.add("rounds", format_count(report.rounds));
  const double share =
      ratio(double(report.cells_written()), double(report.cells_taken)).value_or(0.0);
  listing.add("cells written",
              fmt::format("{}: {} set, {} reset", format_count(report.cells_written()),
                          format_count(report.cells_set), format_count(report.cells_reset)));
  listing.add("of those in use",
              fmt::format("{} of {}; the others hold what they should", format_percent(share),
                          format_count(report.cells_taken)));
  listing.add("energy", energy_text(report));
  listing.add("time", time_text(report));
  listing.add("most written",
              fmt::format("a cell {} times a run", format_count(report.most_writes_of_a_cell)));
  listing.add("lifetime", lifetime_text(report));
  return "\n" + style.bold("Writes: the arrays are written anew in each round") + "\n" +
         listing.str(style);
}

}  // namespace pimento::sim
