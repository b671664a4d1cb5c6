// SPDX-License-Identifier: Apache-2.0
// Where a chip meets the world: brings in the pixels of the network's input as its readers have
// room for them, and takes out the results. Maps that a later round reads go out and come in again
// the same way; the memory between has room for all of them. The link has its full bandwidth in
// each direction.
#pragma once

#include <vector>

#include "sim/model/rounds.h"
#include "sim/model/sequencer.h"

namespace pimento::sim {

class IoPort : public sc_core::sc_module, public Receiver {
 public:
  IoPort(const sc_core::sc_module_name& name, const RunContext& run, int images, Rounds& rounds);

  void add_reader(Sequencer& sequencer, int input);
  // The number of stages whose pixels are results, known once all are connected.
  void set_outputs(int outputs) { outputs_ = outputs; }
  [[nodiscard]] sc_core::sc_event& poke() { return poke_; }

  // Takes one pixel of a result, or of a map for later rounds.
  void take_out(const Sequencer& from, std::int64_t pixel);

  void receive(const Message& message) override;

 private:
  enum What { kBroughtIn, kTakenOut, kPutAside };
  struct Feed {
    Sequencer* reader;
    int input;
    std::int64_t total;
    std::int64_t sent = 0;
  };

  void feed();

  const RunContext& run_;
  int images_;
  Rounds& rounds_;
  int outputs_ = 0;
  Pipe in_;
  Pipe out_;
  sc_core::sc_event poke_;
  std::vector<Feed> feeds_;
  std::vector<int> outputs_done_;  // by image
};

}  // namespace pimento::sim
