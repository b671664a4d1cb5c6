// SPDX-License-Identifier: Apache-2.0
#include "mapper/rectangles.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace pimento::mapper {
namespace {

bool overlap(const arch::Range& a, const arch::Range& b) {
  return a.begin < b.end && b.begin < a.end;
}

}  // namespace

// A sweep over the rows of each sheet: rectangles that start or go on at a row share no column.
std::optional<std::pair<std::size_t, std::size_t>> first_overlap(
    const std::vector<Rectangle>& rectangles) {
  std::vector<std::size_t> order(rectangles.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(rectangles[a].sheet, rectangles[a].rows.begin) <
           std::pair(rectangles[b].sheet, rectangles[b].rows.begin);
  });
  std::map<std::int64_t, std::size_t> open;  // by first column
  std::multimap<std::int64_t, std::size_t> closing;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Rectangle& next = rectangles[order[i]];
    if (i > 0 && rectangles[order[i - 1]].sheet != next.sheet) {
      open.clear();
      closing.clear();
    }
    while (!closing.empty() && closing.begin()->first <= next.rows.begin) {
      open.erase(rectangles[closing.begin()->second].columns.begin);
      closing.erase(closing.begin());
    }
    const auto right = open.lower_bound(next.columns.begin);
    if (right != open.end() && overlap(rectangles[right->second].columns, next.columns)) {
      return std::pair(right->second, order[i]);
    }
    if (right != open.begin()) {
      const std::size_t left = std::prev(right)->second;
      if (overlap(rectangles[left].columns, next.columns)) return std::pair(left, order[i]);
    }
    open.emplace(next.columns.begin, order[i]);
    closing.emplace(next.rows.end, order[i]);
  }
  return std::nullopt;
}

}  // namespace pimento::mapper
