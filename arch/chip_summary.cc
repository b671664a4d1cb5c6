// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_spec.h"

namespace pimento::arch {

std::vector<LevelSummary> summarize(const ChipSpec& chip, int tile_count) {
  const int children[] = {0, chip.macros_per_core, chip.cores_per_tile, tile_count};
  std::vector<LevelSummary> levels;
  for (const Level level : {Level::kMacro, Level::kCore, Level::kTile, Level::kChip}) {
    LevelSummary sum;
    sum.level = level;
    sum.children = children[static_cast<int>(level)];
    if (!levels.empty()) {
      sum.area = levels.back().area * double(sum.children);
      sum.peak_power = levels.back().peak_power * double(sum.children);
      sum.static_power = levels.back().static_power * double(sum.children);
    }
    for (const ComponentSlot& slot : chip.components) {
      if (info(slot.role).level != level) continue;
      sum.area += slot.model->area() * slot.count;
      sum.peak_power += slot.model->peak_power() * slot.count;
      sum.static_power += slot.model->static_power() * slot.count;
    }
    levels.push_back(sum);
  }
  return levels;
}

}  // namespace pimento::arch
