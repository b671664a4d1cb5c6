// SPDX-License-Identifier: Apache-2.0
#include "mapper/capacity.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace pimento::mapper {
namespace {

const std::string& name_of(const workloads::Network& network, int layer) {
  return network.layers[static_cast<std::size_t>(layer)].name;
}

}  // namespace

void Capacity::add_groups(int layer, std::int64_t count) {
  groups_ += count;
  if (groups_ <= kMostGroups) return;
  throw InputError(
      fmt::format("{}: the network needs more than {} column groups up to layer \"{}\"; enlarge "
                  "the arrays, or lower the precision",
                  chip_->file, kMostGroups, name_of(*network_, layer)));
}

void Capacity::check_macros(int layer, std::int64_t count) const {
  const arch::ChipSpec& chip = *chip_;
  const std::int64_t most =
      std::min<std::int64_t>(std::numeric_limits<int>::max(),
                             std::int64_t{chip.tiles.value_or(1 << 20)} * chip.macros_per_tile());
  if (count <= most) return;
  throw InputError(fmt::format(
      "{}: the network does not fit: layer \"{}\" needs macros up to number {}, the chip has {}; "
      "raise chip.tiles, enlarge the arrays, or lower the precision",
      chip.file, name_of(*network_, layer), count, most));
}

}  // namespace pimento::mapper
