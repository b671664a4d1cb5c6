// SPDX-License-Identifier: Apache-2.0
#include "sim/model/macro_bank.h"

#include <algorithm>

#include "sim/model/sc_time_bridge.h"

namespace pimento::sim {

using arch::Action;

MacroBank::MacroBank(const sc_core::sc_module_name& name, const arch::ChipSpec& chip,
                     const Timing& timing, const arch::Stage& stage, const arch::CoreWork& work,
                     int stage_index, RunLog& log, Pipe& lane)
    : sc_module(name),
      chip_(chip),
      stage_(stage),
      work_(work),
      stage_index_(stage_index),
      log_(log),
      timing_(timing),
      lane_(lane) {
  if (!work.kept) whole_step_ = timing.read_pace(stage.input_slices * work.reads, work.max_columns);
}

// From the end of the interval to the result takes what is left of the latency. Steps without reads
// do not overtake those before them.
void MacroBank::put(const arch::Turn& turn, const Delivery& started, const Delivery& done) {
  const arch::KeptReads step = arch::work_of_step(stage_, work_, turn);
  record_step(step);
  const Pace pace = work_.kept ? timing_.read_pace(step.reads, work_.max_columns) : whole_step_;
  const sc_core::sc_time interval = to_sc_time(pace.interval);
  const sc_core::sc_time end = std::max(sc_core::sc_time_stamp(), lane_.free_at()) + interval;
  last_done_ = std::max(last_done_, end + to_sc_time(pace.latency - pace.interval));
  lane_.put(done, interval, last_done_ - end, started);
}

void MacroBank::record_step(const arch::KeptReads& step) {
  log_.record(stage_index_, Action::kInputRegisterBit, step.rows * chip_.macro.dac_bits);
  log_.record(stage_index_, Action::kInputTestBit, step.tested_bits);
  log_.record(stage_index_, Action::kRowDrive, step.rows);
  log_.record(stage_index_, Action::kCellRead, step.cells);
  log_.record(stage_index_, Action::kSample, step.columns);
  if (chip_.macro.readout == arch::Readout::kAdc) {
    log_.record(stage_index_, Action::kAdcConversion, step.columns);
  }
  log_.record(stage_index_, Action::kShiftAdd, step.columns + step.shared_columns);
  if (stage_.sums_inputs) {
    log_.record(stage_index_, Action::kInputSum, std::int64_t{stage_.input_slices} * work_.macros);
  }
  log_.record(stage_index_, Action::kOutputRegisterBit,
              work_.partial_sums * stage_.sum_bits.value());
}

}  // namespace pimento::sim
