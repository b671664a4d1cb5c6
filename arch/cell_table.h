// SPDX-License-Identifier: Apache-2.0
// What the cells of weights hold, looked up: the same few weights come again and again.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "arch/slices.h"

namespace pimento::arch {

class CellTable {
 public:
  explicit CellTable(SlicePlan plan) : plan_(std::move(plan)) {}

  struct Entry {
    std::vector<std::int64_t> cells;  // as encode() gives them
    std::uint64_t slices = 0;         // bit s: some cell of slice s is not zero
    bool comes_back = false;          // decode() gives the weight
  };
  // The weight must lie in the plan's range. References stay valid.
  const Entry& of(std::int64_t weight, std::int64_t center = 0);
  [[nodiscard]] const SlicePlan& plan() const { return plan_; }

 private:
  static constexpr std::int64_t kNear = 1 << 12;
  [[nodiscard]] Entry make(std::int64_t weight, std::int64_t center) const;

  SlicePlan plan_;
  // Cells follow from the distance of a weight from its center alone.
  std::deque<Entry> entries_;
  std::vector<const Entry*> near_ = std::vector<const Entry*>(2 * kNear, nullptr);
  std::unordered_map<std::int64_t, const Entry*> far_;
};

}  // namespace pimento::arch
