// SPDX-License-Identifier: Apache-2.0
#include "arch/timing.h"

#include <algorithm>
#include <optional>

#include "base/ceil_div.h"

namespace pimento::arch {
namespace {

// None where the chip has no such component, or one that never limits the speed.
std::optional<Frequency> rate_of(const ComponentSlot* slot) {
  return slot == nullptr ? std::nullopt : slot->model->rate();
}

}  // namespace

Time Timing::writing_time(const Program& program, int round) const {
  std::int64_t rows = 0;
  for (const CoreWrite& write : program.writes) {
    if (write.round == round) rows = std::max(rows, write.row_writes);
  }
  return chip_.macro.write_time.value_or(Time{}) * double(rows);
}

Time Timing::move_time(Role role, Bits bits) const {
  const ComponentSlot* slot = chip_.find(role);
  const std::optional<Frequency> rate = rate_of(slot);
  if (!rate) return Time{};
  // A router shared by several tiles still gives each tile a port of its own.
  const double parts = std::max(1.0, slot->count);
  return double(ceil_div(bits.value(), slot->model->width().value())) / (*rate * parts);
}

Time Timing::op_time(Role role, std::int64_t n) const {
  const ComponentSlot* slot = chip_.find(role);
  const std::optional<Frequency> rate = rate_of(slot);
  if (!rate) return Time{};
  return double(n) / (*rate * slot->count);
}

}  // namespace pimento::arch
