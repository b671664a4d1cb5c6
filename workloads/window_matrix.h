// SPDX-License-Identifier: Apache-2.0
// A layer's weights as the matrix that several copies of its kernel form, each moved by one stride
// (parallel windows: SDK, VW-SDK). One product with the inputs that all copies see makes a pixel a
// copy. With one copy it is the matrix of the layer itself.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "workloads/network.h"

namespace pimento::workloads {

class WindowMatrix {
 public:
  using Pair = std::array<std::int64_t, 2>;  // height, width

  // `copies`: of the kernel, one below the other and side by side. Throws InternalError where the
  // layer cannot have them: it is no convolution, or one whose kernel has holes (dilation).
  WindowMatrix(const Network& network, int layer, const Pair& copies);

  // A row is an input that some copy sees: input channel by input channel, each window row by row.
  // A column is a copy of an output channel: channel x copies + copy. A position is a window.
  [[nodiscard]] const MatrixShape& shape() const { return shape_; }
  [[nodiscard]] const Pair& copies() const { return copies_; }
  [[nodiscard]] std::int64_t copy_count() const { return copies_[0] * copies_[1]; }
  [[nodiscard]] bool is_single() const { return copy_count() == 1; }
  // What all copies see together of one map.
  [[nodiscard]] const Pair& extent() const { return extent_; }
  // Windows along the output map, and the map itself. The last windows may reach beyond it.
  [[nodiscard]] Pair windows() const;
  [[nodiscard]] const Pair& grid() const { return grid_; }
  [[nodiscard]] const Pair& stride() const { return stride_; }

  // The row that a copy's weight meets; `weight` counts the rows of a single kernel.
  [[nodiscard]] std::int64_t row_of(std::int64_t weight, std::int64_t copy) const;
  // The output position that a copy makes in a window; -1 beyond the map.
  [[nodiscard]] std::int64_t position_of(std::int64_t window, std::int64_t copy) const;

  // Weights {groups, channels, rows of one kernel} as {groups, columns, rows}: zero where a copy
  // does not see an input.
  [[nodiscard]] std::vector<std::int32_t> unrolled(std::span<const std::int32_t> weights) const;

 private:
  MatrixShape shape_;
  Pair copies_;
  Pair kernel_{1, 1};
  Pair stride_{1, 1};
  Pair extent_{1, 1};
  Pair grid_{1, 1};
  std::int64_t kernel_rows_ = 0;  // of one kernel
};

}  // namespace pimento::workloads
