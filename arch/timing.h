// SPDX-License-Identifier: Apache-2.0
// How long things take on a chip, from its spec alone. A component the chip does not have takes no
// time.
#pragma once

#include "arch/chip_spec.h"
#include "arch/program/program.h"
#include "arch/read_pace.h"
#include "arch/router_mesh.h"

namespace pimento::arch {

class Timing {
 public:
  Timing(const ChipSpec& chip, int tiles) : chip_(chip), mesh_(chip, tiles) {}

  // As arch/read_pace.h says.
  [[nodiscard]] Pace read_pace(std::int64_t reads, std::int64_t max_columns) const {
    return arch::read_pace(chip_, reads, max_columns);
  }
  [[nodiscard]] Time conversion_time(std::int64_t max_columns) const {
    return arch::conversion_time(chip_, max_columns);
  }

  // Writes of a round: the core with most rows, one row after the other.
  [[nodiscard]] Time writing_time(const Program& program, int round) const;

  [[nodiscard]] Time bus_time(Bits bits) const { return move_time(Role::kBus, bits); }
  [[nodiscard]] Time link_time(Bits bits) const { return move_time(Role::kRouter, bits); }
  [[nodiscard]] Time io_time(Bits bits) const { return move_time(Role::kIoLink, bits); }
  [[nodiscard]] Time add_time(std::int64_t n) const { return op_time(Role::kTileShiftAdd, n); }
  [[nodiscard]] Time vector_time(std::int64_t n) const { return op_time(Role::kVectorUnit, n); }
  [[nodiscard]] Time pool_time(std::int64_t n) const { return op_time(Role::kPoolingUnit, n); }

  // As arch/router_mesh.h says.
  [[nodiscard]] std::int64_t routers_between(int from_tile, int to_tile) const {
    return mesh_.routers_between(from_tile, to_tile);
  }
  [[nodiscard]] Time hops_time(std::int64_t routers) const {
    return chip_.hop_time * double(routers);
  }

 private:
  [[nodiscard]] Time move_time(Role role, Bits bits) const;
  [[nodiscard]] Time op_time(Role role, std::int64_t n) const;

  const ChipSpec& chip_;
  RouterMesh mesh_;
};

}  // namespace pimento::arch
