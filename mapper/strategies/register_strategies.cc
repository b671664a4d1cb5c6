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

void add(StrategyRegistry& registry, const std::string& name, const LayerStrategy& of_layer,
         const std::string& description) {
  registry.add(name, {[name, of_layer](const MappingProblem& problem) {
                        return map_layers(problem, name, of_layer);
                      },
                      description});
}

}  // namespace

const StrategyRegistry& strategies() {
  static const StrategyRegistry kRegistry = [] {
    StrategyRegistry all;
    add(all, "dense", map_layer_dense, "layers as matrices (im2col) on macros of their own");
    add(all, "planes", map_layer_planes, "leaves out planes, inputs, columns of zeros (BSQ)");
    add(all, "sre", map_layer_sre, "leaves out rows of zeros in stripes as wide as a unit (SRE)");
    add(all, "sme", map_layer_sme, "planes apart, the top one squeezed out without loss (SME)");
    add(all, "bwq", map_layer_bwq, "blocks of a unit's size store their own bits only (BWQ)");
    add(all, "forms", map_layer_forms, "fragments store columns of the signs they have (FORMS)");
    add(all, "similar", map_layer_similar, "columns of a band that hold the same stored once");
    add(all, "windows", map_layer_windows, "several pixels a read by parallel windows (VW-SDK)");
    all.add("packed", {map_packed, "layers share macros, with few cuts and turns"});
    all.add("area", {map_area, "layers share macros: as few of them as can be"});
    all.add("sparse", {map_sparse, "each layer by the strategy that leaves out most"});
    all.add("throughput", {map_throughput, "copies of slow layers on the macros left"});
    all.add("auto", {map_auto, "the best of several strategies, and why"});
    all.add("reload", {map_reload, "layers in rounds where the chip is too small for all"});
    return all;
  }();
  return kRegistry;
}

Mapping map_network(const MappingProblem& problem, const std::string& strategy) {
  const Strategy* found = strategies().find(strategy);
  if (found == nullptr) {
    throw InputError(fmt::format("strategy \"{}\" is not known; expected one of {}", strategy,
                                 join(strategies().names())));
  }
  problem.check();
  Mapping mapping = found->map(problem);
  verify(mapping, problem);
  return mapping;
}

}  // namespace pimento::mapper
