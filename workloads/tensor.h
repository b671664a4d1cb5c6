// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace pimento::workloads {

// Extents without the batch: {channels, height, width} for images, {features} for vectors.
using Shape = std::vector<std::int64_t>;

[[nodiscard]] inline std::int64_t element_count(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

// "3x224x224".
[[nodiscard]] std::string to_string(const Shape& shape);

// Constant values, row-major. Weights of a convolution are {out, in / groups, height, width},
// of a linear layer {out, in}.
struct Tensor {
  Shape shape;
  std::vector<float> values;
};

}  // namespace pimento::workloads
