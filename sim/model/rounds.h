// SPDX-License-Identifier: Apache-2.0
// The rounds of a program whose weights outgrow the chip. A round opens when every stage of the one
// before it has made all images, what leaves the chip of it has left, and the arrays are written:
// all cores at the same time, each row by row. Until then its stages issue nothing, and the port
// brings nothing in for them, as buffers belong to the round that is at work.
// Where a program writes ahead, the writing for a round begins as the round before it opens, on
// cores that this one does not use, and a round opens when both are done: rounds of works w and
// writings t take t(0) + sum of max(w(r), t(r + 1)) + w(last).
// Leaves out: arrays of cores that are done early, which could be written while others still work;
// the first writing, which could go along with the last round of the run before.
#pragma once

#include <vector>

#include "sim/model/core.h"

namespace pimento::sim {

class Rounds : public sc_core::sc_module, public Receiver {
 public:
  Rounds(const sc_core::sc_module_name& name, const RunContext& run);

  [[nodiscard]] bool is_open(int round) const { return round <= open_; }
  // Told when a round opens.
  void add_waiting(int round, sc_core::sc_event* event) {
    waiting_[static_cast<std::size_t>(round)].push_back(event);
  }
  // A stage has made its last pixel of the run, and it has left the chip if it must.
  void finish_stage(int stage);

  void receive(const Message& message) override;

 private:
  void begin();
  void write(int round);
  void open(int round);
  [[nodiscard]] bool is_last(int round) const {
    return round + 1 == static_cast<int>(unfinished_.size());
  }

  const RunContext& run_;
  int open_ = -1;
  int written_ = -1;
  sc_core::sc_time idle_since_;  // the last round is done, the next one not written
  std::vector<int> unfinished_;  // stages, by round
  std::vector<std::vector<sc_core::sc_event*>> waiting_;
  Pipe writer_;
};

}  // namespace pimento::sim
