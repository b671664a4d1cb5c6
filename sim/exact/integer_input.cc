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

}  // namespace

InputGrid::InputGrid(const workloads::Layer& layer, bool is_signed) {
  const auto& quantizer = layer.input_quantizer;
  format_.bits = layer.precision.activation_bits;
  format_.is_signed = is_signed;
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

}  // namespace pimento::exact
