// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "mapper/strategies/dense.h"
#include "mapper/strategies/packed.h"
#include "mapper/strategy.h"

namespace pimento::mapper {

const StrategyRegistry& strategies() {
  static const StrategyRegistry kRegistry = [] {
    StrategyRegistry registry;
    registry.add("dense", map_dense);
    registry.add("packed", map_packed);
    registry.add("area", map_area);
    return registry;
  }();
  return kRegistry;
}

Mapping map_network(const MappingProblem& problem, const std::string& strategy) {
  const Strategy* function = strategies().find(strategy);
  if (function == nullptr) {
    throw InputError(fmt::format("strategy \"{}\" is not known; expected one of {}", strategy,
                                 join(strategies().names())));
  }
  problem.check();
  Mapping mapping = (*function)(problem);
  verify(mapping, problem);
  return mapping;
}

}  // namespace pimento::mapper
