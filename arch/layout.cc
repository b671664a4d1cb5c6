// SPDX-License-Identifier: Apache-2.0
#include "arch/layout.h"

#include <algorithm>
#include <tuple>

namespace pimento::arch {

bool operator==(const ColumnGroup& a, const ColumnGroup& b) {
  const auto places = [](const ColumnGroup& g) {
    return std::tie(g.block, g.macro, g.at_row, g.at_column, g.turn, g.replica, g.round);
  };
  static const GroupDetails kNone;
  const GroupDetails& details_a = a.details == nullptr ? kNone : *a.details;
  const GroupDetails& details_b = b.details == nullptr ? kNone : *b.details;
  return places(a) == places(b) && a.rows == b.rows && a.columns == b.columns &&
         details_a == details_b;
}

int ColumnGroup::largest_row_shift() const {
  if (details == nullptr || details->row_shifts.empty()) return 0;
  return *std::max_element(details->row_shifts.begin(), details->row_shifts.end());
}

int LayerLayout::largest_row_shift() const {
  int largest = 0;
  for (const ColumnGroup& group : groups) largest = std::max(largest, group.largest_row_shift());
  return largest;
}

int LayerLayout::replicas() const {
  int last = 0;
  for (const ColumnGroup& group : groups) last = std::max(last, group.replica);
  return last + 1;
}

}  // namespace pimento::arch
