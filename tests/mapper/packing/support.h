// SPDX-License-Identifier: Apache-2.0
// What the tests of mapper/packing/ share: a checker that paints cells one by one, and problems
// drawn at random.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "mapper/packing/packing.h"

namespace pimento::mapper::packing {

class Canvas {
 public:
  Canvas(std::int64_t rows, std::int64_t columns)
      : rows_(rows), columns_(columns), painted_(static_cast<std::size_t>(rows * columns), 0) {}
  // "" or what is wrong with painting these cells.
  std::string paint(const Range& rows, const Range& columns) {
    if (rows.begin < 0 || rows.end > rows_ || columns.begin < 0 || columns.end > columns_ ||
        rows.size() <= 0 || columns.size() <= 0) {
      return "outside";
    }
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const auto begin = painted_.begin() + row * columns_ + columns.begin;
      const auto end = begin + columns.size();
      if (std::find(begin, end, 1) != end) return "twice";
      std::fill(begin, end, 1);
    }
    return "";
  }
  [[nodiscard]] bool full() const {
    return std::find(painted_.begin(), painted_.end(), 0) == painted_.end();
  }

 private:
  std::int64_t rows_;
  std::int64_t columns_;
  std::vector<char> painted_;
};

// The rows of its array that a piece takes: whole bands, but for an incomplete last one.
inline Range taken_rows(const Place& place, const Problem& problem) {
  std::int64_t end = place.at.row + place.piece.rows.size();
  while (end % problem.row_unit != 0) ++end;
  const std::int64_t complete = problem.rows / problem.row_unit * problem.row_unit;
  if (place.at.row == 0 && place.piece.rows.size() > complete) end = problem.rows;
  return {place.at.row, end};
}

// "" if every cell of every item lies somewhere once, no two in one place, and the rules of bands
// and bins are kept.
inline std::string fault(const Packing& packing, const Problem& problem) {
  std::vector<Canvas> items;
  items.reserve(problem.items.size());
  for (const Item& item : problem.items) items.emplace_back(item.rows, item.columns);
  std::map<std::int64_t, Canvas> bins;
  for (const Place& place : packing.places) {
    const auto item = static_cast<std::size_t>(place.piece.item);
    const std::string of_item = items.at(item).paint(place.piece.rows, place.piece.columns);
    if (!of_item.empty()) return fmt::format("item {}: {}", item, of_item);
    if (place.at.row % problem.row_unit != 0) return "inside a band of rows";
    Canvas& bin =
        bins.try_emplace(place.at.bin, Canvas(problem.rows, problem.columns)).first->second;
    const std::string of_bin =
        bin.paint(taken_rows(place, problem),
                  {place.at.column, place.at.column + place.piece.columns.size()});
    if (!of_bin.empty()) return fmt::format("bin {}: {}", place.at.bin, of_bin);
  }
  for (const Canvas& item : items) {
    if (!item.full()) return "cells are missing";
  }
  if (std::ssize(bins) != packing.bins) return "bins are empty, or not counted";
  if (!bins.empty() && (bins.begin()->first != 0 || bins.rbegin()->first != packing.bins - 1)) {
    return "bins are not numbered from 0";
  }
  return packing.bins < packing.lower_bound ? "below the bound" : "";
}

// Uniform numbers, one after another.
class Draw {
 public:
  explicit Draw(std::uint64_t stream) : random_(7, stream) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_.bits(next_++) %
                                           static_cast<std::uint64_t>(high - low + 1));
  }

 private:
  CounterRandom random_;
  std::uint64_t next_ = 0;
};

struct Sizes {
  std::int64_t largest_array = 1;
  std::int64_t largest_item = 1;
  std::int64_t most_items = 1;
};

inline Problem random_problem(Draw& draw, const Sizes& sizes) {
  Problem problem;
  problem.rows = draw.between(1, sizes.largest_array);
  problem.columns = draw.between(1, sizes.largest_array);
  for (std::int64_t n = draw.between(1, sizes.most_items); n > 0; --n) {
    problem.items.push_back({.rows = draw.between(1, sizes.largest_item),
                             .columns = draw.between(1, sizes.largest_item)});
  }
  return problem;
}

}  // namespace pimento::mapper::packing
