// SPDX-License-Identifier: Apache-2.0
// Extents of tensors.
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

}  // namespace pimento::workloads
