// SPDX-License-Identifier: Apache-2.0
// What a stage's time went by, and how busy the units of a chip were: what a run looks like from
// the side of whoever wants it faster.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "arch/program/program.h"
#include "sim/engine/simulate.h"

namespace pimento::sim {

class StageLimits {
 public:
  // The units stay with the caller.
  explicit StageLimits(const std::vector<UnitResult>& units);

  // What set the pace of a stage from its first issue to its last result: "its macros" where these
  // account for the time but for a twentieth; else what it waited for longest: "its inputs", "room
  // at its readers", "writing arrays", or the busiest unit on its way, "bus of tile 3, 98.0 %
  // busy". Empty for a stage that took no time.
  [[nodiscard]] std::string of(const arch::Stage& stage, const StageResult& result) const;

 private:
  // Of the tiles on a stage's way, but for its macros; null where none of them did anything.
  [[nodiscard]] const UnitResult* busiest_on_way(const arch::Stage& stage) const;

  std::map<std::string_view, const UnitResult*> units_;  // by name
};

// Units of one kind: the lanes of macros, the buses, ...
struct UnitUse {
  std::string kind;        // "lane", "bus", "io.in", ...
  std::int64_t units = 0;  // that served any request
  std::int64_t served = 0;
  Time busy;    // all added up
  Time queued;  // likewise
  std::string busiest;
  Time busiest_time;
};

// By kind, in alphabetical order. The first unit of equals is the busiest.
[[nodiscard]] std::vector<UnitUse> units_by_kind(const std::vector<UnitResult>& units);

}  // namespace pimento::sim
