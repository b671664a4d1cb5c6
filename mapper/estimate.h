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
  // Between two images if macros alone set the pace: the reads and conversions of the macros that
  // have most of them, those of all layers that share a lane added up. A lower bound, as buses,
  // buffers, links and vector units may hold macros up.
  Time interval;
  [[nodiscard]] double product() const { return energy.value() * interval.value(); }
};

[[nodiscard]] Estimate estimate(const arch::Program& program, const arch::ChipSpec& chip);

}  // namespace pimento::mapper
