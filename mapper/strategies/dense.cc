// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/dense.h"

#include "mapper/placement.h"

namespace pimento::mapper {

Mapping map_dense(const MappingProblem& problem) {
  Mapping mapping;
  mapping.strategy = "dense";
  FreshMacros macros(problem);
  for (const int index : problem.network.weight_layers()) {
    LayerMapping layer = unplaced_layer(problem, index);
    macros.start_core();
    macros.place(layer, array_tiles(problem.network.matrix(index), layer.plan, problem.chip.macro));
    mapping.layers.push_back(std::move(layer));
  }
  mapping.macros = macros.count();
  return mapping;
}

}  // namespace pimento::mapper
