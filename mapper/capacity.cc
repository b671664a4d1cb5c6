// SPDX-License-Identifier: Apache-2.0
#include "mapper/capacity.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace pimento::mapper {
namespace {

const std::string& name_of(const MappingProblem& problem, int layer) {
  return problem.network.layers[static_cast<std::size_t>(layer)].name;
}

}  // namespace

void Capacity::add_groups(int layer, std::int64_t count) {
  groups_ += count;
  if (groups_ <= kMostGroups) return;
  throw InputError(
      fmt::format("{}: the network needs more than {} column groups up to layer \"{}\"; enlarge "
                  "the arrays, or lower the precision",
                  problem_->chip.file, kMostGroups, name_of(*problem_, layer)));
}

void Capacity::check_macros(int layer, std::int64_t count) const {
  const arch::ChipSpec& chip = problem_->chip;
  const std::int64_t most =
      std::min<std::int64_t>(std::numeric_limits<int>::max(),
                             std::int64_t{chip.tiles.value_or(1 << 20)} * chip.macros_per_tile());
  if (count <= most) return;
  throw InputError(fmt::format(
      "{}: the network does not fit: layer \"{}\" needs macros up to number {}, the chip has {}; "
      "raise chip.tiles, enlarge the arrays, or lower the precision",
      chip.file, name_of(*problem_, layer), count, most));
}

}  // namespace pimento::mapper
