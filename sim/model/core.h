// SPDX-License-Identifier: Apache-2.0
// A core: macros behind a common input register. The register holds two pixels, so that the next
// one is loaded while the macros read the one before.
#pragma once

#include <map>
#include <memory>

#include "sim/model/macro_bank.h"

namespace pimento::sim {

// What every module of a run needs to know.
struct RunContext {
  const arch::ChipSpec& chip;
  const arch::Program& program;
  const Timing& timing;
  RunLog& log;
};

// Work of one core by stage index.
using CorePlan = std::map<int, const arch::CoreWork*>;

class Core : public sc_core::sc_module {
 public:
  static constexpr int kInputRegisterPixels = 2;

  Core(const sc_core::sc_module_name& name, const RunContext& run, const CorePlan& plan);

  // The macros that serve a stage.
  [[nodiscard]] MacroBank& bank(int stage) { return *banks_.at(stage); }

 private:
  std::map<int, std::unique_ptr<MacroBank>> banks_;
};

}  // namespace pimento::sim
