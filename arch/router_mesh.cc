// SPDX-License-Identifier: Apache-2.0
#include "arch/router_mesh.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace pimento::arch {

RouterMesh::RouterMesh(const ChipSpec& chip, int tiles) {
  const ComponentSlot* router = chip.find(Role::kRouter);
  const double share = router == nullptr ? 1.0 : router->count;
  tiles_per_router_ = std::max(1, static_cast<int>(std::lround(1.0 / share)));
  const double routers = std::ceil(double(tiles) / tiles_per_router_);
  width_ = static_cast<int>(std::ceil(std::sqrt(routers)));
}

std::int64_t RouterMesh::routers_between(int from_tile, int to_tile) const {
  if (from_tile == to_tile) return 0;
  const int from = from_tile / tiles_per_router_;
  const int to = to_tile / tiles_per_router_;
  return std::abs(from % width_ - to % width_) + std::abs(from / width_ - to / width_) + 1;
}

}  // namespace pimento::arch
