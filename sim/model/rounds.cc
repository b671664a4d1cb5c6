// SPDX-License-Identifier: Apache-2.0
#include "sim/model/rounds.h"

#include <algorithm>

#include "arch/program/static_counts.h"
#include "sim/model/sc_time_bridge.h"

namespace pimento::sim {

Rounds::Rounds(const sc_core::sc_module_name& name, const RunContext& run)
    : sc_module(name),
      run_(run),
      unfinished_(static_cast<std::size_t>(run.program.rounds()), 0),
      waiting_(unfinished_.size()),
      writer_("writer", run.log) {
  for (const arch::Stage& stage : run.program.stages) {
    ++unfinished_[static_cast<std::size_t>(stage.round)];
  }
  const bool writes_first = std::any_of(run.program.writes.begin(), run.program.writes.end(),
                                        [](const auto& write) { return write.round == 0; });
  if (!writes_first) {
    open_ = 0;
    return;
  }
  SC_HAS_PROCESS(Rounds);
  SC_METHOD(write_first);  // once, when time begins
}

void Rounds::write(int round) {
  const sc_core::sc_time time = to_sc_time(run_.timing.writing_time(run_.program, round));
  run_.log.writing += time;
  for (std::size_t s = 0; s < run_.program.stages.size(); ++s) {
    if (run_.program.stages[s].round != round) continue;
    const int stage = static_cast<int>(s);
    for (const auto& [key, n] : arch::write_counts(run_.program, stage)) {
      run_.log.record(stage, key.action, n);
    }
  }
  writer_.put({this, {0, round}}, time);
}

void Rounds::receive(const Message& message) {
  open_ = static_cast<int>(message.number);
  for (sc_core::sc_event* event : waiting_[static_cast<std::size_t>(open_)]) {
    event->notify(sc_core::SC_ZERO_TIME);
  }
}

void Rounds::finish_stage(int stage) {
  const int round = run_.program.stages[static_cast<std::size_t>(stage)].round;
  const bool is_last = round + 1 == static_cast<int>(unfinished_.size());
  if (--unfinished_[static_cast<std::size_t>(round)] == 0 && !is_last) write(round + 1);
}

}  // namespace pimento::sim
