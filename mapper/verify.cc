// SPDX-License-Identifier: Apache-2.0
// The one verifier: whatever a strategy returns must pass here.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "mapper/coverage.h"
#include "mapper/mapping.h"
#include "mapper/rectangles.h"

namespace pimento::mapper {
namespace {

class Verifier {
 public:
  Verifier(const Mapping& mapping, const MappingProblem& problem)
      : mapping_(mapping), problem_(problem) {}

  void run() {
    check_size();
    check_layers_present();
    for (const LayerMapping& layer : mapping_.layers) {
      check_plan(layer);
      check_groups(layer);
      check_details(layer);
      check_replicas(layer);
      check_home(layer);
      const std::string fault = coverage_fault(layer, problem_);
      if (!fault.empty()) fail(layer, fault);
    }
    check_macros();
    check_writing_ahead();
  }

 private:
  struct Placed {
    const LayerMapping* layer;
    const ColumnGroup* group;
    [[nodiscard]] Range rows() const { return {group->at_row, group->at_row + group->rows.size()}; }
    [[nodiscard]] Range columns() const {
      return {group->at_column, group->at_column + group->columns.size() * layer->plan.lines()};
    }
  };

  [[noreturn]] void fail(const LayerMapping& layer, const std::string& what) const {
    throw InternalError(
        fmt::format("mapping \"{}\", layer \"{}\": {}", mapping_.strategy, name(layer), what));
  }
  [[nodiscard]] const std::string& name(const LayerMapping& layer) const {
    return problem_.network.layers[static_cast<std::size_t>(layer.layer)].name;
  }

  void check_size() const {
    const std::int64_t most = problem_.chip.tiles
                                  ? *problem_.chip.tiles * problem_.chip.macros_per_tile()
                                  : mapping_.macros;
    if (mapping_.macros <= most) return;
    throw InternalError(fmt::format("mapping \"{}\": it takes {} macros; the chip has {}",
                                    mapping_.strategy, mapping_.macros, most));
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

  void check_plan(const LayerMapping& layer) const {
    if (layer.plan.slices.empty() || layer.plan.slices.size() > 64) {
      fail(layer, fmt::format("{} slices a weight; expected 1 to 64", layer.plan.slices.size()));
    }
    for (const arch::Slice& slice : layer.plan.slices) {
      if (slice.width < 1 || slice.width > problem_.chip.macro.cell_bits) {
        fail(layer, fmt::format("a slice of {} bits in cells of {}", slice.width,
                                problem_.chip.macro.cell_bits));
      }
    }
  }

  void check_groups(const LayerMapping& layer) const {
    const workloads::MatrixShape matrix = matrix_of(layer, problem_.network);
    const std::int64_t columns = matrix.columns * std::ssize(layer.plan.slices);
    if (layer.groups.empty()) fail(layer, "it has no column group");
    std::set<int> macros;
    for (const ColumnGroup& group : layer.groups) {
      macros.insert(group.macro);
      const Range of_rows = group.rows.hull();
      const Range of_columns = group.columns.hull();
      if (group.block < 0 || group.block >= matrix.groups || of_rows.begin < 0 ||
          of_rows.end > matrix.rows || of_columns.begin < 0 || of_columns.end > columns ||
          group.rows.size() < 1 || group.columns.size() < 1) {
        fail(layer, "a column group outside the layer's matrix");
      }
      const Placed placed{&layer, &group};
      if (group.at_row < 0 || group.at_column < 0 || placed.rows().end > problem_.chip.macro.rows ||
          placed.columns().end > problem_.chip.macro.columns) {
        fail(layer, fmt::format("a column group outside the array of macro {}", group.macro));
      }
      if (group.macro < 0 || group.macro >= mapping_.macros) {
        fail(layer, fmt::format("macro {} is not allocated", group.macro));
      }
      if (group.replica < 0 || group.round < 0 || group.turn < 0) {
        fail(layer, "a turn, replica or round below zero");
      }
    }
    if (std::ssize(macros) != layer.macros) {
      fail(layer, fmt::format("it lies on {} macros and says {}", macros.size(), layer.macros));
    }
  }

  void check_details(const LayerMapping& layer) const {
    const workloads::MatrixShape matrix = matrix_of(layer, problem_.network);
    const std::int64_t columns = matrix.columns * std::ssize(layer.plan.slices);
    for (const ColumnGroup& group : layer.groups) {
      if (group.details == nullptr) continue;
      const std::size_t shifts = group.details->row_shifts.size();
      if (shifts != 0 && std::cmp_not_equal(shifts, group.rows.size())) {
        fail(layer, fmt::format("a group of {} rows has shifts of {}", group.rows.size(), shifts));
      }
      const bool adds_nothing =
          layer.plan.excess == 0 && layer.plan.encoding != arch::Encoding::kCenterOffset;
      if (group.largest_row_shift() > 0 && (!adds_nothing || problem_.chip.macro.dac_bits != 1)) {
        fail(layer, "rows are shifted, which takes one-bit DACs and an encoding that adds nothing");
      }
      for (const arch::SharedColumn& shared : group.details->shared) {
        if (shared.column < 0 || shared.column >= columns) {
          fail(layer, "a shared column outside the layer's matrix");
        }
      }
    }
  }

  // Each copy of a layer is there, and its groups are of one copy.
  void check_replicas(const LayerMapping& layer) const {
    std::set<int> found;
    for (const ColumnGroup& group : layer.groups) found.insert(group.replica);
    if (std::ssize(found) != layer.replicas()) fail(layer, "a replica is missing");
  }

  void check_home(const LayerMapping& layer) const {
    const int home = layer.home_tile.value_or(0);
    const int tiles = problem_.chip.tiles.value_or(tiles_needed(mapping_, problem_.chip));
    if (home < 0 || home >= tiles) {
      fail(layer, fmt::format("its home is tile {}; the chip has {}", home, tiles));
    }
  }

  // Where cores are written while others work, no core is used in two rounds that follow each
  // other.
  void check_writing_ahead() const {
    if (!mapping_.rewriting.ahead) return;
    std::set<std::pair<int, int>> uses;  // core, round
    for (const LayerMapping& layer : mapping_.layers) {
      for (const ColumnGroup& group : layer.groups) {
        uses.emplace(group.macro / problem_.chip.macros_per_core, group.round);
      }
    }
    for (const LayerMapping& layer : mapping_.layers) {
      for (const ColumnGroup& group : layer.groups) {
        const int core = group.macro / problem_.chip.macros_per_core;
        if (!uses.contains({core, group.round - 1})) continue;
        fail(layer, fmt::format("core {} would be written for round {} while it works", core,
                                group.round));
      }
    }
  }

  // No cell is written twice in a round; what a macro reads at once fits together.
  void check_macros() const {
    std::vector<Placed> placed;
    for (const LayerMapping& layer : mapping_.layers) {
      for (const ColumnGroup& group : layer.groups) placed.push_back({&layer, &group});
    }
    const auto home = [](const Placed& at) { return std::pair(at.group->macro, at.group->round); };
    std::stable_sort(placed.begin(), placed.end(),
                     [&](const Placed& a, const Placed& b) { return home(a) < home(b); });
    for (auto first = placed.begin(); first != placed.end();) {
      const auto last = std::find_if(
          first, placed.end(), [&](const Placed& other) { return home(other) != home(*first); });
      if (last - first > 1) check_macro({first, last});
      first = last;
    }
  }

  void check_macro(const std::vector<Placed>& placed) const {
    std::vector<Rectangle> cells;
    cells.reserve(placed.size());
    for (const Placed& at : placed) cells.push_back({0, at.rows(), at.columns()});
    if (const auto both = first_overlap(cells)) {
      const Placed& second = placed[both->second];
      fail(*second.layer,
           fmt::format("two column groups share cells of macro {}", second.group->macro));
    }
    if (problem_.chip.macro.unit.is_whole()) check_turns(placed);
  }

  // Of groups of a layer that a whole array reads at once, none adds to the columns of another, and
  // rows are shared by those only that want the same inputs there.
  void check_turns(const std::vector<Placed>& placed) const {
    struct Drive {
      const LayerMapping* layer;
      const ColumnGroup* group;
      std::int64_t row;
    };
    std::map<std::pair<int, int>, std::map<std::int64_t, Drive>> rows;  // of a layer and turn
    std::map<std::pair<int, int>, std::set<std::int64_t>> columns;
    for (const Placed& at : placed) {
      const std::pair<int, int> turn{at.layer->layer, at.group->turn};
      for (std::int64_t c = at.columns().begin; c < at.columns().end; ++c) {
        if (columns[turn].insert(c).second) continue;
        fail(*at.layer, fmt::format("two column groups that are read together share columns of "
                                    "macro {}",
                                    at.group->macro));
      }
      for (std::int64_t i = 0; i < at.group->rows.size(); ++i) {
        const auto [it, is_new] =
            rows[turn].try_emplace(at.group->at_row + i, Drive{at.layer, at.group, i});
        if (is_new || wants_same(*it->second.group, it->second.row, *at.group, i)) continue;
        fail(*at.layer, fmt::format("row {} of macro {} is driven with two inputs at once",
                                    at.group->at_row + i, at.group->macro));
      }
    }
  }

  static bool wants_same(const ColumnGroup& a, std::int64_t row_of_a, const ColumnGroup& b,
                         std::int64_t row_of_b) {
    return a.block == b.block && a.rows[row_of_a] == b.rows[row_of_b] &&
           a.row_shift(row_of_a) == b.row_shift(row_of_b) && a.replica == b.replica;
  }

  const Mapping& mapping_;
  const MappingProblem& problem_;
};

}  // namespace

void verify(const Mapping& mapping, const MappingProblem& problem) {
  Verifier(mapping, problem).run();
}

}  // namespace pimento::mapper
