// SPDX-License-Identifier: Apache-2.0
#include "workloads/window_matrix.h"

#include <variant>

#include "base/ceil_div.h"
#include "base/error.h"

namespace pimento::workloads {

WindowMatrix::WindowMatrix(const Network& network, int layer, const Pair& copies)
    : shape_(network.matrix(layer)), copies_(copies), kernel_rows_(shape_.rows) {
  grid_ = {1, shape_.positions};
  if (is_single()) return;
  const Layer& source = network.layers[static_cast<std::size_t>(layer)];
  ensure(std::holds_alternative<Conv>(source.operation) && copies[0] >= 1 && copies[1] >= 1,
         "a layer has copies of its kernel side by side that cannot have them");
  const Window& window = std::get<Conv>(source.operation).window;
  ensure(window.dilation == Pair{1, 1}, "a kernel with holes has copies side by side");
  kernel_ = window.kernel;
  stride_ = window.stride;
  grid_ = {source.shape[1], source.shape[2]};
  for (std::size_t i = 0; i < 2; ++i) extent_[i] = (copies[i] - 1) * stride_[i] + kernel_[i];
  shape_.rows = kernel_rows_ / (kernel_[0] * kernel_[1]) * (extent_[0] * extent_[1]);
  shape_.columns *= copy_count();
  shape_.positions = windows()[0] * windows()[1];
}

WindowMatrix::Pair WindowMatrix::windows() const {
  return {ceil_div(grid_[0], copies_[0]), ceil_div(grid_[1], copies_[1])};
}

std::int64_t WindowMatrix::row_of(std::int64_t weight, std::int64_t copy) const {
  if (is_single()) return weight;
  const std::int64_t area = kernel_[0] * kernel_[1];
  const std::int64_t map = weight / area;
  const std::int64_t y = weight % area / kernel_[1] + copy / copies_[1] * stride_[0];
  const std::int64_t x = weight % kernel_[1] + copy % copies_[1] * stride_[1];
  return (map * extent_[0] + y) * extent_[1] + x;
}

std::int64_t WindowMatrix::position_of(std::int64_t window, std::int64_t copy) const {
  const std::int64_t across = windows()[1];
  const std::int64_t y = window / across * copies_[0] + copy / copies_[1];
  const std::int64_t x = window % across * copies_[1] + copy % copies_[1];
  return y < grid_[0] && x < grid_[1] ? y * grid_[1] + x : -1;
}

std::vector<std::int32_t> WindowMatrix::unrolled(std::span<const std::int32_t> weights) const {
  if (is_single()) return {weights.begin(), weights.end()};
  std::vector<std::int32_t> result(static_cast<std::size_t>(shape_.weights()), 0);
  const std::int64_t channels = std::ssize(weights) / kernel_rows_;  // of all groups
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const std::int32_t* from = weights.data() + channel * kernel_rows_;
    for (std::int64_t copy = 0; copy < copy_count(); ++copy) {
      std::int32_t* to = result.data() + (channel * copy_count() + copy) * shape_.rows;
      for (std::int64_t w = 0; w < kernel_rows_; ++w) to[row_of(w, copy)] = from[w];
    }
  }
  return result;
}

}  // namespace pimento::workloads
