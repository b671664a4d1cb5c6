// SPDX-License-Identifier: Apache-2.0
#include "mapper/tile_work.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "base/ceil_div.h"

namespace pimento::mapper {
namespace {

// Total length of the union of ranges, block by block.
class Union {
 public:
  void add(std::int64_t block, Range range) { ranges_.push_back({block, range}); }
  void add(std::int64_t block, const Indices& indices) {
    if (indices.is_range()) {
      add(block, indices.hull());
      return;
    }
    for (std::int64_t i = 0; i < indices.size(); ++i) {
      add(block, Range{indices[i], indices[i] + 1});
    }
  }
  [[nodiscard]] std::int64_t size() {
    std::sort(ranges_.begin(), ranges_.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first, a.second.begin) < std::pair(b.first, b.second.begin);
    });
    std::int64_t total = 0;
    std::int64_t block = -1;
    std::int64_t covered = 0;
    for (const auto& [of, range] : ranges_) {
      if (of != block) covered = 0;
      block = of;
      total += std::max<std::int64_t>(0, range.end - std::max(covered, range.begin));
      covered = std::max(covered, range.end);
    }
    return total;
  }

 private:
  std::vector<std::pair<std::int64_t, Range>> ranges_;
};

// Channels that a group's columns belong to.
void add_channels(Union& channels, const ColumnGroup& group, std::int64_t slices) {
  const auto channel_of = [&](std::int64_t column) { return column / slices; };
  const bool leaves_none_out =
      !group.columns.is_listed() &&
      (group.columns.size() < 2 || std::abs(group.columns[1] - group.columns[0]) <= slices);
  if (leaves_none_out) {
    const Range hull = group.columns.hull();
    channels.add(group.block, Range{channel_of(hull.begin), channel_of(hull.end - 1) + 1});
  } else {
    for (std::int64_t i = 0; i < group.columns.size(); ++i) {
      const std::int64_t channel = channel_of(group.columns[i]);
      channels.add(group.block, Range{channel, channel + 1});
    }
  }
  if (group.details == nullptr) return;
  for (const arch::SharedColumn& shared : group.details->shared) {
    const std::int64_t channel = channel_of(shared.column);
    channels.add(group.block, Range{channel, channel + 1});
  }
}

// Reads of one macro for one input slice.
struct MacroReads {
  std::int64_t unit_reads = 0;   // of operation units
  std::int64_t widest_unit = 0;  // columns
  struct Turn {                  // of whole arrays
    int number = 0;
    std::int64_t columns = 0;
    Union rows;
  };
  std::vector<Turn> turns;  // mostly one
  Turn& turn(int number) {
    const auto it = std::find_if(turns.begin(), turns.end(),
                                 [number](const Turn& other) { return other.number == number; });
    return it == turns.end() ? turns.emplace_back(Turn{number, 0, {}}) : *it;
  }
};

struct CoreSum {
  std::map<int, MacroReads> macros;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t shared_columns = 0;
  std::int64_t cells = 0;
  Union inputs;
  Union outputs;
};

// Of a whole array the groups of one turn are read together, turn after turn. Operation units are
// read one after the other; each row is driven again for every unit beside the first, and a column
// gives a sum for every unit below the first.
void add_reads(const ColumnGroup& group, const arch::SlicePlan& plan, const arch::MacroSpec& macro,
               CoreSum& core) {
  MacroReads& reads = core.macros[group.macro];
  const std::int64_t rows = group.rows.size();
  const std::int64_t columns = group.columns.size();
  std::int64_t units_below = 1;
  if (macro.unit.is_whole()) {
    MacroReads::Turn& turn = reads.turn(group.turn);
    turn.columns += columns;
    turn.rows.add(0, Range{group.at_row, group.at_row + rows});
  } else {
    units_below = ceil_div(rows, macro.unit.rows);
    const std::int64_t units_beside = ceil_div(columns, macro.unit.columns);
    reads.unit_reads += units_below * units_beside;
    reads.widest_unit =
        std::max(reads.widest_unit, std::min<std::int64_t>(columns, macro.unit.columns));
    core.rows += rows * units_beside;
  }
  core.columns += columns * units_below;
  if (group.details != nullptr) {
    core.shared_columns += std::ssize(group.details->shared) * units_below;
  }
  core.cells += rows * columns * plan.lines();
}

arch::CoreWork work_of(int core, CoreSum& sum, int activation_bits) {
  arch::CoreWork work;
  work.core = core;
  work.macros = static_cast<int>(sum.macros.size());
  work.rows = sum.rows;
  work.columns = sum.columns;
  work.shared_columns = sum.shared_columns;
  work.cells = sum.cells;
  for (auto& [macro, reads] : sum.macros) {
    work.reads = std::max(work.reads, reads.unit_reads + std::ssize(reads.turns));
    work.max_columns = std::max(work.max_columns, reads.widest_unit);
    for (MacroReads::Turn& turn : reads.turns) {
      work.rows += turn.rows.size();
      work.max_columns = std::max(work.max_columns, turn.columns);
    }
  }
  work.input_bits = Bits(sum.inputs.size() * activation_bits);
  work.partial_sums = sum.outputs.size();
  return work;
}

// Channels without a bit that is not zero have no column anywhere; their sums of zero are taken to
// come from the first core.
void add_silent_channels(std::vector<arch::TileWork>& tiles, Union& outputs,
                         std::int64_t channels) {
  const std::int64_t silent = channels - outputs.size();
  tiles.front().partial_sums += silent;
  tiles.front().cores.front().partial_sums += silent;
}

// One copy of a layer.
class ReplicaWork {
 public:
  ReplicaWork(const LayerMapping& layer, const MappingProblem& problem)
      : layer_(layer), problem_(problem), slices_(std::ssize(layer.plan.slices)) {}

  void add(const ColumnGroup& group) {
    const int core_index = group.macro / problem_.chip.macros_per_core;
    CoreSum& core = cores_[core_index];
    add_reads(group, layer_.plan, problem_.chip.macro, core);
    core.inputs.add(group.block, group.rows);
    add_channels(core.outputs, group, slices_);
    add_channels(outputs_of_tile_[core_index / problem_.chip.cores_per_tile], group, slices_);
    add_channels(outputs_, group, slices_);
  }

  [[nodiscard]] std::vector<arch::TileWork> tiles(int replica, const LayerLanes& lanes,
                                                  std::int64_t channels) {
    const int activation_bits =
        problem_.network.layers[static_cast<std::size_t>(layer_.layer)].precision.activation_bits;
    std::vector<arch::TileWork> result;
    for (auto& [index, sum] : cores_) {
      const int tile = index / problem_.chip.cores_per_tile;
      if (result.empty() || result.back().tile != tile) {
        result.push_back({tile, {}, outputs_of_tile_[tile].size(), replica});
      }
      arch::CoreWork work = work_of(index % problem_.chip.cores_per_tile, sum, activation_bits);
      work.lane = lanes(replica, index);
      result.back().cores.push_back(work);
    }
    add_silent_channels(result, outputs_, channels);
    return result;
  }

 private:
  const LayerMapping& layer_;
  const MappingProblem& problem_;
  std::int64_t slices_;
  std::map<int, CoreSum> cores_;
  std::map<int, Union> outputs_of_tile_;
  Union outputs_;
};

}  // namespace

int partial_sum_bits(const workloads::Precision& precision, std::int64_t rows) {
  const auto carry = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(rows - 1)));
  return precision.weight_bits + precision.activation_bits + carry;
}

std::vector<arch::TileWork> tile_work(const LayerMapping& layer, const MappingProblem& problem,
                                      const LayerLanes& lanes,
                                      std::optional<std::int64_t> channels) {
  const workloads::MatrixShape matrix = matrix_of(layer, problem.network);
  const std::int64_t all = channels.value_or(matrix.groups * matrix.columns);
  std::vector<ReplicaWork> replicas(static_cast<std::size_t>(layer.replicas()),
                                    ReplicaWork(layer, problem));
  for (const ColumnGroup& group : layer.groups) {
    replicas[static_cast<std::size_t>(group.replica)].add(group);
  }
  std::vector<arch::TileWork> result;
  for (std::size_t r = 0; r < replicas.size(); ++r) {
    std::vector<arch::TileWork> tiles = replicas[r].tiles(static_cast<int>(r), lanes, all);
    result.insert(result.end(), tiles.begin(), tiles.end());
  }
  return result;
}

}  // namespace pimento::mapper
