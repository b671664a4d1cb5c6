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
  if (!writes_first) open_ = written_ = 0;
  SC_HAS_PROCESS(Rounds);
  SC_METHOD(begin);  // once, when time begins
}

void Rounds::begin() {
  if (open_ < 0) {
    write(0);
  } else if (run_.program.writes_ahead && !is_last(open_)) {
    write(open_ + 1);
  }
}

void Rounds::write(int round) {
  const sc_core::sc_time time = to_sc_time(run_.timing.writing_time(run_.program, round));
  run_.log.written += time;
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
  written_ = static_cast<int>(message.number);
  if (open_ < 0 || unfinished_[static_cast<std::size_t>(open_)] == 0) open(written_);
}

void Rounds::open(int round) {
  open_ = round;
  run_.log.writing += sc_core::sc_time_stamp() - idle_since_;
  for (sc_core::sc_event* event : waiting_[static_cast<std::size_t>(round)]) {
    event->notify(sc_core::SC_ZERO_TIME);
  }
  if (run_.program.writes_ahead && !is_last(round)) write(round + 1);
}

void Rounds::finish_stage(int stage) {
  const int round = run_.program.stages[static_cast<std::size_t>(stage)].round;
  if (--unfinished_[static_cast<std::size_t>(round)] > 0 || is_last(round)) return;
  idle_since_ = sc_core::sc_time_stamp();
  if (!run_.program.writes_ahead) {
    write(round + 1);
  } else if (written_ > round) {
    open(round + 1);
  }
}

}  // namespace pimento::sim
