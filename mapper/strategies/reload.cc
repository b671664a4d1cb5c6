// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/reload.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "mapper/cell_writes.h"
#include "mapper/layer_cutter.h"
#include "mapper/placement.h"

namespace pimento::mapper {
namespace {

// Of one layer. Readers of its map have an input for each part, and some have several such maps.
constexpr int kMostRounds = 128;
constexpr std::size_t kMostNamed = 4;

// The macros that a round may take: all of them, or every other round one of two halves.
class RoundRooms {
 public:
  RoundRooms(const arch::ChipSpec& chip, bool halves) : halves_(halves) {
    size_ = chip.tiles ? *chip.tiles * chip.macros_per_tile() : std::numeric_limits<int>::max();
    if (!halves) return;
    const std::int64_t cores = size_ / chip.macros_per_core;
    if (cores < 2) {
      throw InputError(fmt::format(
          "{}: chip.double_buffering writes half of the cores while the other half works, and the "
          "chip has 1 core; expected at least 2: raise chip.tiles or tile.cores, or set "
          "chip.double_buffering to false",
          chip.file));
    }
    size_ = cores / 2 * chip.macros_per_core;
  }
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] std::int64_t begin(int round) const { return halves_ ? round % 2 * size_ : 0; }
  [[nodiscard]] std::int64_t end(int round) const { return begin(round) + size_; }

 private:
  bool halves_;
  std::int64_t size_ = 0;
};

// Puts layer behind layer into the rounds.
class RoundPlacement {
 public:
  RoundPlacement(const MappingProblem& problem, bool halves)
      : problem_(problem), rooms_(problem.chip, halves), macros_(problem) {}

  Mapping run() {
    mapping_.strategy = "reload";
    for (const int index : problem_.network.weight_layers()) {
      mapping_.layers.push_back(place(index));
    }
    return std::move(mapping_);
  }
  [[nodiscard]] int rounds() const { return round_ + 1; }
  [[nodiscard]] std::int64_t room() const { return rooms_.size(); }
  // "fc1" in 3 rounds: layers that are cut.
  [[nodiscard]] const std::vector<std::string>& cut_layers() const { return cut_layers_; }

 private:
  LayerMapping place(int index) {
    LayerMapping layer = unplaced_layer(problem_, index);
    LayerCutter cutter(problem_, layer, rooms_.size());
    macros_.start_core();
    while (!cutter.is_done()) {
      const auto part =
          cutter.next(std::max<std::int64_t>(0, rooms_.end(round_) - macros_.count()));
      if (!part) {
        ++round_;
        macros_.start_round(rooms_.begin(round_));
        continue;
      }
      place_part(*part, round_, macros_, layer);
      mapping_.macros = std::max(mapping_.macros, macros_.count());
      check_rounds(index, layer);
    }
    if (cutter.cuts()) note_cut(index, layer);
    std::set<int> macros;
    for (const ColumnGroup& group : layer.groups) macros.insert(group.macro);
    layer.macros = std::ssize(macros);
    return layer;
  }

  [[nodiscard]] std::string name(int index) const {
    return printable(problem_.network.layers[static_cast<std::size_t>(index)].name);
  }
  [[nodiscard]] int rounds_of(const LayerMapping& layer) const {
    return round_ - layer.groups.front().round + 1;
  }
  void check_rounds(int index, const LayerMapping& layer) const {
    if (rounds_of(layer) <= kMostRounds) return;
    throw InputError(fmt::format(
        "{}: layer \"{}\" takes more than {} rounds of {} macros; raise chip.tiles, enlarge the "
        "arrays, or lower the precision",
        problem_.chip.file, name(index), kMostRounds, rooms_.size()));
  }
  void note_cut(int index, const LayerMapping& layer) {
    cut_layers_.push_back(fmt::format("\"{}\" in {} rounds", name(index), rounds_of(layer)));
  }

  const MappingProblem& problem_;
  RoundRooms rooms_;
  FreshMacros macros_;
  Mapping mapping_;
  int round_ = 0;
  std::vector<std::string> cut_layers_;
};

std::string regime_of(const MappingProblem& problem, const RoundPlacement& placement,
                      std::size_t layers) {
  if (placement.rounds() == 1) {
    return "model-stationary: everything fits, in one round; nothing is written during a run";
  }
  const std::string rounds =
      fmt::format("{} rounds of at most {} macros{}", placement.rounds(), placement.room(),
                  problem.chip.double_buffering
                      ? ", on the two halves of the cores in turn: one is written while the other "
                        "works"
                      : "");
  const std::vector<std::string>& cut = placement.cut_layers();
  if (cut.empty()) return fmt::format("layer-stationary: {} whole layers in {}", layers, rounds);
  const std::size_t named = std::min(cut.size(), kMostNamed);
  std::string names = join({cut.begin(), cut.begin() + static_cast<std::ptrdiff_t>(named)});
  if (named < cut.size()) names += fmt::format(" and {} more", cut.size() - named);
  return fmt::format(
      "tile-stationary: layers that are larger than a round are made in parts ({} of {}: {}); {}",
      cut.size(), layers, names, rounds);
}

std::string rounds_text(const LayerMapping& layer) {
  const int first = layer.groups.front().round;
  const int last = layer.groups.back().round;
  return first == last ? fmt::format("round {}", first)
                       : fmt::format("rounds {} to {}", first, last);
}

// How much of the chip's writing is saved by leaving alone what does not change.
void report_writes(const MappingProblem& problem, Mapping& mapping) {
  CellWrites found = cell_writes(mapping, problem);
  mapping.rewriting = std::move(found.rewriting);
  for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
    const CellWrites::Layer& cells = found.layers[l];
    PassReport report;
    report.pass = fmt::format("reload in {}: {} of {} cells are written",
                              rounds_text(mapping.layers[l]), cells.written, cells.taken);
    report.cells_taken = cells.taken;
    report.cells_written = cells.written;
    mapping.layers[l].passes.push_back(std::move(report));
  }
}

Mapping finish(const MappingProblem& problem, RoundPlacement& placement) {
  Mapping mapping = placement.run();
  mapping.reason = regime_of(problem, placement, mapping.layers.size());
  return mapping;
}

}  // namespace

Mapping map_reload(const MappingProblem& problem) {
  RoundPlacement placement(problem, false);
  Mapping mapping = finish(problem, placement);
  if (placement.rounds() == 1) return mapping;
  if (problem.chip.double_buffering) {
    RoundPlacement halves(problem, true);
    mapping = finish(problem, halves);
  }
  report_writes(problem, mapping);
  mapping.rewriting.ahead = problem.chip.double_buffering;
  return mapping;
}

}  // namespace pimento::mapper
