// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/plan.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/ceil_div.h"

namespace pimento::mapper::packing {
namespace {

// Smaller is earlier, or better.
using Rank = std::array<std::int64_t, 4>;

Rank rank(const Kind& kind, Order order) {
  const Size& size = kind.size;
  const std::int64_t longer = std::max(size.rows, size.columns);
  switch (order) {
    case Order::kArea:
      return {-size.cells(), -longer};
    case Order::kLongSide:
      return {-longer, -size.cells()};
    case Order::kRows:
      return {-size.rows, -size.columns};
    case Order::kColumns:
      return {-size.columns, -size.rows};
  }
  return {};
}

std::int64_t floor_to(std::int64_t value, std::int64_t unit) {
  return value / unit * unit;
}

struct Grid {
  std::int64_t down = 1;
  std::int64_t across = 1;
  [[nodiscard]] std::int64_t pieces() const { return down * across; }
  [[nodiscard]] Size size(const Size& piece) const {
    return {down * piece.rows, across * piece.columns};
  }
};

// The grid that fills a gap, or as much of it as there are pieces for.
Grid grid_in(const Size& gap, const Size& piece, std::int64_t pieces) {
  Grid grid{gap.rows / piece.rows, gap.columns / piece.columns};
  if (grid.pieces() <= pieces) return grid;
  if (pieces < grid.across) return {1, pieces};
  return {pieces / grid.across, grid.across};
}

// A part of a piece for a gap.
struct Cut {
  Size part;
  Size gap;
  Rank rank = {};
};

class Planner {
 public:
  Planner(const Problem& problem, const Rule& rule, const Limits& limits)
      : problem_(problem), rule_(rule), limits_(limits) {}

  std::optional<Plan> run(const Counts& pieces) {
    for (const auto& [kind, count] : pieces) wait(kind, count);
    while (!waiting_.empty()) {
      const auto [key, count] = *waiting_.begin();
      waiting_.erase(waiting_.begin());
      if (!place(key.second, count)) return std::nullopt;
    }
    return std::move(plan_);
  }

 private:
  using Key = std::pair<Rank, Kind>;

  void wait(const Kind& kind, std::int64_t count) {
    if (count > 0) waiting_[{rank(kind, rule_.order), kind}] += count;
  }

  // One step for pieces of a kind; those left wait again.
  bool place(const Kind& kind, std::int64_t count) {
    const std::optional<Size> gap = best_gap(kind.size, count);
    if (gap) {
      const Grid grid = grid_in(*gap, kind.size, count);
      const std::int64_t gaps = std::min(gaps_[*gap], count / grid.pieces());
      put(kind, *gap, grid, gaps);
      wait(kind, count - gaps * grid.pieces());
      return true;
    }
    if (open(kind.size, count)) {
      wait(kind, count);
      return true;
    }
    return rule_.cutting != Cutting::kNone && cut(kind, count);
  }

  std::optional<Size> best_gap(const Size& piece, std::int64_t count) const {
    std::optional<Size> best;
    Rank best_rank = {};
    for (const auto& [gap, number] : gaps_) {
      if (!piece.fits(gap)) continue;
      const Rank rank = fit_rank(gap, grid_in(gap, piece, count).size(piece));
      if (best && best_rank <= rank) continue;
      best = gap;
      best_rank = rank;
    }
    return best;
  }

  Rank fit_rank(const Size& gap, const Size& grid) const {
    const auto [shorter, longer] = std::minmax({gap.rows - grid.rows, gap.columns - grid.columns});
    const std::int64_t left = gap.cells() - grid.cells();
    switch (rule_.fit) {
      case Fit::kLeastArea:
        return {left, shorter};
      case Fit::kShortSide:
        return {shorter, left};
      case Fit::kLongSide:
        return {longer, left};
    }
    return {};
  }

  bool open(const Size& piece, std::int64_t count) {
    const Size bin{problem_.rows, problem_.columns};
    const std::int64_t wanted =
        std::max<std::int64_t>(1, count / grid_in(bin, piece, count).pieces());
    const std::int64_t bins = std::min(wanted, limits_.bins - plan_.bins);
    if (bins <= 0) return false;
    plan_.bins += bins;
    gaps_[bin] += bins;
    plan_.steps.push_back({.action = Action::kOpen, .count = bins});
    return true;
  }

  void put(const Kind& kind, const Size& gap, const Grid& grid, std::int64_t gaps) {
    const Size taken = grid.size(kind.size);
    const bool below_is_wide = splits_below(gap, taken);
    const Leftover left = leftover(gap, taken, below_is_wide);
    plan_.steps.push_back({.action = Action::kPlace,
                           .count = gaps,
                           .kind = kind,
                           .gap = gap,
                           .down = grid.down,
                           .across = grid.across,
                           .below_is_wide = below_is_wide});
    const auto found = gaps_.find(gap);
    found->second -= gaps;
    if (found->second == 0) gaps_.erase(found);
    if (left.below.cells() > 0) gaps_[left.below] += gaps;
    if (left.right.cells() > 0) gaps_[left.right] += gaps;
  }

  bool splits_below(const Size& gap, const Size& taken) const {
    if (rule_.split != Split::kLargest) return rule_.split == Split::kBelowIsWide;
    return (gap.rows - taken.rows) * gap.columns >= (gap.columns - taken.columns) * gap.rows;
  }

  bool cut(const Kind& kind, std::int64_t count) {
    std::optional<Cut> best;
    for (const auto& [gap, number] : gaps_) {
      const std::optional<Cut> cut = cut_for(kind, gap);
      if (cut && (!best || cut->rank < best->rank)) best = cut;
    }
    if (!best) return false;
    const std::int64_t pieces = std::min(count, gaps_[best->gap]);
    wait(kind, count - pieces);
    Kind part = kind;
    if (best->part.rows < part.size.rows) {
      const Parts parts = cut_rows(part, best->part.rows, problem_);
      add_cut(Action::kCutRows, part, best->part.rows, pieces);
      wait(parts.rest, pieces);
      part = parts.first;
    }
    if (best->part.columns < part.size.columns) {
      const Parts parts = cut_columns(part, best->part.columns);
      add_cut(Action::kCutColumns, part, best->part.columns, pieces);
      wait(parts.rest, pieces);
      part = parts.first;
    }
    put(part, best->gap, {}, pieces);
    return plan_.cuts() <= limits_.cuts;
  }

  void add_cut(Action action, const Kind& kind, std::int64_t at, std::int64_t pieces) {
    plan_.steps.push_back({.action = action, .count = pieces, .kind = kind, .at = at});
    (action == Action::kCutRows ? plan_.row_cuts : plan_.column_cuts) += pieces;
  }

  std::optional<Cut> cut_for(const Kind& kind, const Size& gap) const {
    const std::int64_t unit = rule_.cutting == Cutting::kBetweenUnits ? kind.unit : 1;
    Cut cut;
    cut.gap = gap;
    cut.part = kind.size;
    if (gap.rows < kind.size.rows) cut.part.rows = floor_to(gap.rows, problem_.row_unit);
    if (gap.columns < kind.size.columns) {
      cut.part.columns = floor_to(kind.phase % unit + gap.columns, unit) - kind.phase % unit;
    }
    if (cut.part.rows <= 0 || cut.part.columns <= 0) return std::nullopt;
    const std::int64_t cuts =
        int(cut.part.rows < kind.size.rows) + int(cut.part.columns < kind.size.columns);
    const bool fitting =
        rule_.choice == CutChoice::kFittingRest && cuts == 1 && rest_fits(kind.size, cut);
    cut.rank = {cuts, fitting ? 0 : 1, -cut.part.cells(), gap.cells()};
    return cut;
  }

  bool rest_fits(const Size& whole, const Cut& cut) const {
    Size rest = whole;
    if (cut.part.rows < whole.rows) rest.rows -= cut.part.rows;
    if (cut.part.columns < whole.columns) rest.columns -= cut.part.columns;
    return std::any_of(gaps_.begin(), gaps_.end(), [&](const auto& entry) {
      return rest.fits(entry.first) && (entry.first != cut.gap || entry.second > 1);
    });
  }

  const Problem& problem_;
  Rule rule_;
  Limits limits_;
  Plan plan_;
  std::map<Key, std::int64_t> waiting_;
  std::map<Size, std::int64_t> gaps_;
};

}  // namespace

Parts cut_rows(const Kind& kind, std::int64_t at, const Problem& problem) {
  Parts parts{kind, kind};
  parts.first.size.rows = at;
  // The rest of a piece that reaches into an incomplete band ends in a whole one.
  const std::int64_t bands = ceil_div(kind.size.rows, problem.row_unit);
  parts.rest.size.rows = std::min(bands * problem.row_unit - at, problem.rows);
  return parts;
}

Parts cut_columns(const Kind& kind, std::int64_t at) {
  Parts parts{kind, kind};
  parts.first.size.columns = at;
  parts.rest.size.columns -= at;
  parts.rest.phase = (kind.phase + at) % kind.unit;
  return parts;
}

Leftover leftover(const Size& gap, const Size& grid, bool below_is_wide) {
  return {{gap.rows - grid.rows, below_is_wide ? gap.columns : grid.columns},
          {below_is_wide ? grid.rows : gap.rows, gap.columns - grid.columns}};
}

std::optional<Plan> make_plan(const Counts& pieces, const Problem& problem, const Rule& rule,
                              const Limits& limits) {
  return Planner(problem, rule, limits).run(pieces);
}

}  // namespace pimento::mapper::packing
