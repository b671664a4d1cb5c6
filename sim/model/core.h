// SPDX-License-Identifier: Apache-2.0
// A core: lanes of macros behind input registers. Lanes work at the same time. The macros of a lane
// serve its stages in the order of their requests, one read at a time; nothing a lane has taken
// waits for what comes behind it, so stages on one lane cannot wait for each other for ever.
// Each stage has an input register of its own that holds two steps, so that the next one is loaded
// while the macros read the one before, or while they serve another stage.
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

// What a bank of macros is for: one copy of a stage on one lane.
struct BankKey {
  int stage = 0;
  int replica = 0;
  int lane = 0;
  friend auto operator<=>(const BankKey&, const BankKey&) = default;
};
// Work of one core.
using CorePlan = std::map<BankKey, const arch::CoreWork*>;

class Core : public sc_core::sc_module {
 public:
  static constexpr int kInputRegisterSteps = 2;

  Core(const sc_core::sc_module_name& name, const RunContext& run, const CorePlan& plan);

  [[nodiscard]] MacroBank& bank(const BankKey& key) { return *banks_.at(key); }

 private:
  std::map<int, std::unique_ptr<Pipe>> lanes_;
  std::map<BankKey, std::unique_ptr<MacroBank>> banks_;
};

}  // namespace pimento::sim
