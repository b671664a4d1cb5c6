// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/report/comparison.h"
#include "sim/report/format.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {
namespace {

std::string header_text(const Comparison& comparison, const Style& style) {
  const Provenance& p = comparison.provenance;
  Listing listing;
  listing.add("network", fmt::format("{} ({})", printable(comparison.network),
                                     printable(p.network_file, 200)));
  listing.add("chip",
              fmt::format("{} ({})", printable(comparison.chip), printable(p.chip_file, 200)));
  listing.add("baseline", printable(comparison.rows.at(comparison.baseline).policy));
  list_provenance(listing, p);
  return listing.str(style, 0);
}

std::string main_table(const Comparison& comparison, const Style& style) {
  Table table({{"policy", Align::kLeft},
               {"W bits"},
               {"A bits"},
               {"MiB"},
               {"vs 32b"},
               {"energy"},
               {"ratio"},
               {"latency"},
               {"ratio"},
               {"area"},
               {"crossbars"},
               {"ADC conversions"},
               {"cells used"},
               {"TOPS/W"},
               {"EDP"}});
  for (std::size_t i = 0; i < comparison.rows.size(); ++i) {
    const ComparisonRow& row = comparison.rows[i];
    const Figures& f = row.totals;
    table.add_row({printable(row.policy), fmt::format("{:.2f}", row.weight_bits),
                   fmt::format("{:.2f}", row.activation_bits),
                   fmt::format("{:.4f}", row.size.mebibytes), format_ratio(row.size.compression),
                   format_quantity(f.energy, 6), format_ratio(energy_ratio(comparison, i)),
                   format_quantity(f.latency), format_ratio(latency_ratio(comparison, i)),
                   f.area.value() > 0.0 ? format_quantity(f.area) : "-", format_count(f.crossbars),
                   format_count(f.adc_conversions), format_percent(f.cell_utilization),
                   f.energy.value() > 0.0 ? format_number(f.tops_per_w()) : "-",
                   fmt::format("{:.3e} J s", f.edp())});
  }
  return "\n" + table.str(style) +
         style.dim(fmt::format(
             "  W bits: mean over weights; A bits: mean over MACs; size under the rule \"{}\"; "
             "ratio: to {}",
             comparison.rows.front().size.rule,
             printable(comparison.rows.at(comparison.baseline).policy))) +
         "\n";
}

// Only the groups that cost something somewhere.
std::string split_table(const Comparison& comparison, const Style& style) {
  std::vector<ComponentGroupInfo> shown;
  for (const ComponentGroupInfo& group : component_groups()) {
    const auto costs = [&](const ComparisonRow& row) {
      return row.group_energy.at(std::size_t(group.group)).value() > 0.0;
    };
    if (std::any_of(comparison.rows.begin(), comparison.rows.end(), costs)) shown.push_back(group);
  }
  if (shown.empty()) return {};
  std::vector<Column> columns{{"policy", Align::kLeft}};
  std::string legend;
  for (const ComponentGroupInfo& group : shown) {
    columns.push_back({std::string(group.name)});
    legend += style.dim(fmt::format("  {}: {}", group.name, group.holds)) + "\n";
  }
  columns.push_back({"of which static"});
  Table table(columns);
  for (const ComparisonRow& row : comparison.rows) {
    std::vector<std::string> cells{printable(row.policy)};
    for (const ComponentGroupInfo& group : shown) {
      cells.push_back(format_quantity(row.group_energy.at(std::size_t(group.group))));
    }
    cells.push_back(format_quantity(row.static_energy));
    table.add_row(std::move(cells));
  }
  return "\n" + style.bold("Energy by component group") + "\n" + table.str(style) + legend;
}

// A note of every policy is told once, another with the policies it belongs to.
std::vector<std::string> joined_notes(const Comparison& comparison) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> policies;
  for (const ComparisonRow& row : comparison.rows) {
    for (const std::string& note : row.notes) {
      if (!policies.contains(note)) order.push_back(note);
      policies[note].push_back(row.policy);
    }
  }
  std::vector<std::string> notes;
  for (const std::string& note : order) {
    const std::vector<std::string>& of = policies[note];
    notes.push_back(of.size() == comparison.rows.size() ? note : join(of) + ": " + note);
  }
  return notes;
}

}  // namespace

std::string comparison_text(const Comparison& comparison, const Style& style) {
  return header_text(comparison, style) + main_table(comparison, style) +
         split_table(comparison, style) + notes_text(joined_notes(comparison), style);
}

}  // namespace pimento::sim
