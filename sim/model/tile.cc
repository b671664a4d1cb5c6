// SPDX-License-Identifier: Apache-2.0
#include "sim/model/tile.h"

#include <string>

namespace pimento::sim {

Tile::Tile(const sc_core::sc_module_name& name, const RunContext& run, const TilePlan& plan)
    : sc_module(name),
      bus("bus", run.log),
      adder("adder", run.log),
      vector_unit("vector_unit", run.log),
      pooling_unit("pooling_unit", run.log),
      port("port", run.log) {
  for (const auto& [index, core_plan] : plan) {
    const std::string core_name = "core" + std::to_string(index);
    cores_[index] = std::make_unique<Core>(core_name.c_str(), run, core_plan);
  }
}

}  // namespace pimento::sim
