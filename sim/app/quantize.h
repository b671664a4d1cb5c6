// SPDX-License-Identifier: Apache-2.0
// Post-training quantization as commands offer it.
#pragma once

#include <string>

#include "workloads/network.h"
#include "workloads/policy.h"

namespace pimento::app {

// What --calibrate and its companions say.
struct CalibrationRequest {
  std::string file;  // .npz of inputs; empty: nothing is calibrated
  std::string observer = "minmax";
  std::string weight_observer = "minmax";
  int images = 64;
  bool per_tensor = false;
  bool bias_correction = false;
};

// The network with its float layers quantized at the policy's bits, which become its own. Throws
// InputError.
[[nodiscard]] workloads::Network quantize_network(workloads::Network network,
                                                  const workloads::Policy& policy,
                                                  const CalibrationRequest& request);

// The network with the quantizers that an encodings file names. Throws InputError.
[[nodiscard]] workloads::Network encode_network(const workloads::Network& network,
                                                const std::string& encodings_file);

}  // namespace pimento::app
