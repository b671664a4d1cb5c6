// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/integer_input.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace pimento::exact {
namespace {

using workloads::Array;

bool never_negative(const workloads::Operation& operation) {
  if (const auto* clip = std::get_if<workloads::Clip>(&operation)) return clip->min >= 0.0;
  return std::holds_alternative<workloads::Relu>(operation) ||
         std::holds_alternative<workloads::Softmax>(operation);
}

// Operations whose outputs are not negative where their inputs are not.
bool keeps_sign(const workloads::Operation& operation) {
  return std::holds_alternative<workloads::Pool>(operation) ||
         std::holds_alternative<workloads::GlobalPool>(operation) ||
         std::holds_alternative<workloads::Add>(operation) ||
         std::holds_alternative<workloads::Flatten>(operation) ||
         std::holds_alternative<workloads::Reshape>(operation) ||
         std::holds_alternative<workloads::Identity>(operation) ||
         std::holds_alternative<workloads::Clip>(operation);
}

}  // namespace

InputGrid::InputGrid(const workloads::Layer& layer, bool may_be_negative) {
  const auto& quantizer = layer.input_quantizer;
  format_.bits = layer.precision.activation_bits;
  format_.is_signed = quantizer ? quantizer->is_signed : may_be_negative;
  if (!quantizer || quantizer->bits != format_.bits || quantizer->scale.reals.empty()) return;
  if (quantizer->scale.reals.size() != 1 || quantizer->zero_point.reals.size() > 1) {
    throw InputError(fmt::format(
        "layer \"{}\": its input has a scale for every channel; executed are networks whose inputs "
        "have one a tensor",
        printable(layer.name)));
  }
  scale_ = quantizer->scale.reals[0];
  if (!quantizer->zero_point.reals.empty()) zero_point_ = quantizer->zero_point.reals[0];
}

IntegerInput InputGrid::integers(const Array& input, std::optional<double> zero_point) const {
  IntegerInput result;
  result.integers.resize(static_cast<std::size_t>(input.size()));
  result.zero_point = zero_point.value_or(zero_point_);
  const double high = std::ldexp(1.0, format_.is_signed ? format_.bits - 1 : format_.bits) - 1.0;
  const double low = format_.is_signed ? -high - 1.0 : 0.0;
  if (input.holds_integers()) {
    result.scale = scale_.value_or(1.0);
    std::transform(
        input.integers.begin(), input.integers.end(), result.integers.begin(),
        [&](std::int64_t value) {
          return static_cast<std::int32_t>(std::clamp(static_cast<double>(value), low, high));
        });
    return result;
  }
  if (scale_) {
    result.scale = *scale_;
  } else {
    double largest = 0.0;
    for (const double value : input.reals) largest = std::max(largest, std::abs(value));
    const double scale =
        workloads::round_to(workloads::ElementType::kFloat32, largest / std::max(1.0, high));
    result.scale = scale > 0.0 ? scale : 1.0;
  }
  std::transform(input.reals.begin(), input.reals.end(), result.integers.begin(),
                 [&](double value) {
                   const double steps = std::nearbyint(value / result.scale + zero_point_);
                   return static_cast<std::int32_t>(std::clamp(steps, low, high));
                 });
  return result;
}

bool may_be_negative(const workloads::Network& network, int layer, bool input_is_negative) {
  const std::vector<int>& inputs = network.layers[static_cast<std::size_t>(layer)].inputs;
  return std::any_of(inputs.begin(), inputs.end(), [&](int input) {
    if (workloads::is_network_input(input)) return input_is_negative;
    const workloads::Operation& operation =
        network.layers[static_cast<std::size_t>(input)].operation;
    if (never_negative(operation)) return false;
    return !keeps_sign(operation) || may_be_negative(network, input, input_is_negative);
  });
}

}  // namespace pimento::exact
