// SPDX-License-Identifier: Apache-2.0
// How long things take on a chip, from its spec alone. A component the chip does not have takes no
// time.
#pragma once

#include "arch/chip_spec.h"
#include "arch/program/program.h"

namespace pimento::sim {

// A pipelined unit: it takes the next request an interval after this one and answers after the
// latency.
struct Pace {
  Time interval;
  Time latency;
};

class Timing {
 public:
  Timing(const arch::ChipSpec& chip, int tiles);

  // One pixel through macros of which the busiest takes `reads` reads of at most `max_columns`
  // columns: one for every input slice and operation unit. Reading and conversion are two steps of
  // a pipeline, joined by the sample-and-hold: the interval is reads x max(read, convert), the
  // latency read + (reads - 1) max(read, convert) + convert. The columns of an ADC are converted
  // one after the other.
  [[nodiscard]] Pace read_pace(std::int64_t reads, std::int64_t max_columns) const;
  [[nodiscard]] Time conversion_time(std::int64_t max_columns) const;

  // Writes of a round: the core with most rows, one row after the other.
  [[nodiscard]] Time writing_time(const arch::Program& program, int round) const;

  [[nodiscard]] Time bus_time(Bits bits) const { return move_time(arch::Role::kBus, bits); }
  [[nodiscard]] Time link_time(Bits bits) const { return move_time(arch::Role::kRouter, bits); }
  [[nodiscard]] Time io_time(Bits bits) const { return move_time(arch::Role::kIoLink, bits); }
  [[nodiscard]] Time add_time(std::int64_t n) const {
    return op_time(arch::Role::kTileShiftAdd, n);
  }
  [[nodiscard]] Time vector_time(std::int64_t n) const {
    return op_time(arch::Role::kVectorUnit, n);
  }
  [[nodiscard]] Time pool_time(std::int64_t n) const {
    return op_time(arch::Role::kPoolingUnit, n);
  }

  // Routers stand row by row on the squarest mesh that holds them, each with the tiles that share
  // it; packets go along x, then y, and pass one router more than they make steps. A tile that
  // talks to itself passes none.
  [[nodiscard]] std::int64_t routers_between(int from_tile, int to_tile) const;
  [[nodiscard]] Time hops_time(std::int64_t routers) const {
    return chip_.hop_time * double(routers);
  }

 private:
  [[nodiscard]] Time move_time(arch::Role role, Bits bits) const;
  [[nodiscard]] Time op_time(arch::Role role, std::int64_t n) const;

  const arch::ChipSpec& chip_;
  int tiles_per_router_;
  int mesh_width_;
};

}  // namespace pimento::sim
