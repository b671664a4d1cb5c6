// SPDX-License-Identifier: Apache-2.0
// Post-training quantization: a float network and calibration inputs in, a quantized graph out.
#pragma once

#include <functional>
#include <vector>

#include "workloads/network.h"
#include "workloads/quantization/observer.h"

namespace pimento::workloads {

struct PostTrainingOptions {
  RangeRule activations = RangeRule::kMinMax;
  RangeRule weights = RangeRule::kMinMax;
  bool per_channel = true;       // one weight scale an output channel, else one a layer
  bool bias_correction = false;  // shifts biases by what quantization moves a channel's mean
};

// Calibration inputs: for each, the values of the graph's inputs.
using CalibrationSet = std::vector<std::vector<Array>>;
using Progressed = std::function<void(std::size_t done, std::size_t total)>;

// Puts a quantizer of the layer's bits before the input and the weights of each layer with weights
// that has none yet; symmetric, zero at zero, unsigned where an input is never negative. The
// network must have been read from a graph and have its policy applied. Throws InputError.
[[nodiscard]] Graph quantize_after_training(const Network& network,
                                            const CalibrationSet& calibration,
                                            const PostTrainingOptions& options,
                                            const Progressed& progress = {});

}  // namespace pimento::workloads
