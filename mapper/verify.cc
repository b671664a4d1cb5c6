// SPDX-License-Identifier: Apache-2.0
// The one verifier: whatever a strategy returns must pass here.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "mapper/mapping.h"

namespace pimento::mapper {
namespace {

bool overlap(const Range& a, const Range& b) {
  return a.begin < b.end && b.begin < a.end;
}

class Verifier {
 public:
  Verifier(const Mapping& mapping, const MappingProblem& problem)
      : mapping_(mapping), problem_(problem) {}

  void run() {
    check_layers_present();
    for (const LayerMapping& layer : mapping_.layers) {
      check_plan(layer);
      check_groups(layer);
      check_coverage(layer);
    }
    check_macros_apart();
  }

 private:
  [[noreturn]] void fail(const LayerMapping& layer, const std::string& what) const {
    throw InternalError(
        fmt::format("mapping \"{}\", layer \"{}\": {}", mapping_.strategy, name(layer), what));
  }
  [[nodiscard]] const workloads::Layer& node(const LayerMapping& layer) const {
    return problem_.network.layers[static_cast<std::size_t>(layer.layer)];
  }
  [[nodiscard]] const std::string& name(const LayerMapping& layer) const {
    return node(layer).name;
  }

  void check_layers_present() const {
    const std::vector<int> expected = problem_.network.weight_layers();
    std::vector<int> found;
    found.reserve(mapping_.layers.size());
    for (const LayerMapping& layer : mapping_.layers) found.push_back(layer.layer);
    if (found.size() != expected.size()) {
      throw InternalError(
          fmt::format("mapping \"{}\": it holds {} layers; the network has {} with "
                      "weights",
                      mapping_.strategy, found.size(), expected.size()));
    }
    if (found != expected) {
      throw InternalError(
          fmt::format("mapping \"{}\": its layers are not those of the network that have weights, "
                      "in their order",
                      mapping_.strategy));
    }
  }

  // Every weight must come back from its cells, and every cell value must fit its cell.
  void check_plan(const LayerMapping& layer) {
    if (layer.plan.weight_bits != node(layer).precision.weight_bits) {
      fail(layer, fmt::format("its slices hold {} bits; the layer has {}", layer.plan.weight_bits,
                              node(layer).precision.weight_bits));
    }
    if (std::find(proven_.begin(), proven_.end(), layer.plan) != proven_.end()) return;
    for (const arch::Slice& slice : layer.plan.slices) {
      if (slice.width < 1 || slice.width > problem_.chip.macro.cell_bits) {
        fail(layer, fmt::format("a slice of {} bits in cells of {}", slice.width,
                                problem_.chip.macro.cell_bits));
      }
    }
    const std::int64_t low = lowest_weight(layer.plan);
    const std::int64_t high = highest_weight(layer.plan);
    const CounterRandom random(1, 1);
    for (std::uint64_t i = 0; i < 512; ++i) {
      const std::int64_t span = high - low + 1;
      const std::int64_t weight =
          span <= 512 ? std::min(high, low + static_cast<std::int64_t>(i))
                      : (i == 0   ? low
                         : i == 1 ? high
                                  : low + static_cast<std::int64_t>(
                                              random.bits(i) % static_cast<std::uint64_t>(span)));
      const std::int64_t center =
          layer.plan.encoding == arch::Encoding::kCenterOffset ? (i % 2 == 0 ? high : low) : 0;
      const std::vector<std::int64_t> cells = encode(layer.plan, weight, center);
      if (decode(layer.plan, cells, center) != weight) {
        fail(layer, fmt::format("the weight {} comes back as {} from its cells", weight,
                                decode(layer.plan, cells, center)));
      }
    }
    proven_.push_back(layer.plan);
  }

  void check_groups(const LayerMapping& layer) const {
    const workloads::MatrixShape matrix = problem_.network.matrix(layer.layer);
    const std::int64_t columns = matrix.columns * std::ssize(layer.plan.slices);
    std::set<int> macros;
    for (const ColumnGroup& group : layer.groups) {
      macros.insert(group.macro);
      if (group.block < 0 || group.block >= matrix.groups || group.rows.begin < 0 ||
          group.rows.end > matrix.rows || group.columns.begin < 0 || group.columns.end > columns ||
          group.rows.size() < 1 || group.columns.size() < 1) {
        fail(layer, "a column group outside the layer's matrix");
      }
      if (group.at_row < 0 || group.at_column < 0 ||
          group.at_row + group.rows.size() > problem_.chip.macro.rows ||
          group.at_column + group.columns.size() * layer.plan.lines() >
              problem_.chip.macro.columns) {
        fail(layer, fmt::format("a column group outside the array of macro {}", group.macro));
      }
      if (group.macro < 0 || group.macro >= mapping_.macros) {
        fail(layer, fmt::format("macro {} is not allocated", group.macro));
      }
    }
    if (std::ssize(macros) != layer.macros) {
      fail(layer, fmt::format("it lies on {} macros and says {}", macros.size(), layer.macros));
    }
  }

  // Each block's rectangles tile its matrix: no bit twice, none missing.
  void check_coverage(const LayerMapping& layer) const {
    const workloads::MatrixShape matrix = problem_.network.matrix(layer.layer);
    const std::int64_t columns = matrix.columns * std::ssize(layer.plan.slices);
    std::map<std::int64_t, std::vector<const ColumnGroup*>> blocks;
    for (const ColumnGroup& group : layer.groups) blocks[group.block].push_back(&group);
    if (std::ssize(blocks) != matrix.groups) fail(layer, "a block has no column group");
    for (auto& [block, groups] : blocks) check_block(layer, groups, matrix.rows, columns);
  }

  void check_block(const LayerMapping& layer, std::vector<const ColumnGroup*>& groups,
                   std::int64_t rows, std::int64_t columns) const {
    std::int64_t area = 0;
    for (const ColumnGroup* group : groups) area += group->rows.size() * group->columns.size();
    // Sweep over rows: rectangles that start or go on at a row must not share a column.
    std::sort(groups.begin(), groups.end(), [](const ColumnGroup* a, const ColumnGroup* b) {
      return a->rows.begin < b->rows.begin;
    });
    std::map<std::int64_t, const ColumnGroup*> open;  // by first column
    std::multimap<std::int64_t, const ColumnGroup*> closing;
    for (const ColumnGroup* group : groups) {
      while (!closing.empty() && closing.begin()->first <= group->rows.begin) {
        open.erase(closing.begin()->second->columns.begin);
        closing.erase(closing.begin());
      }
      const auto next = open.lower_bound(group->columns.begin);
      const bool right = next != open.end() && overlap(next->second->columns, group->columns);
      const bool left =
          next != open.begin() && overlap(std::prev(next)->second->columns, group->columns);
      if (left || right) fail(layer, "a weight bit is stored twice");
      open.emplace(group->columns.begin, group);
      closing.emplace(group->rows.end, group);
    }
    if (area != rows * columns) {
      fail(layer,
           fmt::format("{} of {} cells are stored: a weight bit is missing", area, rows * columns));
    }
  }

  // Groups on one macro are read together, so they may share neither rows nor columns.
  void check_macros_apart() const {
    std::vector<Placed> placed;
    for (const LayerMapping& layer : mapping_.layers) {
      for (const ColumnGroup& group : layer.groups) placed.push_back({&layer, &group});
    }
    check_apart(placed, "rows", [](const Placed& at) {
      return Range{at.group->at_row, at.group->at_row + at.group->rows.size()};
    });
    check_apart(placed, "columns", [](const Placed& at) {
      return Range{at.group->at_column,
                   at.group->at_column + at.group->columns.size() * at.layer->plan.lines()};
    });
  }

  struct Placed {
    const LayerMapping* layer;
    const ColumnGroup* group;
  };

  // Sorted by macro and place, groups that overlap at all include two that are neighbours.
  template <class RangeOf>
  void check_apart(std::vector<Placed>& placed, const char* what, const RangeOf& range_of) const {
    std::stable_sort(placed.begin(), placed.end(), [&](const Placed& a, const Placed& b) {
      return std::pair(a.group->macro, range_of(a).begin) <
             std::pair(b.group->macro, range_of(b).begin);
    });
    for (std::size_t i = 1; i < placed.size(); ++i) {
      const int macro = placed[i].group->macro;
      if (placed[i - 1].group->macro != macro ||
          !overlap(range_of(placed[i - 1]), range_of(placed[i]))) {
        continue;
      }
      fail(*placed[i].layer, fmt::format("two column groups share {} of macro {}", what, macro));
    }
  }

  std::vector<arch::SlicePlan> proven_;  // few: layers of one precision share a plan
  const Mapping& mapping_;
  const MappingProblem& problem_;
};

}  // namespace

void verify(const Mapping& mapping, const MappingProblem& problem) {
  Verifier(mapping, problem).run();
}

}  // namespace pimento::mapper
