// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "mapper/strategies/auto.h"
#include "mapper/strategies/bwq.h"
#include "mapper/strategies/dense.h"
#include "mapper/strategies/forms.h"
#include "mapper/strategies/packed.h"
#include "mapper/strategies/planes.h"
#include "mapper/strategies/reload.h"
#include "mapper/strategies/similar.h"
#include "mapper/strategies/sme.h"
#include "mapper/strategies/sparse.h"
#include "mapper/strategies/sre.h"
#include "mapper/strategies/throughput.h"
#include "mapper/strategies/windows.h"
#include "mapper/strategy.h"

namespace pimento::mapper {
namespace {

void add_layer_strategy(StrategyRegistry& registry, const std::string& name,
                        const LayerStrategy& strategy) {
  registry.add(name, [name, strategy](const MappingProblem& problem) {
    return map_layers(problem, name, strategy);
  });
}

}  // namespace

const StrategyRegistry& strategies() {
  static const StrategyRegistry kRegistry = [] {
    StrategyRegistry registry;
    registry.add("dense", map_dense);
    add_layer_strategy(registry, "planes", map_layer_planes);
    add_layer_strategy(registry, "sre", map_layer_sre);
    add_layer_strategy(registry, "sme", map_layer_sme);
    add_layer_strategy(registry, "bwq", map_layer_bwq);
    add_layer_strategy(registry, "forms", map_layer_forms);
    add_layer_strategy(registry, "similar", map_layer_similar);
    registry.add("windows", map_windows);
    registry.add("packed", map_packed);
    registry.add("area", map_area);
    registry.add("sparse", map_sparse);
    registry.add("throughput", map_throughput);
    registry.add("auto", map_auto);
    registry.add("reload", map_reload);
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
