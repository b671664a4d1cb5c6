// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"

namespace pimento::mapper {

// Input slices that macros of a layer take for one pixel: activation bits over DAC bits, beyond
// them those of shifted rows, which all macros of the layer take in step; twice as many where the
// chip drives inputs of either sign in two phases and some are negative.
[[nodiscard]] int input_slices(const MappingProblem& problem, const LayerMapping& layer);

}  // namespace pimento::mapper
