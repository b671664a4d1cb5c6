// SPDX-License-Identifier: Apache-2.0
// Runs a program on the SystemC model of a chip and brings back counts and times.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/action.h"
#include "arch/chip_spec.h"
#include "arch/program/program.h"
#include "base/units.h"

namespace pimento::sim {

struct StageResult {
  arch::Counts counts;
  Time first_issue;
  Time last_done;
  // What the stage's slowest core needs for its steps when nothing stalls: its reads and
  // conversions, pipelined. Stages on one lane also need the sum of what each takes of the lane.
  Time bound;
};

struct SimulationResult {
  std::vector<StageResult> stages;  // as in the program
  std::vector<Time> image_done;     // when each image's last result was out
  Time writing;                     // of arrays, while nothing else is done
  Time hidden_writing;              // of arrays, while others work
  std::int64_t events = 0;          // messages between modules

  [[nodiscard]] Time makespan() const { return image_done.back(); }
};

// Feeds `images` images, one behind the other, into an empty chip.
// SystemC allows one simulation in the life of a process: a second call throws InternalError.
// Throws InputError when the program is not valid, SimulationError when the run gets stuck, as with
// a buffer that is too small (saying which stage waits for what), or spends its event budget,
// InternalError when the counts differ from arch::static_counts.
[[nodiscard]] SimulationResult simulate(const arch::ChipSpec& chip, const arch::Program& program,
                                        int images);

}  // namespace pimento::sim
