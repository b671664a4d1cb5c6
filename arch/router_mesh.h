// SPDX-License-Identifier: Apache-2.0
// Where the routers of a chip stand, and how many of them lie between two tiles.
#pragma once

#include <cstdint>

#include "arch/chip_spec.h"

namespace pimento::arch {

// Routers stand row by row on the squarest mesh that holds them, each with the tiles that share it.
class RouterMesh {
 public:
  RouterMesh(const ChipSpec& chip, int tiles);

  // Packets go along x, then y, and pass one router more than they make steps. A tile that talks to
  // itself passes none.
  [[nodiscard]] std::int64_t routers_between(int from_tile, int to_tile) const;

  [[nodiscard]] int tiles_per_router() const { return tiles_per_router_; }
  [[nodiscard]] int width() const { return width_; }

 private:
  int tiles_per_router_;
  int width_;
};

}  // namespace pimento::arch
