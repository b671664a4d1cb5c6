// SPDX-License-Identifier: Apache-2.0
#include "mapper/layer_strategy.h"

namespace pimento::mapper {

Mapping map_layers(const MappingProblem& problem, const std::string& name,
                   const LayerStrategy& strategy) {
  MacroBudget budget(problem);
  Mapping mapping;
  mapping.strategy = name;
  for (const int layer : problem.network.weight_layers()) {
    budget.start_core();
    mapping.layers.push_back(strategy(problem, layer, budget));
  }
  mapping.macros = budget.taken();
  return mapping;
}

}  // namespace pimento::mapper
