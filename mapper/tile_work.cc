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

// Reads of one macro for one input slice, and the columns of the widest of them.
struct MacroReads {
  std::int64_t reads = 0;
  std::int64_t columns = 0;
};

struct CoreSum {
  std::map<int, MacroReads> macros;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t cells = 0;
  Union inputs;
  Union outputs;
};

// A whole array is read at once, all its groups together. Operation units are read one after the
// other; each row is driven again for every unit beside the first, and a column gives a sum for
// every unit below the first.
void add_reads(const ColumnGroup& group, const arch::SlicePlan& plan, const arch::MacroSpec& macro,
               CoreSum& core) {
  MacroReads& reads = core.macros[group.macro];
  const std::int64_t rows = group.rows.size();
  const std::int64_t columns = group.columns.size();
  std::int64_t units_below = 1;
  std::int64_t units_beside = 1;
  if (macro.unit.is_whole()) {
    reads.reads = 1;
    reads.columns += columns;
  } else {
    units_below = ceil_div(rows, macro.unit.rows);
    units_beside = ceil_div(columns, macro.unit.columns);
    reads.reads += units_below * units_beside;
    reads.columns = std::max(reads.columns, std::min<std::int64_t>(columns, macro.unit.columns));
  }
  core.rows += rows * units_beside;
  core.columns += columns * units_below;
  core.cells += rows * columns * plan.lines();
}

arch::CoreWork work_of(int core, CoreSum& sum, int activation_bits) {
  arch::CoreWork work;
  work.core = core;
  work.macros = static_cast<int>(sum.macros.size());
  work.rows = sum.rows;
  work.columns = sum.columns;
  work.cells = sum.cells;
  for (const auto& [macro, reads] : sum.macros) {
    work.reads = std::max(work.reads, reads.reads);
    work.max_columns = std::max(work.max_columns, reads.columns);
  }
  work.input_bits = Bits(sum.inputs.size() * activation_bits);
  work.partial_sums = sum.outputs.size();
  return work;
}

}  // namespace

int partial_sum_bits(const workloads::Precision& precision, std::int64_t rows) {
  const auto carry = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(rows - 1)));
  return precision.weight_bits + precision.activation_bits + carry;
}

std::vector<arch::TileWork> tile_work(const LayerMapping& layer, const MappingProblem& problem) {
  const int activation_bits =
      problem.network.layers[static_cast<std::size_t>(layer.layer)].precision.activation_bits;
  const std::int64_t slices = std::ssize(layer.plan.slices);
  std::map<int, CoreSum> cores;
  std::map<int, Union> outputs_of_tile;
  for (const ColumnGroup& group : layer.groups) {
    const int core_index = group.macro / problem.chip.macros_per_core;
    CoreSum& core = cores[core_index];
    add_reads(group, layer.plan, problem.chip.macro, core);
    core.inputs.add(group.block, group.rows);
    const Range outputs{group.columns.begin / slices, (group.columns.end + slices - 1) / slices};
    core.outputs.add(group.block, outputs);
    outputs_of_tile[core_index / problem.chip.cores_per_tile].add(group.block, outputs);
  }
  std::vector<arch::TileWork> result;
  for (auto& [index, sum] : cores) {
    const int tile = index / problem.chip.cores_per_tile;
    if (result.empty() || result.back().tile != tile) {
      result.push_back({tile, {}, outputs_of_tile[tile].size()});
    }
    result.back().cores.push_back(
        work_of(index % problem.chip.cores_per_tile, sum, activation_bits));
  }
  return result;
}

}  // namespace pimento::mapper
