// SPDX-License-Identifier: Apache-2.0
// The chip: the tiles a program uses, a sequencer for each of its stages, and the port to the
// world.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/model/io_port.h"

namespace pimento::sim {

class Chip : public sc_core::sc_module {
 public:
  Chip(const sc_core::sc_module_name& name, const arch::ChipSpec& spec,
       const arch::Program& program, int images, RunLog& log);

  [[nodiscard]] bool finished() const;
  // What every unfinished stage waits for, one line each.
  [[nodiscard]] std::string waiting_for() const;
  [[nodiscard]] const Timing& timing() const { return timing_; }

 private:
  void make_tiles();
  void make_sequencers(int images);
  void connect();

  Timing timing_;
  RunContext run_;
  std::map<int, std::unique_ptr<Tile>> tiles_;
  Rounds rounds_;
  IoPort io_;
  std::vector<std::unique_ptr<Sequencer>> sequencers_;
};

}  // namespace pimento::sim
