// SPDX-License-Identifier: Apache-2.0
// Which macros of a core can work at the same time, and which serve several layers one by one.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "mapper/mapping.h"

namespace pimento::mapper {

// What one copy of a layer has on one core.
struct CoreShare {
  int layer = 0;  // place in the mapping
  int replica = 0;
  std::int64_t core = 0;  // counted over the whole chip
  auto operator<=>(const CoreShare&) const = default;
};

// The lanes of shares that are not 0. Shares of a core that have a macro in common, directly or by
// way of a third, are on one lane: the macros of a share are read in step. Lanes of a core are
// counted from 0 in the order of their first macros.
[[nodiscard]] std::map<CoreShare, int> lanes_of(const Mapping& mapping, const arch::ChipSpec& chip);

[[nodiscard]] int lane_of(const std::map<CoreShare, int>& lanes, const CoreShare& share);

}  // namespace pimento::mapper
