// SPDX-License-Identifier: Apache-2.0
#include "mapper/estimate.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "arch/dynamic_energy.h"
#include "arch/program/static_counts.h"
#include "arch/program/steps.h"
#include "arch/read_pace.h"
#include "mapper/traffic.h"

namespace pimento::mapper {
namespace {

Time busiest_lane(const arch::Program& program, const arch::ChipSpec& chip) {
  std::map<std::tuple<int, int, int>, Time> lanes;
  Time most;
  for (const arch::Stage& stage : program.stages) {
    const arch::Steps steps(stage);
    for (const arch::TileWork& tile : stage.tiles) {
      for (const arch::CoreWork& work : tile.cores) {
        Time& lane = lanes[{tile.tile, work.core, work.lane}];
        lane += arch::read_pace(chip, stage.input_slices * work.reads, work.max_columns).interval *
                double(steps.share(tile.replica));
        most = std::max(most, lane);
      }
    }
  }
  return most;
}

}  // namespace

Estimate estimate(const arch::Program& program, const arch::ChipSpec& chip) {
  arch::Counts counts;
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    counts.add(arch::static_counts(program, static_cast<int>(s), chip));
  }
  counts.record(arch::Action::kRouterBit, traffic_cost(program, chip));
  return {arch::dynamic_energy(chip, counts), busiest_lane(program, chip)};
}

}  // namespace pimento::mapper
