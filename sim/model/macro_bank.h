// SPDX-License-Identifier: Apache-2.0
// The macros of one core that serve one stage, or one copy of it. They are driven with the same
// inputs all together: rows are driven one input slice after the other, columns are sampled and
// held, and while the next slice is read the ADCs convert the held one and the core's shift-add
// takes the result. Leaves out: values; a read takes the same time whatever is stored. Where reads
// of zero inputs are passed over, each step has its even part of those that are left of an image.
#pragma once

#include "arch/chip_spec.h"
#include "arch/program/kept_reads.h"
#include "arch/program/program.h"
#include "sim/model/pipe.h"
#include "sim/model/timing.h"

namespace pimento::sim {

class MacroBank : public sc_core::sc_module {
 public:
  MacroBank(const sc_core::sc_module_name& name, const arch::ChipSpec& chip, const Timing& timing,
            const arch::Stage& stage, const arch::CoreWork& work, int stage_index, RunLog& log,
            Pipe& lane);

  // Takes a step of an image from the core's input register. `started` goes out when its reads
  // start, which frees the register's place, `done` when its last column sum is shifted and added.
  void put(const arch::Turn& turn, const Delivery& started, const Delivery& done);

 private:
  void record_step(const arch::KeptReads& step);

  const arch::ChipSpec& chip_;
  const arch::Stage& stage_;
  const arch::CoreWork& work_;
  int stage_index_;
  RunLog& log_;
  const Timing& timing_;
  Pipe& lane_;  // the macros' time, shared with the other stages that use them
  sc_core::sc_time last_done_;
  Pace whole_step_;  // where nothing is passed over
};

}  // namespace pimento::sim
