// SPDX-License-Identifier: Apache-2.0
// Runs a program on the SystemC model of a chip and brings back counts and times.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/action.h"
#include "arch/chip_spec.h"
#include "arch/program/program.h"
#include "base/units.h"

namespace pimento::sim {

// Time between a stage's first issue and its last in which it issued nothing, by what it waited
// for. Writing of arrays and earlier rounds; pixels of its inputs; room in the buffers of its
// readers; its own macros or, for a stage of vector work, its vector unit, with the way to them.
struct StageWaits {
  Time round;
  Time input;
  Time reader;
  Time units;

  void add(const StageWaits& other) {
    round += other.round;
    input += other.input;
    reader += other.reader;
    units += other.units;
  }
};

struct StageResult {
  arch::Counts counts;
  Time first_issue;
  Time last_done;
  // What the stage's slowest core needs for its steps when nothing stalls: its reads and
  // conversions, pipelined. Stages on one lane also need the sum of what each takes of the lane.
  Time bound;
  StageWaits waits;
};

// A unit that serves requests one after the other: lanes of macros, buses, adders, vector and
// pooling units, ports, the links off the chip.
struct UnitResult {
  std::string name;         // its place: "tile3.core0.lane0"
  std::int64_t served = 0;  // requests, of which the model counts a step as one
  Time busy;
  Time queued;  // requests before their service, all added up
};

// When units were busy with what, in the order in which they took it.
struct Trace {
  struct Span {
    int unit = 0;             // of `units`
    int stage = 0;            // of the program; -1: none, as when arrays are written
    std::int64_t number = 0;  // of the step or pixel, counted over all images
    Time start;
    Time length;
  };
  std::vector<std::string> units;
  std::vector<Span> spans;
  std::int64_t dropped = 0;  // spans for which there was no room
};

struct SimulationResult {
  std::vector<StageResult> stages;  // as in the program
  std::vector<UnitResult> units;    // those that served any, in the order of tiles
  std::vector<Time> image_done;     // when each image's last result was out
  Time writing;                     // of arrays, while nothing else is done
  Time hidden_writing;              // of arrays, while others work
  std::int64_t events = 0;          // messages between modules
  Trace trace;                      // empty unless asked for

  [[nodiscard]] Time makespan() const { return image_done.back(); }
};

// Feeds `images` images, one behind the other, into an empty chip.
// SystemC allows one simulation in the life of a process: a second call throws InternalError.
// Throws InputError when the program is not valid, SimulationError when the run gets stuck, as with
// a buffer that is too small (saying which stage waits for what), or spends its event budget,
// InternalError when the counts differ from arch::static_counts.
// `traced_spans`: how many spans of work are written down, the first ones.
[[nodiscard]] SimulationResult simulate(const arch::ChipSpec& chip, const arch::Program& program,
                                        int images, std::int64_t traced_spans = 0);

}  // namespace pimento::sim
