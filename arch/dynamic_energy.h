// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/action.h"
#include "arch/chip_spec.h"
#include "base/units.h"

namespace pimento::arch {

// The energy of counts alone, without static power. What the chip has no component for is free.
[[nodiscard]] Energy dynamic_energy(const ChipSpec& chip, const Counts& counts);

}  // namespace pimento::arch
