// SPDX-License-Identifier: Apache-2.0
// What a strategy may take of a chip, and of memory.
#pragma once

#include <cstdint>

#include "mapper/mapping.h"

namespace pimento::mapper {

// Column groups that a mapping may hold: half a gigabyte of them.
inline constexpr std::int64_t kMostGroups = std::int64_t{1} << 23;

// Keeps count while a strategy goes through the layers. Throws InputError where one takes too much.
class Capacity {
 public:
  explicit Capacity(const MappingProblem& problem)
      : network_(&problem.network), chip_(&problem.chip) {}

  // The layer adds so many column groups.
  void add_groups(int layer, std::int64_t count);
  // The layer needs the macros 0 .. count - 1.
  void check_macros(int layer, std::int64_t count) const;

 private:
  const workloads::Network* network_;
  const arch::ChipSpec* chip_;
  std::int64_t groups_ = 0;
};

}  // namespace pimento::mapper
