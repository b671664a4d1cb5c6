// SPDX-License-Identifier: Apache-2.0
// Counting what a mapped network's arrays are read with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arch/layout.h"
#include "sim/app/kept_reads.h"
#include "sim/app/pipeline.h"
#include "sim/app/run_images.h"
#include "sim/exact/input_counts.h"
#include "sim/report/activity_report.h"

namespace pimento::app {

// The totals of each layer, from what its rows were driven with. `network` has values; counts are
// those of the layouts, in their order. Energies are left to whoever prices.
[[nodiscard]] sim::ActivityReport measure_activity(const workloads::Network& network,
                                                   const std::vector<arch::LayerLayout>& layouts,
                                                   const arch::MacroSpec& macro,
                                                   const LabelledImages& images,
                                                   const std::vector<exact::InputCounts>& counts);

struct ActivityRun {
  sim::ActivityReport report;
  std::optional<CountedReads> reads;  // of chips that pass over inputs of zero
};
// Without executing arrays: the network runs on integers, or did so before (activity_cache.h).
// Reads that are left where zeros are passed over belong to one mapping, and are counted each time.
// Throws InputError on the user's mistakes, and on what cannot be executed.
[[nodiscard]] ActivityRun run_activity(const RunRequest& request, const Inputs& inputs,
                                       const mapper::Mapping& mapping);

}  // namespace pimento::app
