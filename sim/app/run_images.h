// SPDX-License-Identifier: Apache-2.0
// The images whose values a run executes or counts.
#pragma once

#include <string>

#include "sim/app/scoring.h"
#include "workloads/network.h"

namespace pimento::app {

// The first `count` images of a file; without one those that travel with an embedded network, else
// drawn ones. The network has a graph. Throws InputError where there are fewer.
[[nodiscard]] LabelledImages find_images(const std::string& file, const workloads::Network& network,
                                         std::size_t count);

// Whether any value lies below zero.
[[nodiscard]] bool has_negative(const LabelledImages& images);

// "values of 8 images, real", or which of inputs and weights are synthetic.
[[nodiscard]] std::string describe_values(const LabelledImages& images,
                                          const workloads::WeightOrigin& weights);

}  // namespace pimento::app
