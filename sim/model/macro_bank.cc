// SPDX-License-Identifier: Apache-2.0
#include "sim/model/macro_bank.h"

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
      lane_(lane) {
  const Pace pace = timing.read_pace(stage.input_slices * work.reads, work.max_columns);
  interval_ = to_sc_time(pace.interval);
  drain_ = to_sc_time(pace.latency - pace.interval);
}

void MacroBank::put(const Delivery& started, const Delivery& done) {
  record_step();
  lane_.put(done, interval_, drain_, started);
}

void MacroBank::record_step() {
  const std::int64_t slices = stage_.input_slices;
  log_.record(stage_index_, Action::kInputRegisterBit, slices * work_.rows * chip_.macro.dac_bits);
  log_.record(stage_index_, Action::kRowDrive, slices * work_.rows);
  log_.record(stage_index_, Action::kCellRead, slices * work_.cells);
  log_.record(stage_index_, Action::kSample, slices * work_.columns);
  if (chip_.macro.readout == arch::Readout::kAdc) {
    log_.record(stage_index_, Action::kAdcConversion, slices * work_.columns);
  }
  log_.record(stage_index_, Action::kShiftAdd, slices * (work_.columns + work_.shared_columns));
  if (stage_.sums_inputs) log_.record(stage_index_, Action::kInputSum, slices * work_.macros);
  log_.record(stage_index_, Action::kOutputRegisterBit,
              work_.partial_sums * stage_.sum_bits.value());
}

}  // namespace pimento::sim
