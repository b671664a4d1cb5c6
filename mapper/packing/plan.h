// SPDX-License-Identifier: Apache-2.0
// The search for a packing, in counts: how many pieces of a kind go into how many gaps of a size. A
// plan is the list of such steps; carrying it out (replay.h) tells which piece lies where. So the
// search takes as long for a thousand equal arrays as for one.
//
// Gaps are guillotine rectangles: what a piece leaves of its gap is parted into two new gaps, after
// Jylanki's survey (A Thousand Ways to Pack the Bin, 2010), whose choices of gap and split the
// rules are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "mapper/packing/tiling.h"

namespace pimento::mapper::packing {

enum class Order { kArea, kLongSide, kRows, kColumns };
enum class Fit { kLeastArea, kShortSide, kLongSide };
// Which of the two new gaps goes on beside the piece: the one below over the gap's whole width, the
// one to the right over its whole height, or whichever leaves the largest gap.
enum class Split { kBelowIsWide, kRightIsTall, kLargest };
enum class Cutting { kNone, kBetweenUnits, kAnywhere };
// Among cuts that make equally many pieces: the largest part first, or one whose rest fits a gap.
enum class CutChoice { kLargestPart, kFittingRest };

struct Rule {
  Order order = Order::kArea;
  Fit fit = Fit::kLeastArea;
  Split split = Split::kLargest;
  Cutting cutting = Cutting::kNone;
  CutChoice choice = CutChoice::kLargestPart;
};

enum class Action { kOpen, kPlace, kCutRows, kCutColumns };

// kOpen: `count` new bins.
// kPlace: into `count` gaps a grid of down x across pieces each.
// kCutRows, kCutColumns: `count` pieces into a first part of `at` rows or columns, and a rest.
struct Step {
  Action action = Action::kOpen;
  std::int64_t count = 0;
  Kind kind = {};
  Size gap = {};
  std::int64_t down = 1;
  std::int64_t across = 1;
  bool below_is_wide = false;
  std::int64_t at = 0;
};

struct Plan {
  std::vector<Step> steps;
  std::int64_t bins = 0;
  std::int64_t row_cuts = 0;
  std::int64_t column_cuts = 0;
  [[nodiscard]] std::int64_t cuts() const { return row_cuts + column_cuts; }
};

struct Limits {
  std::int64_t bins = 0;
  std::int64_t cuts = 0;
};

using Counts = std::map<Kind, std::int64_t>;

// What a cut makes of a piece's kind: the first part and the rest.
struct Parts {
  Kind first;
  Kind rest;
};
[[nodiscard]] Parts cut_rows(const Kind& kind, std::int64_t at, const Problem& problem);
[[nodiscard]] Parts cut_columns(const Kind& kind, std::int64_t at);

// What a grid in a gap leaves.
struct Leftover {
  Size below;
  Size right;
};
[[nodiscard]] Leftover leftover(const Size& gap, const Size& grid, bool below_is_wide);

// Nothing if the rule cannot keep within the limits.
[[nodiscard]] std::optional<Plan> make_plan(const Counts& pieces, const Problem& problem,
                                            const Rule& rule, const Limits& limits);

}  // namespace pimento::mapper::packing
