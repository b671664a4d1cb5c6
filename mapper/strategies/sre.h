// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/layer_strategy.h"

namespace pimento::mapper {

// Row compression after SRE (ISCA 2019): columns are taken as many together as an operation unit
// has, in the order of a dense layer; of each such stripe only rows are stored that hold a set bit
// in it, pressed together, so that fewer units are read. Needs macro.operation_unit. Costs: the
// index of each stored row, by which its input is fetched; read once a position, as the inputs of a
// unit stay in its register for all input slices (the index format is ours: SRE's is not in what
// could be read of it). Leaves out: SRE's dynamic skipping of input bits, which depends on
// activations.
[[nodiscard]] LayerMapping map_layer_sre(const MappingProblem& problem, int layer,
                                         FreshMacros& macros);

}  // namespace pimento::mapper
