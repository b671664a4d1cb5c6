// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "sim/app/pipeline.h"
#include "sim/engine/simulate.h"

namespace pimento::app {

// What values came to, where they were looked at: of the same images, without energies.
struct CountedValues {
  std::optional<sim::ActivityReport> activity;
  std::optional<sim::SkippingReport> skipping;
};

// Brings the network's, the mapper's and the simulator's figures together.
[[nodiscard]] sim::RunReport build_report(const RunRequest& request, const Inputs& inputs,
                                          const Mapped& mapped, const sim::SimulationResult& result,
                                          CountedValues values);

}  // namespace pimento::app
