// SPDX-License-Identifier: Apache-2.0
#include "mapper/lanes.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace pimento::mapper {
namespace {

// Sets that grow together.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t count) : parents_(count) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t i) {
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parents_[find(a)] = find(b); }

 private:
  std::vector<std::size_t> parents_;
};

using MacroUse = std::pair<int, CoreShare>;

std::vector<MacroUse> uses_of(const Mapping& mapping, const arch::ChipSpec& chip) {
  std::vector<MacroUse> uses;
  for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
    for (const ColumnGroup& group : mapping.layers[l].groups) {
      const MacroUse use{group.macro,
                         {static_cast<int>(l), group.replica, group.macro / chip.macros_per_core}};
      if (uses.empty() || uses.back() != use) uses.push_back(use);
    }
  }
  std::sort(uses.begin(), uses.end());
  uses.erase(std::unique(uses.begin(), uses.end()), uses.end());
  return uses;
}

// Of one core. Lane 0 is left out.
void add_lanes(std::span<const MacroUse> uses, std::map<CoreShare, int>& lanes) {
  std::map<CoreShare, std::size_t> numbers;
  for (const auto& [macro, share] : uses) numbers.try_emplace(share, numbers.size());
  DisjointSets sets(numbers.size());
  for (std::size_t i = 1; i < uses.size(); ++i) {
    if (uses[i].first == uses[i - 1].first) {
      sets.join(numbers.at(uses[i].second), numbers.at(uses[i - 1].second));
    }
  }
  std::map<std::size_t, int> lane_of;  // of a set
  for (const auto& [macro, share] : uses) {
    const int next = static_cast<int>(lane_of.size());
    const int lane = lane_of.try_emplace(sets.find(numbers.at(share)), next).first->second;
    if (lane != 0) lanes[share] = lane;
  }
}

}  // namespace

int lane_of(const std::map<CoreShare, int>& lanes, const CoreShare& share) {
  const auto it = lanes.find(share);
  return it == lanes.end() ? 0 : it->second;
}

std::map<CoreShare, int> lanes_of(const Mapping& mapping, const arch::ChipSpec& chip) {
  const std::vector<MacroUse> uses = uses_of(mapping, chip);
  std::map<CoreShare, int> lanes;
  for (auto first = uses.begin(); first != uses.end();) {
    const auto other = [&](const MacroUse& use) { return use.second.core != first->second.core; };
    const auto last = std::find_if(first, uses.end(), other);
    const bool is_shared =
        std::any_of(first, last, [&](const MacroUse& use) { return use.second != first->second; });
    if (is_shared) add_lanes({first, last}, lanes);
    first = last;
  }
  return lanes;
}

}  // namespace pimento::mapper
