// SPDX-License-Identifier: Apache-2.0
// From the reads that were counted as left on a chip that passes over inputs of zero to the program
// it runs, and to what a report tells of them.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/chip_spec.h"
#include "arch/program/program.h"
#include "sim/app/run_images.h"
#include "sim/exact/read_counter.h"
#include "sim/report/skipping_report.h"
#include "workloads/network.h"

namespace pimento::app {

[[nodiscard]] inline bool skips_zeros(const arch::ChipSpec& chip) {
  return chip.macro.zero_skipping != arch::ZeroSkipping::kNone;
}

// Reads that were counted, with what there is to tell of them.
struct CountedReads {
  std::vector<exact::LayerReads> layers;  // with weights, in the network's order
  sim::SkippingReport report;
};

// Each core of the program keeps the mean of the images' reads, rounded up to whole ones. `layers`
// are those with weights, in the program's order. Throws InputError where inputs were driven in
// more phases than the program has.
void keep_reads(arch::Program& program, const std::vector<exact::LayerReads>& layers,
                const arch::ChipSpec& chip, std::int64_t images);

// What was counted over these images, with the layers' figures. `network` is the one that ran,
// `origin` that of the weights as the user gave them.
[[nodiscard]] CountedReads counted_reads(const workloads::Network& network,
                                         std::vector<exact::LayerReads> layers,
                                         const arch::ChipSpec& chip, const LabelledImages& images,
                                         const workloads::WeightOrigin& origin);

}  // namespace pimento::app
