// SPDX-License-Identifier: Apache-2.0
#include "sim/model/timing.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "base/ceil_div.h"

namespace pimento::sim {
namespace {

// None where the chip has no such component, or one that never limits the speed.
std::optional<Frequency> rate_of(const arch::ComponentSlot* slot) {
  return slot == nullptr ? std::nullopt : slot->model->rate();
}

}  // namespace

Timing::Timing(const arch::ChipSpec& chip, int tiles) : chip_(chip) {
  const arch::ComponentSlot* router = chip.find(arch::Role::kRouter);
  const double share = router == nullptr ? 1.0 : router->count;
  tiles_per_router_ = std::max(1, static_cast<int>(std::lround(1.0 / share)));
  const double routers = std::ceil(double(tiles) / tiles_per_router_);
  mesh_width_ = static_cast<int>(std::ceil(std::sqrt(routers)));
}

Time Timing::conversion_time(std::int64_t max_columns) const {
  const std::optional<Frequency> rate = rate_of(chip_.find(arch::Role::kAdc));
  if (!rate) return Time{};
  return double(ceil_div(max_columns, std::max(1, chip_.macro.adcs()))) / *rate;
}

Pace Timing::read_pace(std::int64_t reads, std::int64_t max_columns) const {
  const Time read = chip_.macro.read_time;
  const Time convert = conversion_time(max_columns);
  const Time step = std::max(read, convert);
  return {step * double(reads), read + step * double(reads - 1) + convert};
}

Time Timing::writing_time(const arch::Program& program, int round) const {
  std::int64_t rows = 0;
  for (const arch::CoreWrite& write : program.writes) {
    if (write.round == round) rows = std::max(rows, write.row_writes);
  }
  return chip_.macro.write_time.value_or(Time{}) * double(rows);
}

Time Timing::move_time(arch::Role role, Bits bits) const {
  const arch::ComponentSlot* slot = chip_.find(role);
  const std::optional<Frequency> rate = rate_of(slot);
  if (!rate) return Time{};
  // A router shared by several tiles still gives each tile a port of its own.
  const double parts = std::max(1.0, slot->count);
  return double(ceil_div(bits.value(), slot->model->width().value())) / (*rate * parts);
}

Time Timing::op_time(arch::Role role, std::int64_t n) const {
  const arch::ComponentSlot* slot = chip_.find(role);
  const std::optional<Frequency> rate = rate_of(slot);
  if (!rate) return Time{};
  return double(n) / (*rate * slot->count);
}

std::int64_t Timing::routers_between(int from_tile, int to_tile) const {
  if (from_tile == to_tile) return 0;
  const int from = from_tile / tiles_per_router_;
  const int to = to_tile / tiles_per_router_;
  return std::abs(from % mesh_width_ - to % mesh_width_) +
         std::abs(from / mesh_width_ - to / mesh_width_) + 1;
}

}  // namespace pimento::sim
