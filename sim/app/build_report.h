// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "sim/app/pipeline.h"
#include "sim/engine/simulate.h"

namespace pimento::app {

// Brings the network's, the mapper's and the simulator's figures together. `activity`, where values
// were counted: of the same images, without energies.
[[nodiscard]] sim::RunReport build_report(const RunRequest& request, const Inputs& inputs,
                                          const Mapped& mapped, const sim::SimulationResult& result,
                                          std::optional<sim::ActivityReport> activity);

}  // namespace pimento::app
