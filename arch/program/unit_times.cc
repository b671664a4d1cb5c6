// SPDX-License-Identifier: Apache-2.0
#include "arch/program/unit_times.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arch/program/kept_reads.h"
#include "arch/program/steps.h"
#include "base/error.h"

namespace pimento::arch {
namespace {

Time macro_time(const Stage& stage, const CoreWork& work, const Timing& timing) {
  return timing.read_pace(stage.input_slices * work.reads, work.max_columns).interval;
}

// Inputs to all cores of the tile, and their sums back.
Time bus_time(const Stage& stage, const TileWork& tile, const Timing& timing) {
  return timing.bus_time(tile.input_bits()) + timing.bus_time(stage.sum_bits * tile.core_sums());
}

class StageTimes {
 public:
  StageTimes(const Program& program, int stage, const Timing& timing)
      : program_(program),
        index_(stage),
        stage_(program.stages[static_cast<std::size_t>(stage)]),
        timing_(timing),
        pixels_(double(stage_.grid.pixels())) {}

  UnitTimes all() {
    if (stage_.tiles.empty()) {
      add({UnitKind::kBus, stage_.home_tile}, pixels_ * timing_.bus_time(stage_.window_bits()));
      add({UnitKind::kPoolingUnit, stage_.home_tile}, pixels_ * timing_.pool_time(stage_.pool_ops));
    } else {
      add_copies();
    }
    add({UnitKind::kVectorUnit, stage_.home_tile},
        pixels_ * timing_.vector_time(stage_.vector_ops));
    for (const StageInput& input : stage_.inputs) add_input(input);
    if (program_.readers_of(index_).leaves_chip()) {
      add({UnitKind::kLinkOut}, pixels_ * timing_.io_time(stage_.pixel_bits));
    }
    return std::move(times_);
  }

 private:
  void add(const Unit& unit, Time time) {
    if (time > Time{}) times_[unit] += time;
  }

  void add_copies() {
    const Steps steps(stage_);
    std::vector<std::int64_t> sums(static_cast<std::size_t>(steps.replicas()), 0);
    for (const TileWork& tile : stage_.tiles) {
      add_tile(tile, steps.share(tile.replica));
      sums[static_cast<std::size_t>(tile.replica)] += tile.partial_sums;
    }
    for (std::size_t r = 0; r < sums.size(); ++r) {
      add({UnitKind::kShiftAdd, stage_.home_tile},
          double(steps.share(static_cast<std::int64_t>(r))) *
              timing_.add_time(sums[r] - stage_.step_outputs()));
    }
  }
  void add_tile(const TileWork& tile, std::int64_t share) {
    for (const CoreWork& work : tile.cores) {
      const std::int64_t reads = work_of_image(stage_, work, share).reads;
      add({UnitKind::kMacros, tile.tile, work.core, work.lane},
          timing_.read_pace(reads, work.max_columns).interval);
    }
    const auto turns = double(share);
    add({UnitKind::kBus, tile.tile}, turns * bus_time(stage_, tile, timing_));
    add({UnitKind::kShiftAdd, tile.tile},
        turns * timing_.add_time(tile.core_sums() - tile.partial_sums));
    if (tile.tile == stage_.home_tile) return;
    add({UnitKind::kPort, tile.tile},
        turns * timing_.link_time(stage_.sum_bits * tile.partial_sums));
  }

  void add_input(const StageInput& input) {
    const auto pixels = double(input.grid.pixels());
    if (program_.comes_onto_chip(stage_, input)) {
      add({UnitKind::kLinkIn}, pixels * timing_.io_time(input.pixel_bits));
      return;
    }
    const int from = program_.stages[static_cast<std::size_t>(input.producer)].home_tile;
    if (timing_.routers_between(from, stage_.home_tile) == 0) return;
    add({UnitKind::kPort, from}, pixels * timing_.link_time(input.pixel_bits));
  }

  const Program& program_;
  int index_;
  const Stage& stage_;
  const Timing& timing_;
  double pixels_;
  UnitTimes times_;
};

const char* name_of(UnitKind kind) {
  switch (kind) {
    case UnitKind::kMacros:
      return "macros";
    case UnitKind::kBus:
      return "bus";
    case UnitKind::kShiftAdd:
      return "shift-add";
    case UnitKind::kVectorUnit:
      return "vector unit";
    case UnitKind::kPoolingUnit:
      return "pooling unit";
    case UnitKind::kPort:
      return "router port";
    case UnitKind::kLinkIn:
      return "link for inputs";
    case UnitKind::kLinkOut:
      return "link for results";
  }
  throw InternalError("a unit of unknown kind");
}

}  // namespace

std::string Unit::text() const {
  if (kind == UnitKind::kLinkIn || kind == UnitKind::kLinkOut) {
    return fmt::format("the {}", name_of(kind));
  }
  if (kind == UnitKind::kMacros) return fmt::format("the macros of tile {}, core {}", tile, core);
  return fmt::format("the {} of tile {}", name_of(kind), tile);
}

UnitTimes unit_times(const Program& program, int stage, const Timing& timing) {
  return StageTimes(program, stage, timing).all();
}

Pacemaker pacemaker(const Program& program, const ChipSpec& chip) {
  const Timing timing(chip, program.tiles);
  std::vector<UnitTimes> rounds(static_cast<std::size_t>(program.rounds()));
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    UnitTimes& round = rounds[static_cast<std::size_t>(program.stages[s].round)];
    for (const auto& [unit, time] : unit_times(program, static_cast<int>(s), timing)) {
      round[unit] += time;
    }
  }
  Pacemaker result;
  Time longest;
  for (const UnitTimes& round : rounds) {
    Time most;
    for (const auto& [unit, time] : round) {
      if (time > longest) result.unit = unit;
      longest = std::max(longest, time);
      most = std::max(most, time);
    }
    result.interval += most;
  }
  return result;
}

Time step_time(const Stage& stage, int replica, const Timing& timing) {
  Time slowest;
  for (const TileWork& tile : stage.tiles) {
    if (tile.replica != replica) continue;
    slowest = std::max(slowest, bus_time(stage, tile, timing));
    for (const CoreWork& work : tile.cores) {
      slowest = std::max(slowest, macro_time(stage, work, timing));
    }
  }
  return slowest;
}

}  // namespace pimento::arch
