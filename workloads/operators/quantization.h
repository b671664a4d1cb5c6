// SPDX-License-Identifier: Apache-2.0
// Scales and zero points as the quantizing operators take them.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "workloads/graph/operator.h"

namespace pimento::workloads {

// Which scale each value of a tensor has: one for all, one an index of an axis, or one a block of
// an axis (ONNX opset 21).
class ScaleOf {
 public:
  ScaleOf(const Call& call, int scale, std::int64_t axis, std::int64_t block_size);
  // Position in the scale tensor of the value at a row-major position of input 0.
  [[nodiscard]] std::int64_t operator()(std::int64_t position) const {
    if (count_ == 1) return 0;
    const std::int64_t inner = position % inner_;
    const std::int64_t index = position / inner_ % extent_;
    if (block_ == 0) return index;
    return (position / (inner_ * extent_) * blocks_ + index / block_) * inner_ + inner;
  }

 private:
  std::int64_t count_ = 1;
  std::int64_t inner_ = 1;
  std::int64_t extent_ = 1;
  std::int64_t block_ = 0;
  std::int64_t blocks_ = 1;
};

// round(x / scale) + zero point, cut to the range of the type; ties to even, as ONNX's
// QuantizeLinear does it in 32-bit floats.
[[nodiscard]] inline std::int64_t quantize_value(double x, double scale, std::int64_t zero_point,
                                                 ElementType type) {
  const double steps = std::nearbyint(round_to(ElementType::kFloat32, x / scale));
  const double low = static_cast<double>(lowest_of(type));
  const double high = static_cast<double>(highest_of(type));
  const double value = steps + static_cast<double>(zero_point);
  if (!(value > low)) return lowest_of(type);  // not a number goes here as well
  return value < high ? static_cast<std::int64_t>(value) : highest_of(type);
}

// An integer sum as the next integers: the ratio of scales is a 32-bit float, as is its product
// with the sum. `scale` is that of the sum's unit, `to` that of the result.
[[nodiscard]] inline std::int64_t requantized_value(double sum, double scale, double to,
                                                    std::int64_t zero_point, ElementType type) {
  const double factor = round_to(ElementType::kFloat32, scale / to);
  return quantize_value(round_to(ElementType::kFloat32, sum * factor), 1.0, zero_point, type);
}

}  // namespace pimento::workloads
