// SPDX-License-Identifier: Apache-2.0
// Bits on their way between tiles, and tiles placed so that they pass few routers.
#pragma once

#include <cstdint>

#include "arch/chip_spec.h"
#include "arch/program/program.h"
#include "mapper/mapping.h"

namespace pimento::mapper {

// Bits times the routers that they pass for one image: pixels from a stage's home to the homes of
// those that read them, partial sums from the tiles of a stage to its home. It is the number of
// kRouterBit actions of the model, exactly, as ways do not depend on time.
[[nodiscard]] std::int64_t traffic_cost(const arch::Program& program, const arch::ChipSpec& chip);

// Moves the weights of whole tiles to other tiles, and the homes of layers to the tile that most of
// their partial sums come from, where traffic_cost() becomes less by that; otherwise the mapping
// stays as it is. What cores do stays the same. Leaves in mapping.traffic what it came to.
//
// Where tiles go is a quadratic assignment problem. It starts from the tiles in their order, row by
// row or as a snake (every second row of routers backwards), whichever is better, and swaps pairs
// while that helps; deterministic, with an end to its effort, and not the best there is.
// Fails, with InputError, where lower() does.
void place_tiles(const MappingProblem& problem, Mapping& mapping);

}  // namespace pimento::mapper
