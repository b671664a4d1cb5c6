// SPDX-License-Identifier: Apache-2.0
#include "sim/model/core.h"

#include <fmt/format.h>

namespace pimento::sim {

Core::Core(const sc_core::sc_module_name& name, const RunContext& run, const CorePlan& plan)
    : sc_module(name) {
  for (const auto& [key, work] : plan) {
    std::unique_ptr<Pipe>& lane = lanes_[key.lane];
    if (lane == nullptr) {
      lane = std::make_unique<Pipe>(fmt::format("lane{}", key.lane).c_str(), run.log);
    }
    const std::string bank_name =
        fmt::format("macros_of_stage{}_{}_{}", key.stage, key.replica, key.lane);
    banks_[key] = std::make_unique<MacroBank>(
        bank_name.c_str(), run.chip, run.timing,
        run.program.stages[static_cast<std::size_t>(key.stage)], *work, key.stage, run.log, *lane);
  }
}

}  // namespace pimento::sim
