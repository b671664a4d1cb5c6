// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/macro_contents.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/ceil_div.h"

namespace pimento::app {
namespace {

using arch::Range;

// Rows or columns of a macro, cut wherever a group begins or ends.
class Strips {
 public:
  void cut(std::int64_t at) { cuts_.push_back(at); }
  void finish() {
    std::sort(cuts_.begin(), cuts_.end());
    cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
  }
  [[nodiscard]] std::size_t size() const { return cuts_.size() - 1; }
  [[nodiscard]] std::int64_t width(std::size_t strip) const {
    return cuts_[strip + 1] - cuts_[strip];
  }
  // The strip that begins at a cut.
  [[nodiscard]] std::size_t at(std::int64_t cut) const {
    return static_cast<std::size_t>(std::lower_bound(cuts_.begin(), cuts_.end(), cut) -
                                    cuts_.begin());
  }

 private:
  std::vector<std::int64_t> cuts_;
};

struct Area {
  Range rows;
  Range columns;
};

// Empty cells within an area that groups reach the edges of.
class InnerCells {
 public:
  InnerCells(std::span<const PlacedGroup> groups, std::int64_t unit_rows, const Area& area)
      : groups_(groups), unit_rows_(unit_rows), height_(area.rows.end) {
    for (const std::int64_t at : {area.rows.begin, area.rows.end}) rows_.cut(at);
    for (const std::int64_t at : {area.columns.begin, area.columns.end}) columns_.cut(at);
    for (const PlacedGroup& group : groups) {
      for (const std::int64_t at : {group.rows.begin, group.rows.end, unit_end(group)}) {
        rows_.cut(at);
      }
      for (const std::int64_t at : {group.columns.begin, group.columns.end}) columns_.cut(at);
    }
    rows_.finish();
    columns_.finish();
    states_.assign(rows_.size() * columns_.size(), State::kEmpty);
    row_blocks_.resize(rows_.size());
    column_blocks_.resize(columns_.size());
    below_.assign(rows_.size(), false);
  }

  void count(EmptyCells& cells) {
    for (const PlacedGroup& group : groups_) mark_remainder(group);
    for (const PlacedGroup& group : groups_) mark_used(group);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const std::int64_t here = rows_.width(r) * columns_.width(c);
        const State state = states_[r * columns_.size() + c];
        if (state == State::kUsed) continue;
        if (state == State::kRemainder || (below_[r] && row_blocks_[r].empty())) {
          cells.unit_remainder += here;
        } else if (belong_to_two_blocks(row_blocks_[r], column_blocks_[c])) {
          cells.other_blocks += here;
        } else {
          cells.gaps += here;
        }
      }
    }
  }

 private:
  enum class State : std::uint8_t { kEmpty, kRemainder, kUsed };
  using Blocks = std::set<std::pair<int, std::int64_t>>;  // of layers

  [[nodiscard]] std::int64_t unit_end(const PlacedGroup& group) const {
    return std::min(height_, ceil_div(group.rows.end, unit_rows_) * unit_rows_);
  }
  void mark(const Area& area, State state) {
    const std::size_t last = columns_.at(area.columns.end);
    for (std::size_t r = rows_.at(area.rows.begin); r < rows_.at(area.rows.end); ++r) {
      for (std::size_t c = columns_.at(area.columns.begin); c < last; ++c) {
        states_[r * columns_.size() + c] = state;
      }
    }
  }
  void mark_remainder(const PlacedGroup& group) {
    const Range below{group.rows.end, unit_end(group)};
    mark({below, group.columns}, State::kRemainder);
    for (std::size_t r = rows_.at(below.begin); r < rows_.at(below.end); ++r) below_[r] = true;
  }
  void mark_used(const PlacedGroup& group) {
    mark({group.rows, group.columns}, State::kUsed);
    const std::pair<int, std::int64_t> block{group.layer, group.group->block};
    for (std::size_t r = rows_.at(group.rows.begin); r < rows_.at(group.rows.end); ++r) {
      row_blocks_[r].insert(block);
    }
    const std::size_t last = columns_.at(group.columns.end);
    for (std::size_t c = columns_.at(group.columns.begin); c < last; ++c) {
      column_blocks_[c].insert(block);
    }
  }
  static bool belong_to_two_blocks(const Blocks& of_row, const Blocks& of_column) {
    return std::any_of(of_row.begin(), of_row.end(), [&](const auto& a) {
      return std::any_of(of_column.begin(), of_column.end(),
                         [&](const auto& b) { return a.first == b.first && a.second != b.second; });
    });
  }

  std::span<const PlacedGroup> groups_;
  std::int64_t unit_rows_;
  std::int64_t height_;
  Strips rows_;
  Strips columns_;
  std::vector<State> states_;
  std::vector<Blocks> row_blocks_;
  std::vector<Blocks> column_blocks_;
  std::vector<bool> below_;  // rows of an operation unit that a group above does not fill
};

}  // namespace

MacroContents::MacroContents(const mapper::Mapping& mapping) : mapping_(mapping) {
  for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
    for (const arch::ColumnGroup& group : mapping.layers[i].groups) {
      entries_.push_back({group.macro, group.round, static_cast<int>(i), &group});
    }
  }
  const auto home = [](const auto& at) { return std::pair(at.macro, at.round); };
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&](const Entry& a, const Entry& b) { return home(a) < home(b); });
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (writings_.empty() || home(writings_.back()) != home(entries_[i])) {
      writings_.push_back({entries_[i].macro, entries_[i].round, i, i});
    }
    writings_.back().end = i + 1;
  }
}

std::span<const MacroContents::Entry> MacroContents::entries(const Writing& writing) const {
  return std::span(entries_).subspan(writing.begin, writing.end - writing.begin);
}

std::vector<PlacedGroup> MacroContents::groups(const Writing& writing) const {
  std::vector<PlacedGroup> result;
  result.reserve(writing.end - writing.begin);
  for (const Entry& entry : entries(writing)) {
    const arch::ColumnGroup& group = *entry.group;
    const int lines = mapping_.layers[static_cast<std::size_t>(entry.layer)].plan.lines();
    result.push_back({entry.layer,
                      &group,
                      {group.at_row, group.at_row + group.rows.size()},
                      {group.at_column, group.at_column + group.columns.size() * lines}});
  }
  return result;
}

std::int64_t MacroContents::used_cells(const Writing& writing) const {
  std::int64_t cells = 0;
  for (const PlacedGroup& group : groups(writing)) cells += group.cells();
  return cells;
}

std::vector<int> MacroContents::layers(const Writing& writing) const {
  std::vector<int> result;
  for (const Entry& entry : entries(writing)) result.push_back(entry.layer);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

EmptyCells& EmptyCells::operator+=(const EmptyCells& other) {
  rows_below += other.rows_below;
  columns_beside += other.columns_beside;
  unit_remainder += other.unit_remainder;
  other_blocks += other.other_blocks;
  gaps += other.gaps;
  return *this;
}

EmptyCells empty_cells(std::span<const PlacedGroup> groups, const arch::MacroSpec& macro) {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t used = 0;
  for (const PlacedGroup& group : groups) {
    height = std::max(height, group.rows.end);
    width = std::max(width, group.columns.end);
    used += group.cells();
  }
  EmptyCells cells;
  cells.rows_below = (macro.rows - height) * macro.columns;
  cells.columns_beside = height * (macro.columns - width);
  if (used < height * width) {
    const std::int64_t unit_rows = macro.unit.rows == 0 ? 1 : macro.unit.rows;
    InnerCells(groups, unit_rows, {{0, height}, {0, width}}).count(cells);
  }
  return cells;
}

EmptyMacros empty_macros(const MacroContents& contents, const arch::ChipSpec& chip, int tiles) {
  EmptyMacros result;
  std::int64_t last_macro = -1;
  std::set<int> of_core;  // layers with cells in the core of last_macro
  std::set<std::int64_t> cores;
  std::set<std::int64_t> used_tiles;
  const std::int64_t per_core = chip.macros_per_core;
  for (const MacroContents::Writing& writing : contents.writings()) {
    const std::vector<int> here = contents.layers(writing);
    const std::int64_t core = writing.macro / per_core;
    if (last_macro >= 0 && last_macro / per_core != core) {
      const std::int64_t behind = per_core - 1 - last_macro % per_core;
      const bool goes_on =
          std::any_of(here.begin(), here.end(), [&](int layer) { return of_core.contains(layer); });
      (goes_on ? result.skipped : result.before_next_layer) += behind;
      result.skipped += writing.macro % per_core;
      of_core.clear();
    } else if (writing.macro > last_macro) {
      result.skipped += last_macro < 0 ? writing.macro % per_core : writing.macro - last_macro - 1;
    }
    last_macro = writing.macro;
    of_core.insert(here.begin(), here.end());
    cores.insert(core);
    used_tiles.insert(writing.macro / chip.macros_per_tile());
  }
  if (last_macro >= 0) result.behind_last_layer = per_core - 1 - last_macro % per_core;
  const std::int64_t reached = std::ssize(used_tiles);
  result.in_unused_cores = reached * chip.macros_per_tile() - std::ssize(cores) * per_core;
  result.in_unused_tiles = (tiles - reached) * chip.macros_per_tile();
  return result;
}

}  // namespace pimento::app
