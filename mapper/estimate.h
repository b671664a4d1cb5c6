// SPDX-License-Identifier: Apache-2.0
// What a program takes by closed forms alone, without a simulation.
#pragma once

#include "arch/chip_spec.h"
#include "arch/program/program.h"
#include "base/units.h"

namespace pimento::mapper {

struct Estimate {
  // Of one image, without static power: all that the program counts (arch::static_counts and the
  // bits over routers) times the chip's prices. Exact, but where prices depend on values: there it
  // stands on those that the chip declares.
  Energy energy;
  // Between two images: the time of the busiest unit (arch/program/unit_times.h), be it macros, a
  // bus, a vector unit or a link. A lower bound, as buffers may make units wait.
  Time interval;
  [[nodiscard]] double product() const { return energy.value() * interval.value(); }
};

[[nodiscard]] Estimate estimate(const arch::Program& program, const arch::ChipSpec& chip);

}  // namespace pimento::mapper
