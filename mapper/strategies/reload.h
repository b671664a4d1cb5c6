// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"

namespace pimento::mapper {

// For networks that outgrow the chip: the arrays are written several times in a run. The layers, in
// their order and laid out as by dense, are put into rounds greedily: a layer that finds no room
// any more begins the next round, on the first macro of the chip. Each round makes all images of
// the run before the next one is written, so that weights stay while images pass. Only cells that
// change are written, and runs follow each other, so that the first round finds what the last one
// left; the cells are compared by the weights. In the words of TriCIM, which the reason of the
// mapping says, a run is
//   model-stationary: one round, as everything fits; then it is dense;
//   layer-stationary: whole layers a round;
//   tile-stationary:  some layers are larger than a round's macros and made in parts, each as large
//                     as what is left of a round (mapper/layer_cutter.h).
// On a chip with double buffering the rounds take turns on the halves of its cores, so that one
// half is written while the other works: more rounds, of half the macros each. A last core that
// makes them odd is left out. Where everything fits, nothing is halved.
// Leaves out: other orders and placements that would write fewer cells (Gao et al., ACM TECS 2023,
// look for alike ones); layers that fit a round but not what is left of it, which are not cut;
// how weights come onto the chip.
// Objective: fewest rounds by a greedy order. Fails when one weight is wider than a round, or a
// layer takes more than 128 rounds.
[[nodiscard]] Mapping map_reload(const MappingProblem& problem);

}  // namespace pimento::mapper
