// SPDX-License-Identifier: Apache-2.0
#include "mapper/layer_strategy.h"

namespace pimento::mapper {

Mapping map_layers(const MappingProblem& problem, const std::string& name,
                   const LayerStrategy& strategy) {
  FreshMacros macros(problem);
  Mapping mapping;
  mapping.strategy = name;
  for (const int layer : problem.network.weight_layers()) {
    macros.start_core();
    mapping.layers.push_back(strategy(problem, layer, macros));
  }
  mapping.macros = macros.count();
  return mapping;
}

}  // namespace pimento::mapper
