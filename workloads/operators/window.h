// SPDX-License-Identifier: Apache-2.0
// Windows sliding over maps of any number of dimensions, as Conv and the pools of ONNX place them.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "workloads/graph/operator.h"

namespace pimento::workloads {

struct SlidingWindow {
  std::vector<std::int64_t> extent;  // of the map, along each spatial axis
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> dilation;
  std::vector<std::int64_t> before;  // padding
  std::vector<std::int64_t> after;
  std::vector<std::int64_t> places;  // positions of the window along each axis

  [[nodiscard]] std::size_t rank() const { return extent.size(); }
  [[nodiscard]] std::int64_t place_count() const { return element_count(places); }
  [[nodiscard]] std::int64_t kernel_size() const { return element_count(kernel); }
};

// The attributes strides, dilations, pads, auto_pad and ceil_mode of a node whose first input is
// batch x channels x map. Throws InputError when the window does not fit.
[[nodiscard]] SlidingWindow read_sliding_window(const Call& call, std::vector<std::int64_t> kernel);

// Offsets of the window's values within one map at a place, -1 for padding, in row-major order.
// `at` is the place along each axis.
void window_offsets(const SlidingWindow& window, const std::vector<std::int64_t>& at,
                    std::vector<std::int64_t>& offsets);

// Calls visit(number of the place, its coordinates) for all places in row-major order.
template <class Visit>
void for_each_place(const SlidingWindow& window, const Visit& visit) {
  std::vector<std::int64_t> at(window.rank(), 0);
  const std::int64_t count = window.place_count();
  for (std::int64_t place = 0; place < count; ++place) {
    visit(place, at);
    for (std::size_t axis = at.size(); axis-- > 0;) {
      if (++at[axis] < window.places[axis]) break;
      at[axis] = 0;
    }
  }
}

}  // namespace pimento::workloads
