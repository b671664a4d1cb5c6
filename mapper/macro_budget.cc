// SPDX-License-Identifier: Apache-2.0
#include "mapper/macro_budget.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/ceil_div.h"

namespace pimento::mapper {
namespace {

// What a mapping may hold in memory: a gigabyte.
constexpr std::int64_t kMostGroups = std::int64_t{1} << 23;

}  // namespace

const std::string& MacroBudget::name(int layer) const {
  return problem_.network.layers[static_cast<std::size_t>(layer)].name;
}

void MacroBudget::start_core() {
  const int per_core = problem_.chip.macros_per_core;
  next_ = ceil_div(next_, per_core) * per_core;
}

int MacroBudget::take(int layer) {
  const arch::ChipSpec& chip = problem_.chip;
  const std::int64_t most =
      std::min<std::int64_t>(std::numeric_limits<int>::max(),
                             std::int64_t{chip.tiles.value_or(1 << 20)} * chip.macros_per_tile());
  if (next_ >= most) {
    throw InputError(fmt::format(
        "{}: the network does not fit: layer \"{}\" needs macros beyond number {}, the last the "
        "chip has; raise chip.tiles, enlarge the arrays, or lower the precision",
        chip.file, name(layer), most));
  }
  return static_cast<int>(next_++);
}

void MacroBudget::note_groups(int layer, std::int64_t groups) {
  groups_ += groups;
  if (groups_ <= kMostGroups) return;
  throw InputError(
      fmt::format("{}: the network needs more than {} column groups up to layer \"{}\"; enlarge "
                  "the arrays, or lower the precision",
                  problem_.chip.file, kMostGroups, name(layer)));
}

}  // namespace pimento::mapper
