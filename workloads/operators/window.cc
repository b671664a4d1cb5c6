// SPDX-License-Identifier: Apache-2.0
#include "workloads/operators/window.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

std::vector<std::int64_t> steps(const Call& call, const std::string& name, std::size_t rank,
                                std::int64_t otherwise, std::int64_t least) {
  auto values = call.integers(name);
  if (!values || values->empty()) return std::vector<std::int64_t>(rank, otherwise);
  if (values->size() != rank) {
    call.fail(
        fmt::format("attribute \"{}\" has {} values; expected {}", name, values->size(), rank));
  }
  for (const std::int64_t value : *values) {
    if (value < least || value > kMaxWindow) {
      call.fail(fmt::format("attribute \"{}\" holds {}; expected {} to {}", name, value, least,
                            kMaxWindow));
    }
  }
  return *values;
}

std::int64_t reach_of(const SlidingWindow& window, std::size_t axis) {
  return window.dilation[axis] * (window.kernel[axis] - 1) + 1;
}

// Padding for an output of ceil(extent / stride), the odd one at the end or at the beginning.
void pad_to_same(SlidingWindow& window, std::size_t axis, bool more_at_end) {
  const std::int64_t extent = window.extent[axis];
  const std::int64_t stride = window.stride[axis];
  const std::int64_t places = (extent + stride - 1) / stride;
  const std::int64_t total =
      std::max<std::int64_t>((places - 1) * stride + reach_of(window, axis) - extent, 0);
  window.before[axis] = more_at_end ? total / 2 : total - total / 2;
  window.after[axis] = total - window.before[axis];
}

void read_padding(const Call& call, SlidingWindow& window) {
  const std::size_t rank = window.rank();
  const std::vector<std::int64_t> pads = steps(call, "pads", 2 * rank, 0, 0);
  window.before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
  window.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());
  const std::string mode = call.text("auto_pad", "NOTSET");
  if (mode == "NOTSET") return;
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER" && mode != "VALID") {
    call.fail(
        fmt::format("attribute \"auto_pad\" is \"{}\"; expected NOTSET, SAME_UPPER, "
                    "SAME_LOWER or VALID",
                    printable(mode)));
  }
  if (std::any_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad != 0; })) {
    call.fail(fmt::format(
        "attribute \"pads\" is given beside auto_pad \"{}\"; expected one of them", mode));
  }
  for (std::size_t axis = 0; axis < rank && mode != "VALID"; ++axis) {
    pad_to_same(window, axis, mode == "SAME_UPPER");
  }
}

// Rounding up leaves out a last window that would start in the trailing padding, as PyTorch does.
std::int64_t places_of(const Call& call, const SlidingWindow& window, std::size_t axis,
                       bool round_up) {
  const std::int64_t extent = window.extent[axis];
  const std::int64_t padded = extent + window.before[axis] + window.after[axis];
  const std::int64_t room = padded - reach_of(window, axis);
  if (room < 0) {
    call.fail(
        fmt::format("the window reaches over {} places of axis {}, but the padded input has "
                    "{}; use a smaller kernel or more pad",
                    reach_of(window, axis), axis, padded));
  }
  const std::int64_t stride = window.stride[axis];
  if (!round_up) return room / stride + 1;
  const std::int64_t places = (room + stride - 1) / stride + 1;
  return (places - 1) * stride >= extent + window.before[axis] ? places - 1 : places;
}

}  // namespace

SlidingWindow read_sliding_window(const Call& call, std::vector<std::int64_t> kernel) {
  const Shape& shape = call.shape(0);
  if (shape.size() < 3) {
    call.fail(
        fmt::format("its input has the shape {}; expected batch x channels x a map of one "
                    "dimension or more",
                    to_string(shape)));
  }
  SlidingWindow window;
  window.extent.assign(shape.begin() + 2, shape.end());
  window.kernel = std::move(kernel);
  const std::size_t rank = window.rank();
  if (window.kernel.size() != rank) {
    call.fail(
        fmt::format("its kernel has {} dimensions and its input {}", window.kernel.size(), rank));
  }
  for (const std::int64_t extent : window.kernel) {
    if (extent < 1 || extent > kMaxWindow) {
      call.fail(
          fmt::format("its kernel has an extent of {}; expected 1 to {}", extent, kMaxWindow));
    }
  }
  window.stride = steps(call, "strides", rank, 1, 1);
  window.dilation = steps(call, "dilations", rank, 1, 1);
  read_padding(call, window);
  const bool round_up =
      call.flag("ceil_mode", false) && call.text("auto_pad", "NOTSET") == "NOTSET";
  for (std::size_t axis = 0; axis < rank; ++axis) {
    window.places.push_back(places_of(call, window, axis, round_up));
  }
  return window;
}

void window_offsets(const SlidingWindow& window, const std::vector<std::int64_t>& at,
                    std::vector<std::int64_t>& offsets) {
  offsets.assign(1, 0);
  for (std::size_t axis = 0; axis < window.rank(); ++axis) {
    const std::int64_t start = at[axis] * window.stride[axis] - window.before[axis];
    std::vector<std::int64_t> next;
    next.reserve(offsets.size() * static_cast<std::size_t>(window.kernel[axis]));
    for (const std::int64_t offset : offsets) {
      for (std::int64_t k = 0; k < window.kernel[axis]; ++k) {
        const std::int64_t place = start + k * window.dilation[axis];
        const bool inside = offset >= 0 && place >= 0 && place < window.extent[axis];
        next.push_back(inside ? offset * window.extent[axis] + place : -1);
      }
    }
    offsets.swap(next);
  }
}

}  // namespace pimento::workloads
