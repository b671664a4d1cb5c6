// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/packing.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "base/error.h"
#include "mapper/packing/bound.h"
#include "mapper/packing/plan.h"
#include "mapper/packing/replay.h"
#include "mapper/packing/tiling.h"

namespace pimento::mapper::packing {
namespace {

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

// Rules times square of the kinds of pieces: networks have some dozen kinds and try all rules, an
// input of thousands of kinds only the first ones.
constexpr std::int64_t kMostEffort = std::int64_t{1} << 24;

void check(const Problem& problem) {
  ensure(problem.rows > 0 && problem.columns > 0, "packing: an array without cells");
  ensure(problem.row_unit > 0 && problem.row_unit <= problem.rows,
         "packing: a band of rows does not fit an array");
  ensure(problem.spare_share >= 0.0, "packing: a negative share of spare cells");
  for (const Item& item : problem.items) {
    ensure(item.rows > 0 && item.columns > 0, "packing: an item without cells");
    ensure(item.column_unit > 0, "packing: an item with units of no columns");
  }
}

std::vector<Rule> rules(Cutting cutting) {
  std::vector<Rule> result;
  for (const Order order : {Order::kArea, Order::kLongSide, Order::kRows, Order::kColumns}) {
    for (const Fit fit : {Fit::kLeastArea, Fit::kShortSide, Fit::kLongSide}) {
      for (const Split split : {Split::kLargest, Split::kBelowIsWide, Split::kRightIsTall}) {
        result.push_back({order, fit, split, cutting, CutChoice::kLargestPart});
        if (cutting == Cutting::kNone) continue;
        result.push_back({order, fit, split, cutting, CutChoice::kFittingRest});
      }
    }
  }
  return result;
}

class Search {
 public:
  Search(const Tiling& tiling, const Problem& problem) : problem_(problem) {
    for (const auto& [kind, pieces] : tiling.rest) counts_[kind] = std::ssize(pieces);
    const std::int64_t kinds = std::ssize(counts_) + 1;
    most_rules_ = std::max<std::int64_t>(1, kMostEffort / (kinds * kinds));
  }

  // The plan with the fewest bins, of tiles left whole. None has fewer than `least`.
  [[nodiscard]] Plan whole(std::int64_t least) const {
    std::optional<Plan> best;
    for (const Rule& rule : affordable(Cutting::kNone)) {
      std::optional<Plan> plan =
          make_plan(counts_, problem_, rule, {best ? best->bins - 1 : kUnlimited, 0});
      if (plan) best = std::move(plan);
      if (best && best->bins <= least) break;
    }
    if (!best) throw InternalError("packing: no plan for tiles that fit their array");
    return *std::move(best);
  }

  // The plan with the fewest cuts, in at most `bins` bins.
  [[nodiscard]] std::optional<Plan> cut(std::int64_t bins) const {
    std::optional<Plan> best;
    for (const Cutting cutting : {Cutting::kBetweenUnits, Cutting::kAnywhere}) {
      for (const Rule& rule : affordable(cutting)) {
        std::optional<Plan> plan =
            make_plan(counts_, problem_, rule, {bins, best ? best->cuts() - 1 : kUnlimited});
        if (plan) best = std::move(plan);
      }
      if (best) break;
    }
    return best;
  }

 private:
  [[nodiscard]] std::vector<Rule> affordable(Cutting cutting) const {
    std::vector<Rule> result = rules(cutting);
    result.resize(static_cast<std::size_t>(std::min(most_rules_, std::ssize(result))));
    return result;
  }

  const Problem& problem_;
  Counts counts_;
  std::int64_t most_rules_ = 1;
};

// The most bins that need no more cuts.
std::int64_t goal(const Problem& problem, const Packing& packing) {
  const double most = (1.0 + problem.spare_share) * double(packing.cells) /
                      (double(problem.rows) * double(problem.columns));
  return std::max(packing.lower_bound, static_cast<std::int64_t>(most));
}

Plan find_plan(const Problem& problem, const Tiling& tiling, const Packing& packing) {
  const std::int64_t full = std::ssize(tiling.full);
  const Search search(tiling, problem);
  Plan plan = search.whole(packing.lower_bound - full);
  if (!problem.allow_cuts) return plan;
  // The goal at once, else by bisection as near to it as cuts come.
  std::int64_t bins = goal(problem, packing) - full;
  std::int64_t too_few = bins - 1;
  while (too_few + 1 < plan.bins) {
    std::optional<Plan> cut = search.cut(bins);
    if (cut) {
      plan = *std::move(cut);
    } else {
      too_few = bins;
    }
    bins = std::midpoint(too_few, plan.bins);
  }
  return plan;
}

}  // namespace

Packing pack(const Problem& problem) {
  check(problem);
  Tiling tiling = tile(problem);
  Packing packing;
  for (const Item& item : problem.items) packing.cells += item.rows * item.columns;
  packing.lower_bound = area_bound(problem);
  if (!problem.allow_cuts) {
    packing.lower_bound = std::max(packing.lower_bound, whole_tiles_bound(tiling, problem));
  }
  const Plan plan = find_plan(problem, tiling, packing);
  const std::int64_t full = std::ssize(tiling.full);
  packing.bins = full + plan.bins;
  packing.row_cuts = plan.row_cuts;
  packing.column_cuts = plan.column_cuts;
  packing.places = std::move(tiling.full);
  const std::vector<Place> shared = replay(plan, std::move(tiling.rest), problem, full);
  packing.places.insert(packing.places.end(), shared.begin(), shared.end());
  return packing;
}

}  // namespace pimento::mapper::packing
