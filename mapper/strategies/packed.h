// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"

namespace pimento::mapper {

// The matrices of all layers, each block of a grouped convolution one of its own, packed into
// shared macros (mapper/packing): tiles as large as an array have a macro each, and what is left at
// the right and at the bottom of every matrix fills the others, where layers lie beside each other.
// Where operation units are read, a piece takes whole units of rows.
//
// What sharing costs. A macro that several layers share is read for one of them at a time. Pieces
// of a layer on one macro that share columns, or rows with other inputs, are read turn after turn;
// and as a core's macros of one layer run in step, the macro with the most turns sets the pace of
// the layer on that core. So a depthwise convolution that fills its macros takes as many turns a
// position as blocks lie above each other, where map_dense() reads the diagonal at once. A cut
// through rows gives its columns one more sum each, to be converted and added; a cut through
// columns fetches inputs once more. The report of the pass "packing" has the conversions.

// Cuts only until macros take at most 2 % more cells than the weights, between weights if that is
// enough. Full tiles of a layer lie on consecutive macros, layer after layer, and start at a fresh
// core as long as shared macros are there to fill the core before; of these, those come first whose
// cells are mostly of an early layer.
// Objective: few macros at few cuts. Fails when the chip has too few macros; map_area() may fit
// then.
[[nodiscard]] Mapping map_packed(const MappingProblem& problem);

// Cuts until the lower bound of macros is reached, or no cut helps. Macros are numbered as they
// were packed, without regard for cores.
// Objective: the fewest macros. Fails when the chip has too few of them.
[[nodiscard]] Mapping map_area(const MappingProblem& problem);

}  // namespace pimento::mapper
