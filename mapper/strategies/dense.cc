// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/dense.h"

#include "mapper/layer_strategy.h"

namespace pimento::mapper {

LayerMapping map_layer_dense(const MappingProblem& problem, int layer, FreshMacros& macros) {
  LayerMapping result = unplaced_layer(problem, layer);
  macros.place(result, array_tiles(problem.network.matrix(layer), result.plan, problem.chip.macro));
  return result;
}

Mapping map_dense(const MappingProblem& problem) {
  return map_layers(problem, "dense", map_layer_dense);
}

}  // namespace pimento::mapper
