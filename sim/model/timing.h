// SPDX-License-Identifier: Apache-2.0
// How long things take in the model: as arch/timing.h says, where mappers look it up too.
#pragma once

#include "arch/timing.h"

namespace pimento::sim {

using arch::Pace;
using arch::Timing;

}  // namespace pimento::sim
