// SPDX-License-Identifier: Apache-2.0
// How long each unit of a chip is at work for one image of a program, by arithmetic alone. A unit
// serves one request after the other, whichever stage it comes from, so that no image follows the
// one before it sooner than after the time of the busiest unit.
//
// Left out: what makes units wait for each other. The interval of the SystemC model is longer where
// buffers hold too few pixels for the latency of the stages between them.
#pragma once

#include <compare>
#include <map>
#include <string>

#include "arch/program/program.h"
#include "arch/timing.h"

namespace pimento::arch {

enum class UnitKind {
  kMacros,  // of one lane of a core
  kBus,
  kShiftAdd,  // of a tile
  kVectorUnit,
  kPoolingUnit,
  kPort,  // of a tile into the mesh of routers
  kLinkIn,
  kLinkOut
};

struct Unit {
  UnitKind kind = UnitKind::kMacros;
  int tile = 0;  // 0 for the chip's link
  int core = 0;  // 0, as the lane, for all but macros
  int lane = 0;
  friend auto operator<=>(const Unit&, const Unit&) = default;
  [[nodiscard]] std::string text() const;  // "the vector unit of tile 3"
};

using UnitTimes = std::map<Unit, Time>;

// Of one stage for one image. Its inputs are on the port of the tile that they come from.
[[nodiscard]] UnitTimes unit_times(const Program& program, int stage, const Timing& timing);

// Of one step of one copy: the slowest of its macros and of the buses that serve it.
[[nodiscard]] Time step_time(const Stage& stage, int replica, const Timing& timing);

// What keeps a program from taking images at a shorter interval.
struct Pacemaker {
  Unit unit;
  Time interval;
};

// The unit with most to do. Rounds follow each other: their intervals add up, and the unit is that
// of the longest.
[[nodiscard]] Pacemaker pacemaker(const Program& program, const ChipSpec& chip);

}  // namespace pimento::arch
