// SPDX-License-Identifier: Apache-2.0
// What a program must cost in actions, by arithmetic alone: the oracle every simulation is held to.
#pragma once

#include "arch/action.h"
#include "arch/chip_spec.h"
#include "arch/program/program.h"

namespace pimento::arch {

// Actions of one stage for one image, but for those that depend on the way between tiles
// (kRouterBit).
[[nodiscard]] Counts static_counts(const Program& program, int stage, const ChipSpec& chip);

// Actions of one stage for a whole run, however many images it has: cells that are written belong
// to the first stage of their round.
[[nodiscard]] Counts write_counts(const Program& program, int stage);

}  // namespace pimento::arch
