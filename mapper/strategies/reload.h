// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"

namespace pimento::mapper {

// For networks that outgrow the chip: the arrays are written several times in a run. The layers, in
// their order and laid out as by dense, are put into rounds greedily: a layer that finds no room
// any more begins the next round, on the first macro of the chip. Each round makes all images of
// the run before the next one is written, so that weights stay while images pass (layer-stationary,
// as TriCIM calls it). Only cells that change are written, and runs follow each other, so that the
// first round finds what the last one left; the cells are compared by the weights. One round where
// everything fits, as on chips that are made as large as the network needs: then it is dense.
// Leaves out: layers larger than the whole chip, which it refuses (a layer is not split over
// rounds); other orders and placements that would write fewer cells (Gao et al., ACM TECS 2023,
// look for alike ones); writing some macros while others work;
// how weights come onto the chip.
// Objective: fewest rounds by a greedy order. Fails when a layer needs more macros than the chip
// has.
[[nodiscard]] Mapping map_reload(const MappingProblem& problem);

}  // namespace pimento::mapper
