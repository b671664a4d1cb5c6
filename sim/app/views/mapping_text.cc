// SPDX-License-Identifier: Apache-2.0
// The text form of `pimento map`. Columns that say the same of every layer (one copy, one turn, no
// metadata) are left out.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/app/views/mapping_view.h"
#include "sim/report/format.h"
#include "sim/report/table.h"

namespace pimento::app {
namespace {

using sim::format_count;
using sim::format_percent;

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
  if (!view.reason.empty()) listing.add("reason", printable(view.reason, 1000));
  if (view.traffic) {
    listing.add("bits x routers",
                fmt::format("{} an image; {} before tiles were placed",
                            format_count(view.traffic->after), format_count(view.traffic->before)));
  }
  listing.add("macro",
              fmt::format("{} x {} cells of {} {}, {}", view.macro_rows, view.macro_columns,
                          view.cell_bits, view.cell_bits == 1 ? "bit" : "bits", view.encoding));
  for (const std::string& setting : view.overrides) listing.add("set", printable(setting, 200));
  return listing.str(style, 0);
}

// A table whose columns are shown if any row has something to say there.
class SparseTable {
 public:
  struct Cell {
    std::string text;
    bool says_something = true;
  };
  void add_column(sim::Column column) { columns_.push_back(std::move(column)); }
  void add_row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  void add_rule() { rows_.emplace_back(); }
  [[nodiscard]] std::string str(const sim::Style& style) const {
    std::vector<std::size_t> shown;
    std::vector<sim::Column> columns;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (std::none_of(rows_.begin(), rows_.end(),
                       [&](const auto& row) { return c < row.size() && row[c].says_something; })) {
        continue;
      }
      shown.push_back(c);
      columns.push_back(columns_[c]);
    }
    sim::Table table(std::move(columns));
    for (const std::vector<Cell>& row : rows_) {
      std::vector<std::string> cells;
      for (const std::size_t c : shown) {
        if (c < row.size()) cells.push_back(row[c].text);
      }
      if (row.empty()) {
        table.add_rule();
      } else {
        table.add_row(std::move(cells));
      }
    }
    return table.str(style);
  }

 private:
  std::vector<sim::Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

SparseTable::Cell if_not_one(std::int64_t count) {
  return {count == 1 ? "" : format_count(count), count != 1};
}

SparseTable::Cell if_any(std::int64_t count) {
  return {format_count(count), count != 0};
}

SparseTable::Cell copies_cell(const LayerPlacement& layer) {
  const bool is_one = layer.copies == std::array<std::int64_t, 2>{1, 1};
  return {is_one ? "" : fmt::format("{} x {}", layer.copies[0], layer.copies[1]), !is_one};
}

std::string layers_text(const MappingView& view, const sim::Style& style) {
  SparseTable table;
  table.add_column({"layer", sim::Align::kLeft});
  for (const char* name : {"W bits", "rows x columns", "slices", "copies", "replicas", "turns",
                           "rounds", "macros", "row x column tiles", "cells used", "stored",
                           "utilization", "metadata bits", "first tile", "core"}) {
    table.add_column({name});
  }
  for (const LayerPlacement& layer : view.layers) {
    table.add_row(
        {{printable(layer.name)},
         {fmt::format("{}", layer.weight_bits)},
         {matrix_text(layer)},
         {format_count(layer.slices())},
         copies_cell(layer),
         if_not_one(layer.replicas),
         if_not_one(layer.turns),
         if_not_one(layer.rounds),
         {format_count(layer.macros)},
         {fmt::format("{} x {}", format_count(layer.row_tiles), format_count(layer.column_tiles))},
         {format_count(layer.used_cells)},
         {format_percent(layer.stored_share())},
         {format_percent(layer.cell_share())},
         if_any(layer.metadata_bits()),
         {format_count(layer.first_tile)},
         {format_count(layer.first_core)}});
  }
  return table.str(style) +
         style.dim(
             "  columns: output channels; slices: physical columns a weight; tiles are "
             "counted from 0, cores within their tile\n"
             "  stored: cells of one replica / cells of a dense mapping; utilization: cells used / "
             "cells of the layer's macros") +
         "\n";
}

std::string passes_text(const MappingView& view, const sim::Style& style) {
  sim::Table table({{"layer", sim::Align::kLeft},
                    {"pass", sim::Align::kLeft},
                    {"cells saved"},
                    {"conversions saved"},
                    {"metadata bits"},
                    {"read a position"},
                    {"extra input slices"}});
  for (const LayerPlacement& layer : view.layers) {
    for (const mapper::PassReport& pass : layer.passes) {
      table.add_row({printable(layer.name), printable(pass.pass), format_count(pass.cells_saved),
                     format_count(pass.conversions_saved), format_count(pass.metadata_bits),
                     format_count(pass.metadata_reads), format_count(pass.extra_input_slices)});
    }
  }
  if (table.empty()) return {};
  return "\n" + style.bold("Passes") + "\n" + table.str(style) +
         style.dim(
             "  conversions: of one input slice at one position; metadata: bits kept beside the "
             "arrays, and those of them read for one position") +
         "\n";
}

// Whole percents; what is not all and not nothing never looks like it.
std::string plane_text(const std::optional<double>& share) {
  if (!share) return "-";
  const double percent = 100.0 * *share;
  if (percent > 0.0 && percent < 1.0) return "<1";
  if (percent < 100.0 && percent > 99.0) return ">99";
  return fmt::format("{:.0f}", percent);
}

bool holds_all(const LayerPlacement& layer) {
  return std::all_of(layer.planes.begin(), layer.planes.end(),
                     [](const auto& share) { return share == 1.0; });
}

std::string planes_text(const MappingView& view, const sim::Style& style) {
  constexpr std::size_t kPlanesATable = 16;
  const std::string title = "\n" + style.bold("Planes") + "\n";
  if (std::all_of(view.layers.begin(), view.layers.end(), holds_all)) {
    return title + "  every layer stores all cells of all its planes\n";
  }
  std::size_t most = 0;
  for (const LayerPlacement& layer : view.layers) most = std::max(most, layer.planes.size());
  std::string text = title;
  for (std::size_t first = 0; first < most; first += kPlanesATable) {
    const std::size_t end = std::min(most, first + kPlanesATable);
    std::vector<sim::Column> columns{{"layer", sim::Align::kLeft}};
    for (std::size_t p = first; p < end; ++p) columns.push_back({fmt::format("{}", p)});
    sim::Table table(std::move(columns));
    for (const LayerPlacement& layer : view.layers) {
      if (layer.planes.size() <= first) continue;
      std::vector<std::string> cells{printable(layer.name)};
      for (std::size_t p = first; p < std::min(end, layer.planes.size()); ++p) {
        cells.push_back(plane_text(layer.planes[p]));
      }
      table.add_row(std::move(cells));
    }
    text += table.str(style);
  }
  return text +
         style.dim(
             "  percent of a plane's cells that are stored, plane 0 the least significant; -: left "
             "out, as all its bits are zero") +
         "\n";
}

std::string empty_macros_text(const EmptyMacros& empty) {
  std::vector<std::string> reasons;
  const auto add = [&](std::int64_t count, const char* why) {
    if (count != 0) reasons.push_back(fmt::format("{} {}", format_count(count), why));
  };
  add(empty.before_next_layer, "as the next layer starts on a core of its own");
  add(empty.behind_last_layer, "behind the last layer");
  add(empty.skipped, "passed over");
  return reasons.empty() ? "none of the cores in use" : join(reasons);
}

std::string unused_places_text(const EmptyMacros& empty) {
  std::vector<std::string> places;
  if (empty.in_unused_cores != 0) {
    places.push_back(
        fmt::format("{} in cores without weights", format_count(empty.in_unused_cores)));
  }
  if (empty.in_unused_tiles != 0) {
    places.push_back(
        fmt::format("{} in tiles without weights", format_count(empty.in_unused_tiles)));
  }
  return join(places);
}

std::string totals_text(const MappingView& view, const sim::Style& style) {
  const mapper::Utilization& use = view.utilization;
  sim::Listing listing;
  listing.add("macros",
              fmt::format("{}: {} of the {} of the cores in use, {} of the chip's {}",
                          format_count(view.macros), format_percent(use.macro_share()),
                          format_count(use.allocated_macros), format_percent(use.chip_share),
                          format_count(view.chip_macros)));
  if (view.shared_macros != 0) {
    listing.add(
        "", fmt::format("{} of them shared by several layers", format_count(view.shared_macros)));
  }
  listing.add("empty macros", empty_macros_text(view.empty_macros));
  const std::string places = unused_places_text(view.empty_macros);
  if (!places.empty()) listing.add("", places);
  listing.add("cells", fmt::format("{} of {} in those macros", format_count(use.used_cells),
                                   format_count(use.allocated_cells)));
  if (view.writings != view.macros) {
    listing.add("", fmt::format("macros are written {} times in all, round by round",
                                format_count(view.writings)));
  }
  listing.add("cell utilization", fmt::format("{} = sum of used cells / sum of allocated cells",
                                              format_percent(use.cell_share())));
  listing.add("", format_percent(use.layer_mean) + " = mean of the layers' own utilizations");
  return "\n" + style.bold("Totals") + "\n" + listing.str(style);
}

void add_empty_row(SparseTable& table, const std::string& name, const EmptyCells& empty) {
  table.add_row({{name},
                 {format_count(empty.total())},
                 {format_count(empty.rows_below)},
                 {format_count(empty.columns_beside)},
                 if_any(empty.unit_remainder),
                 if_any(empty.other_blocks),
                 if_any(empty.gaps)});
}

std::string empty_cells_text(const MappingView& view, const sim::Style& style) {
  SparseTable table;
  table.add_column({"layer", sim::Align::kLeft});
  for (const char* name :
       {"empty cells", "rows below", "columns beside", "unit remainder", "other blocks", "gaps"}) {
    table.add_column({name});
  }
  for (const LayerPlacement& layer : view.layers) {
    add_empty_row(table, printable(layer.name), layer.empty);
  }
  if (view.shared_macros != 0) add_empty_row(table, "(shared macros)", view.empty_of_shared);
  table.add_rule();
  const EmptyCells sum = view.empty();
  add_empty_row(table, "all", sum);
  std::string notes =
      "  of macros in use; rows below: under the last row in use; columns beside: behind the last "
      "column in use";
  if (sum.unit_remainder != 0) {
    notes += "\n  unit remainder: under a group, up to the end of its last operation unit";
  }
  if (sum.other_blocks != 0) {
    notes +=
        "\n  other blocks: off the diagonal of a grouped convolution, where one block's rows "
        "cross another's columns";
  }
  if (sum.gaps != 0) notes += "\n  gaps: between groups, for any other reason";
  return "\n" + style.bold("Empty cells") + "\n" + table.str(style) + style.dim(notes) + "\n";
}

}  // namespace

std::string mapping_text(const MappingView& view, const sim::Style& style) {
  return header_text(view, style) + "\n" + layers_text(view, style) + passes_text(view, style) +
         planes_text(view, style) + empty_cells_text(view, style) + totals_text(view, style);
}

}  // namespace pimento::app
