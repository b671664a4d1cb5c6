// SPDX-License-Identifier: Apache-2.0
#include "sim/model/core.h"

#include <string>

namespace pimento::sim {

Core::Core(const sc_core::sc_module_name& name, const RunContext& run, const CorePlan& plan)
    : sc_module(name) {
  for (const auto& [stage, work] : plan) {
    const std::string bank_name = "macros_of_stage" + std::to_string(stage);
    banks_[stage] = std::make_unique<MacroBank>(bank_name.c_str(), run.chip, run.timing,
                                                run.program.stages[static_cast<std::size_t>(stage)],
                                                *work, stage, run.log);
  }
}

}  // namespace pimento::sim
