// SPDX-License-Identifier: Apache-2.0
#include "sim/app/quantize.h"

#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "sim/app/progress.h"
#include "sim/app/scoring.h"
#include "workloads/archive/encodings.h"
#include "workloads/lowering/network_of.h"
#include "workloads/quantization/apply_encodings.h"
#include "workloads/quantization/post_training.h"

namespace pimento::app {
namespace {

// What was done to a graph, for reports.
void note(workloads::Graph& graph, const std::string& what) {
  graph.origin = (graph.origin.empty() ? graph.source : graph.origin) + ", " + what;
}

// Layers that have integers keep them, so the policy must ask for no other bits.
void check_policy(const workloads::Policy& policy, const workloads::Network& network) {
  bool any_float = false;
  for (const int index : network.weight_layers()) {
    const workloads::Layer& layer = network.layers[static_cast<std::size_t>(index)];
    any_float = any_float || !layer.stored;
    const int weights = layer.stored ? layer.stored->bits : layer.precision.weight_bits;
    const int inputs =
        layer.input_quantizer ? layer.input_quantizer->bits : layer.precision.activation_bits;
    const workloads::Precision kept{weights, inputs};
    if (kept == layer.precision) continue;
    throw InputError(fmt::format(
        "--calibrate: layer \"{}\" is quantized already, {} bits of weights and {} of inputs; "
        "policy \"{}\" asks for {} and {}; calibrate the float model, or name its own bits",
        printable(layer.name), weights, inputs, policy.name, layer.precision.weight_bits,
        layer.precision.activation_bits));
  }
  if (!any_float) {
    throw InputError(fmt::format(
        "--calibrate: all layers of \"{}\" have integers already; leave it out", network.source));
  }
}

}  // namespace

workloads::Network quantize_network(workloads::Network network, const workloads::Policy& policy,
                                    const CalibrationRequest& request) {
  if (network.graph == nullptr) {
    throw InputError(
        fmt::format("--calibrate: network \"{}\" is a description without values; "
                    "calibrate a model that has weights",
                    network.name));
  }
  workloads::apply_policy(policy, network);
  check_policy(policy, network);
  const LabelledImages images =
      read_images(request.file, *network.graph, static_cast<std::size_t>(request.images));
  workloads::PostTrainingOptions options;
  options.activations = workloads::range_rule_of(request.observer);
  options.weights = workloads::range_rule_of(request.weight_observer);
  options.per_channel = !request.per_tensor;
  options.bias_correction = request.bias_correction;
  Progress progress("calibrate");
  workloads::Graph graph = workloads::quantize_after_training(
      network, images.inputs, options,
      [&](std::size_t done, std::size_t total) { progress.update(done, total); });
  note(graph,
       fmt::format("quantized after training ({} activations, {} weights {}{}) on {} images of {}",
                   request.observer, request.weight_observer,
                   request.per_tensor ? "a layer" : "a channel",
                   request.bias_correction ? ", biases corrected" : "", images.inputs.size(),
                   request.file));
  workloads::Network quantized = workloads::network_of(std::move(graph));
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
  workloads::Graph graph = workloads::apply_encodings(
      *network.graph, workloads::read_encodings(content, encodings_file), encodings_file);
  note(graph, "encodings of " + encodings_file);
  workloads::Network encoded = workloads::network_of(std::move(graph));
  encoded.validate();
  return encoded;
}

}  // namespace pimento::app
