// SPDX-License-Identifier: Apache-2.0
#include "mapper/estimate.h"

#include "arch/dynamic_energy.h"
#include "arch/program/static_counts.h"
#include "arch/program/unit_times.h"
#include "mapper/traffic.h"

namespace pimento::mapper {
Estimate estimate(const arch::Program& program, const arch::ChipSpec& chip) {
  arch::Counts counts;
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    counts.add(arch::static_counts(program, static_cast<int>(s), chip));
  }
  counts.record(arch::Action::kRouterBit, traffic_cost(program, chip));
  return {arch::dynamic_energy(chip, counts), arch::pacemaker(program, chip).interval};
}

}  // namespace pimento::mapper
