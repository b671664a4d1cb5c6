// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/pipeline.h"
#include "sim/engine/simulate.h"

namespace pimento::app {

// Brings the network's, the mapper's and the simulator's figures together.
[[nodiscard]] sim::RunReport build_report(const RunRequest& request, const Inputs& inputs,
                                          const Mapped& mapped,
                                          const sim::SimulationResult& result);

}  // namespace pimento::app
