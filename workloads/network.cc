// SPDX-License-Identifier: Apache-2.0
#include "workloads/network.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/limits.h"
#include "workloads/names.h"

namespace pimento::workloads {
namespace {

MatrixShape matrix_of(const Operation& operation, const Shape& input, const Shape& output) {
  if (const auto* conv = std::get_if<Conv>(&operation)) {
    const auto& kernel = conv->window.kernel;
    return {.groups = conv->groups,
            .rows = kernel[0] * kernel[1] * (input[0] / conv->groups),
            .columns = conv->out_channels / conv->groups,
            .positions = output[1] * output[2]};
  }
  return {.groups = 1,
          .rows = input.back(),
          .columns = std::get<Linear>(operation).out_features,
          .positions = element_count(input) / input.back()};
}

Shape weight_shape(const Operation& operation, const Shape& input) {
  if (const auto* conv = std::get_if<Conv>(&operation)) {
    return {conv->out_channels, input[0] / conv->groups, conv->window.kernel[0],
            conv->window.kernel[1]};
  }
  return {std::get<Linear>(operation).out_features, input.back()};
}

std::int64_t output_channels(const Operation& operation) {
  const auto* conv = std::get_if<Conv>(&operation);
  return conv != nullptr ? conv->out_channels : std::get<Linear>(operation).out_features;
}

void check_constant(const std::optional<Constant>& constant, const Shape& expected,
                    const char* what) {
  if (!constant || constant->shape == expected) return;
  throw InputError(fmt::format("its {} has the shape {}; expected {}", what,
                               to_string(constant->shape), to_string(expected)));
}

void check_constants(const Layer& layer, const Shape& input) {
  if (layer.has_weights()) {
    check_constant(layer.weight, weight_shape(layer.operation, input), "weight");
    if (layer.stored)
      check_constant(layer.stored->integers, weight_shape(layer.operation, input), "weight");
    check_constant(layer.bias, {output_channels(layer.operation)}, "bias");
  } else if (layer.weight || layer.bias || layer.stored) {
    throw InputError(fmt::format("{} has no weights, but values for them are given",
                                 operation_name(layer.operation)));
  }
  constexpr std::array kNames{"scale", "shift", "mean", "variance"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    check_constant(layer.batch_norm[i], {input[0]}, kNames[i]);
  }
}

// Weights and positions are below 2^40 each, so their product may leave 64 bits.
void check_macs(const MatrixShape& matrix) {
  const auto macs = checked_product(std::array{matrix.weights(), matrix.positions});
  if (!macs || *macs >= kMaxMacs) {
    throw InputError(fmt::format("{} weights at {} positions are 2^60 MACs or more; expected fewer",
                                 matrix.weights(), matrix.positions));
  }
}

std::string rule_names(const Network& network) {
  std::vector<std::string> names{"standard"};
  for (const CountingRule& rule : network.counting_rules) names.push_back(rule.name);
  return join(names);
}

[[noreturn]] void fail_unknown_rule(const Network& network, const std::string& rule_name) {
  throw InputError(
      fmt::format("network \"{}\" has no counting rule \"{}\"; it has: {}; name one of these",
                  network.name, rule_name, rule_names(network)));
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_layer(pattern, name); });
}

void check_no_dead_ends(const Network& network) {
  std::vector<bool> used(network.layers.size(), false);
  for (const Layer& layer : network.layers) {
    for (const int input : layer.inputs) {
      if (input >= 0) used[static_cast<std::size_t>(input)] = true;
    }
  }
  used.back() = true;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i] && !network.layers[i].leaves) {
      throw InputError(
          fmt::format("layer \"{}\": no later layer uses its output, and it is not the last; "
                      "connect it or remove it",
                      printable(network.layers[i].name)));
    }
  }
}

void check_totals(const Network& network) {
  std::int64_t total = 0;
  for (const int index : network.weight_layers()) {
    const Layer& layer = network.layers[static_cast<std::size_t>(index)];
    for (const int bits : {layer.precision.weight_bits, layer.precision.activation_bits}) {
      if (bits < 1 || bits > kMaxBits) {
        throw InputError(fmt::format("layer \"{}\": a precision of {} bits; expected 1 to {}",
                                     layer.name, bits, kMaxBits));
      }
    }
    const std::int64_t macs = network.macs(index);
    if (macs < 0 || macs >= kMaxMacs) {
      throw InputError(
          fmt::format("layer \"{}\": counting rule \"{}\" gives it {} MACs; expected "
                      "0 to 2^60",
                      layer.name, network.mac_rule, macs));
    }
    total += macs;  // both below 2^60
    if (total >= kMaxMacs) {
      throw InputError("the network has 2^60 MACs or more; expected fewer");
    }
  }
}

}  // namespace

std::string WeightOrigin::str() const {
  if (origin == ValueOrigin::kFile) return fmt::format("file {}", file);
  const bool is_bit_sparse = distribution == "bit_sparse";
  return fmt::format("synthetic {}{}, seed {}", distribution,
                     is_bit_sparse ? fmt::format(" ({})", bit_sparse.str()) : "", seed);
}

bool Network::has_layer(const std::string& layer_name) const {
  // Once every layer came through add(), the index knows them all; without it, adding layers would
  // take time quadratic in their number.
  if (index_.size() == layers.size()) return index_.contains(layer_name);
  return find(layer_name) >= 0;
}

int Network::add(Layer layer) {
  if (layer.name.empty()) {
    throw InputError(fmt::format("layer {} has no name; give it one", layers.size()));
  }
  if (layer.name.size() > kMaxNameLength) {
    throw InputError(fmt::format("layer {} has a name of {} characters; expected at most {}",
                                 layers.size(), layer.name.size(), kMaxNameLength));
  }
  try {
    if (has_layer(layer.name)) throw InputError("the name is taken; choose another");
    if (std::ssize(layers) >= kMaxLayers) {
      throw InputError(fmt::format("the network has more than {} layers", kMaxLayers));
    }
    std::vector<Shape> shapes;
    for (const int input : layer.inputs) {
      if (input < kNetworkInput - std::ssize(more_inputs) || input >= std::ssize(layers)) {
        throw InputError(fmt::format("its input {} is not an earlier layer", input));
      }
      shapes.push_back(shape_of(input));
    }
    layer.shape = infer_shape(layer.operation, shapes);
    if (layer.has_weights()) check_macs(matrix_of(layer.operation, shapes[0], layer.shape));
    check_constants(layer, shapes[0]);
  } catch (const InputError& error) {
    throw InputError(
        fmt::format("layer \"{}\": {}", printable(layer.name, kMaxNameLength), error.what()));
  }
  layer.has_bias = layer.has_bias || layer.bias.has_value();
  const int index = static_cast<int>(layers.size());
  index_.insert_or_assign(layer.name, index);
  layers.push_back(std::move(layer));
  return index;
}

int Network::find(const std::string& layer_name) const {
  const auto known = index_.find(layer_name);
  if (known != index_.end() && known->second < std::ssize(layers) &&
      layers[static_cast<std::size_t>(known->second)].name == layer_name) {
    return known->second;
  }
  const auto it = std::find_if(layers.begin(), layers.end(),
                               [&](const Layer& layer) { return layer.name == layer_name; });
  return it == layers.end() ? -1 : static_cast<int>(it - layers.begin());
}

const Shape& Network::shape_of(int index) const {
  if (index == kNetworkInput) return input_shape;
  if (is_network_input(index)) {
    const auto at = static_cast<std::size_t>(kNetworkInput - 1 - index);
    ensure(at < more_inputs.size(), "a network input is out of range");
    return more_inputs[at].shape;
  }
  ensure(index >= 0 && index < std::ssize(layers), "a layer index is out of range");
  return layers[static_cast<std::size_t>(index)].shape;
}

const CountingRule* Network::rule(const std::string& rule_name) const {
  const auto it = std::find_if(counting_rules.begin(), counting_rules.end(),
                               [&](const CountingRule& rule) { return rule.name == rule_name; });
  return it == counting_rules.end() ? nullptr : &*it;
}

std::vector<int> Network::weight_layers() const {
  std::vector<int> result;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].has_weights()) result.push_back(static_cast<int>(i));
  }
  return result;
}

MatrixShape Network::matrix(int index) const {
  ensure(index >= 0 && index < std::ssize(layers), "a layer index is out of range");
  const Layer& layer = layers[static_cast<std::size_t>(index)];
  ensure(layer.has_weights(), "a layer without weights has no matrix");
  return matrix_of(layer.operation, shape_of(layer.inputs.front()), layer.shape);
}

std::int64_t Network::macs(int index) const {
  const std::int64_t standard = matrix(index).macs();
  if (mac_rule == "standard") return standard;
  const CountingRule* counting = rule(mac_rule);
  if (counting == nullptr) fail_unknown_rule(*this, mac_rule);
  const auto it = counting->counted_macs.find(layers[static_cast<std::size_t>(index)].name);
  return it == counting->counted_macs.end() ? standard : it->second;
}

bool Network::is_quantized() const {
  return std::any_of(layers.begin(), layers.end(),
                     [](const Layer& layer) { return layer.stored.has_value(); });
}

std::int64_t Network::digital_macs() const {
  std::int64_t total = 0;
  for (const Layer& layer : layers) {
    if (const auto* digital = std::get_if<Digital>(&layer.operation)) total += digital->macs;
  }
  return total;
}

void Network::validate() const {
  try {
    if (input_bits < 1 || input_bits > kMaxBits) {
      throw InputError(
          fmt::format("the input has {} bits a value; expected 1 to {}", input_bits, kMaxBits));
    }
    if (std::ssize(layers) > kMaxLayers) {
      throw InputError(
          fmt::format("the network has {} layers; expected at most {}", layers.size(), kMaxLayers));
    }
    if (weight_layers().empty()) {
      throw InputError("the network has no conv or linear layer; there is nothing to map");
    }
    check_no_dead_ends(*this);
    check_totals(*this);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", source.empty() ? name : source, error.what()));
  }
}

namespace {

// Those of a quantized file may be of several widths.
std::int64_t bits_of_weights(const Layer& layer, std::int64_t weights) {
  const bool as_stored = layer.stored && layer.stored->bits == layer.precision.weight_bits;
  if (!as_stored || layer.stored->widths.reals.empty())
    return weights * layer.precision.weight_bits;
  const std::vector<double>& widths = layer.stored->widths.reals;
  const double sum = std::accumulate(widths.begin(), widths.end(), 0.0);
  return static_cast<std::int64_t>(sum) * (weights / std::ssize(widths));
}

}  // namespace

ModelSize model_size(const Network& network, const std::string& rule_name) {
  const CountingRule* rule = network.rule(rule_name);
  if (rule == nullptr && rule_name != "standard") fail_unknown_rule(network, rule_name);
  ModelSize size{.rule = rule_name};
  for (const int index : network.weight_layers()) {
    const Layer& layer = network.layers[static_cast<std::size_t>(index)];
    if (rule != nullptr && matches_any(rule->exclude, layer.name)) continue;
    const std::int64_t weights = network.matrix(index).weights();
    const bool with_bias =
        rule != nullptr && layer.has_bias && matches_any(rule->with_bias, layer.name);
    const std::int64_t biases = with_bias ? output_channels(layer.operation) : 0;
    size.parameters += weights + biases;
    size.bits += bits_of_weights(layer, weights) + biases * layer.precision.weight_bits;
  }
  return size;
}

}  // namespace pimento::workloads
