// SPDX-License-Identifier: Apache-2.0
#include "mapper/cell_writes.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "arch/cell_table.h"
#include "mapper/sparse/layer_bits.h"

namespace pimento::mapper {
namespace {

// The cells of one macro through the rounds.
struct MacroCells {
  std::vector<std::uint8_t> levels;   // row by row
  std::vector<std::uint16_t> writes;  // of each cell
  std::vector<bool> row_changes;      // in this round
  std::int64_t set = 0;               // in this round
  std::int64_t reset = 0;
};

// Writes groups into the cells of a chip, and counts.
class ChipCells {
 public:
  explicit ChipCells(const arch::ChipSpec& chip) : chip_(chip) {}

  void start_counting() { counts_ = true; }

  // Returns whether the cell changes.
  bool write(MacroCells& macro, std::int64_t row, std::int64_t column, std::int64_t level) const {
    const auto at = static_cast<std::size_t>(row * chip_.macro.columns + column);
    const auto wanted = static_cast<std::uint8_t>(level);
    const std::uint8_t held = std::exchange(macro.levels[at], wanted);
    if (!counts_ || held == wanted) return false;
    ++(wanted > held ? macro.set : macro.reset);
    ++macro.writes[at];
    macro.row_changes[static_cast<std::size_t>(row)] = true;
    return true;
  }

  // Arrays are erased at first.
  [[nodiscard]] MacroCells& macro(int number) {
    MacroCells& cells = macros_[number];
    if (cells.levels.empty()) {
      const auto rows = static_cast<std::size_t>(chip_.macro.rows);
      cells.levels.resize(rows * static_cast<std::size_t>(chip_.macro.columns), 0);
      cells.writes.resize(cells.levels.size(), 0);
      cells.row_changes.resize(rows, false);
    }
    return cells;
  }

  // Adds what was written since the round before, core by core.
  void end_round(int round, std::vector<arch::CoreWrite>& writes) {
    std::map<std::pair<int, int>, arch::CoreWrite> cores;
    for (auto& [number, cells] : macros_) {
      if (cells.set + cells.reset == 0) continue;
      const int core = number / chip_.macros_per_core;
      const std::pair place{core / chip_.cores_per_tile, core % chip_.cores_per_tile};
      arch::CoreWrite& write =
          cores.try_emplace(place, arch::CoreWrite{round, place.first, place.second, 0, 0, 0})
              .first->second;
      write.row_writes = std::max<std::int64_t>(
          write.row_writes, std::count(cells.row_changes.begin(), cells.row_changes.end(), true));
      write.cells_set += std::exchange(cells.set, 0);
      write.cells_reset += std::exchange(cells.reset, 0);
      cells.row_changes.assign(cells.row_changes.size(), false);
    }
    for (const auto& [place, write] : cores) writes.push_back(write);
  }

  [[nodiscard]] std::int64_t most_writes() const {
    std::int64_t most = 0;
    for (const auto& [number, cells] : macros_) {
      most =
          std::max<std::int64_t>(most, *std::max_element(cells.writes.begin(), cells.writes.end()));
    }
    return most;
  }

 private:
  const arch::ChipSpec& chip_;
  bool counts_ = false;
  std::map<int, MacroCells> macros_;
};

// The cells that the column groups of one layer take.
class LayerWriter {
 public:
  LayerWriter(const LayerMapping& layer, const MappingProblem& problem)
      : layer_(layer),
        bits_(problem, layer.layer, layer.plan),
        table_(layer.plan),
        slices_(std::ssize(layer.plan.slices)),
        lines_(layer.plan.lines()) {
    ensure(layer.copies[0] == 1 && layer.copies[1] == 1,
           "what windows of several copies write is not counted");
  }

  void write(const ColumnGroup& group, ChipCells& chip, CellWrites::Layer& counts) {
    MacroCells& macro = chip.macro(group.macro);
    std::vector<std::int64_t> levels(static_cast<std::size_t>(group.rows.size()));
    for (std::int64_t c = 0; c < group.columns.size(); ++c) {
      for (int line = 0; line < lines_; ++line) {
        find_levels(group, group.columns[c], line, levels);
        const std::int64_t column = group.at_column + c * lines_ + line;
        for (std::int64_t i = 0; i < group.rows.size(); ++i) {
          const bool changes =
              chip.write(macro, group.at_row + i, column, levels[static_cast<std::size_t>(i)]);
          counts.written += changes ? 1 : 0;
        }
      }
    }
    counts.taken += group.rows.size() * group.columns.size() * lines_;
  }

 private:
  void find_levels(const ColumnGroup& group, std::int64_t column, int line,
                   std::vector<std::int64_t>& levels) {
    const std::int64_t channel = column / slices_;
    const auto slice = static_cast<std::size_t>(column % slices_);
    const std::size_t cell =
        slice * static_cast<std::size_t>(lines_) + static_cast<std::size_t>(line);
    const std::int64_t center = bits_.center(group.block, channel);
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      const std::int32_t weight =
          bits_.weight(group.block, channel, group.rows[i]) >> group.row_shift(i);
      const std::int64_t level = table_.of(weight, center).cells[cell];
      levels[static_cast<std::size_t>(i)] = level;
      sum += level;
    }
    const arch::Slice& of = layer_.plan.slices[slice];
    if (!arch::is_flipped(layer_.plan, of, group.rows.size(), sum)) return;
    const std::int64_t most = (std::int64_t{1} << of.width) - 1;
    for (std::int64_t& level : levels) level = most - level;
  }

  const LayerMapping& layer_;
  LayerBits bits_;
  arch::CellTable table_;
  std::int64_t slices_;
  int lines_;
};

int last_round(const Mapping& mapping) {
  int last = 0;
  for (const LayerMapping& layer : mapping.layers) {
    for (const ColumnGroup& group : layer.groups) last = std::max(last, group.round);
  }
  return last;
}

// The writer of one layer at a time: rounds that follow each other mostly begin with the layer that
// the one before ended with.
class LatestWriter {
 public:
  LatestWriter(const Mapping& mapping, const MappingProblem& problem)
      : mapping_(mapping), problem_(problem) {}
  LayerWriter& of(std::size_t layer) {
    if (writer_ == nullptr || layer_ != layer) {
      writer_.reset();  // before the next one takes memory
      writer_ = std::make_unique<LayerWriter>(mapping_.layers[layer], problem_);
      layer_ = layer;
    }
    return *writer_;
  }

 private:
  const Mapping& mapping_;
  const MappingProblem& problem_;
  std::size_t layer_ = 0;
  std::unique_ptr<LayerWriter> writer_;
};

// Writes the layers of a round into the cells of the chip.
void write_round(int round, const Mapping& mapping, LatestWriter& writers, ChipCells& chip,
                 std::vector<CellWrites::Layer>& layers) {
  const auto is_of_round = [round](const ColumnGroup& group) { return group.round == round; };
  for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
    const std::vector<ColumnGroup>& groups = mapping.layers[l].groups;
    if (std::none_of(groups.begin(), groups.end(), is_of_round)) continue;
    LayerWriter& writer = writers.of(l);
    for (const ColumnGroup& group : groups) {
      if (is_of_round(group)) writer.write(group, chip, layers[l]);
    }
  }
}

}  // namespace

CellWrites cell_writes(const Mapping& mapping, const MappingProblem& problem) {
  CellWrites result;
  const int last = last_round(mapping);
  result.layers.resize(mapping.layers.size());
  if (last == 0) return result;
  ChipCells chip(problem.chip);
  // The first run finds erased arrays, any other what the one before it has left.
  std::vector<CellWrites::Layer> passed(mapping.layers.size());
  LatestWriter writers(mapping, problem);
  for (int round = 0; round <= last; ++round) write_round(round, mapping, writers, chip, passed);
  chip.start_counting();
  for (int round = 0; round <= last; ++round) {
    write_round(round, mapping, writers, chip, result.layers);
    chip.end_round(round, result.rewriting.writes);
  }
  result.rewriting.most_writes_of_a_cell = chip.most_writes();
  return result;
}

}  // namespace pimento::mapper
