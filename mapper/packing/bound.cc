// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/bound.h"

#include <algorithm>
#include <set>

#include "base/ceil_div.h"

namespace pimento::mapper::packing {
namespace {

// Pairs of thresholds tried a side. Beyond it thresholds are thinned out, which leaves a bound.
constexpr std::size_t kMostThresholds = 48;

std::int64_t stretched(std::int64_t size, std::int64_t whole, std::int64_t threshold) {
  if (size > whole - threshold) return whole;
  return size < threshold ? 0 : size;
}

// 0 changes nothing.
std::vector<std::int64_t> thresholds(const std::set<std::int64_t>& sizes, std::int64_t whole) {
  std::set<std::int64_t> all = {0, (whole + 1) / 2};
  for (const std::int64_t size : sizes) {
    if (2 * size <= whole) all.insert(size);
    if (2 * size > whole) all.insert(whole - size + 1);
  }
  std::erase_if(all, [whole](std::int64_t threshold) { return 2 * threshold > whole + 1; });
  const std::size_t step = all.size() / kMostThresholds + 1;
  std::vector<std::int64_t> result;
  std::size_t index = 0;
  for (const std::int64_t threshold : all) {
    if (index++ % step == 0) result.push_back(threshold);
  }
  return result;
}

}  // namespace

std::int64_t area_bound(const Problem& problem) {
  const std::int64_t whole = problem.rows / problem.row_unit;
  std::int64_t bands = 0;
  for (const Item& item : problem.items) {
    const std::int64_t rest = ceil_div(item.rows % problem.rows, problem.row_unit);
    bands += (item.rows / problem.rows * whole + std::min(whole, rest)) * item.columns;
  }
  return ceil_div(bands, whole * problem.columns);
}

std::int64_t whole_tiles_bound(const Tiling& tiling, const Problem& problem) {
  std::set<std::int64_t> heights;
  std::set<std::int64_t> widths;
  for (const auto& [kind, pieces] : tiling.rest) {
    heights.insert(kind.size.rows);
    widths.insert(kind.size.columns);
  }
  std::int64_t most = 0;
  const std::vector<std::int64_t> of_columns = thresholds(widths, problem.columns);
  for (const std::int64_t of_rows : thresholds(heights, problem.rows)) {
    for (const std::int64_t of_column : of_columns) {
      std::int64_t cells = 0;
      for (const auto& [kind, pieces] : tiling.rest) {
        cells += stretched(kind.size.rows, problem.rows, of_rows) *
                 stretched(kind.size.columns, problem.columns, of_column) * std::ssize(pieces);
      }
      most = std::max(most, ceil_div(cells, problem.rows * problem.columns));
    }
  }
  return std::ssize(tiling.full) + most;
}

}  // namespace pimento::mapper::packing
