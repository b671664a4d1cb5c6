// SPDX-License-Identifier: Apache-2.0
// The rounds of a program whose weights outgrow the chip. A round opens when every stage of the one
// before it has made all images, what leaves the chip of it has left, and the arrays are written:
// all cores at the same time, each row by row. Until then its stages issue nothing, and the port
// brings nothing in for them, as buffers belong to the round that is at work.
// Leaves out: arrays of cores that are done early, which could be written while others still work.
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
  void write_first() { write(0); }
  void write(int round);

  const RunContext& run_;
  int open_ = -1;
  std::vector<int> unfinished_;  // stages, by round
  std::vector<std::vector<sc_core::sc_event*>> waiting_;
  Pipe writer_;
};

}  // namespace pimento::sim
