// SPDX-License-Identifier: Apache-2.0
#include "sim/app/quantize.h"

#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "sim/app/progress.h"
#include "sim/app/scoring.h"
#include "workloads/archive/encodings.h"
#include "workloads/lowering/network_of.h"
#include "workloads/quantization/apply_encodings.h"
#include "workloads/quantization/post_training.h"

namespace pimento::app {

workloads::Network quantize_network(workloads::Network network, const workloads::Policy& policy,
                                    const CalibrationRequest& request) {
  if (network.graph == nullptr) {
    throw InputError(
        fmt::format("--calibrate: network \"{}\" is a description without values; "
                    "calibrate a model that has weights",
                    network.name));
  }
  workloads::apply_policy(policy, network);
  const LabelledImages images =
      read_images(request.file, *network.graph, static_cast<std::size_t>(request.images));
  workloads::PostTrainingOptions options;
  options.activations = workloads::range_rule_of(request.observer);
  options.weights = workloads::range_rule_of(request.weight_observer);
  options.per_channel = !request.per_tensor;
  options.bias_correction = request.bias_correction;
  Progress progress("calibrate");
  workloads::Network quantized = workloads::network_of(workloads::quantize_after_training(
      network, images.inputs, options,
      [&](std::size_t done, std::size_t total) { progress.update(done, total); }));
  quantized.weight_origin.file += fmt::format(
      ", quantized after training ({} activations, {} weights {}{}) on {} images of {}",
      request.observer, request.weight_observer, request.per_tensor ? "a layer" : "a channel",
      request.bias_correction ? ", biases corrected" : "", images.inputs.size(), request.file);
  quantized.validate();
  return quantized;
}

workloads::Network encode_network(const workloads::Network& network,
                                  const std::string& encodings_file) {
  if (network.graph == nullptr) {
    throw InputError(
        fmt::format("--encodings: network \"{}\" is a description without values", network.name));
  }
  const std::string content = read_file(encodings_file, workloads::kMaxEncodingsBytes);
  workloads::Network encoded = workloads::network_of(workloads::apply_encodings(
      *network.graph, workloads::read_encodings(content, encodings_file), encodings_file));
  encoded.weight_origin.file += ", encodings of " + encodings_file;
  encoded.validate();
  return encoded;
}

}  // namespace pimento::app
