// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"
#include "workloads/operators/window.h"

namespace pimento::workloads {
namespace {

SlidingWindow pool_window(const Call& call) {
  const auto kernel = call.integers("kernel_shape");
  if (!kernel) call.fail("attribute \"kernel_shape\" is missing");
  SlidingWindow window = read_sliding_window(call, *kernel);
  for (std::size_t axis = 0; axis < window.rank(); ++axis) {
    const std::int64_t reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    if (std::max(window.before[axis], window.after[axis]) >= reach) {
      call.fail(
          fmt::format("pad lets a window of reach {} lie wholly in the padding; use a pad "
                      "below {}",
                      reach, reach));
    }
  }
  return window;
}

Shape pooled_shape(const Call& call, const SlidingWindow& window) {
  Shape shape{call.shape(0)[0], call.shape(0)[1]};
  shape.insert(shape.end(), window.places.begin(), window.places.end());
  return shape;
}

// Visits (index of the output, first value of the map, offsets of the window within the map).
template <class Visit>
void for_each_window(const Call& call, const SlidingWindow& window, const Visit& visit) {
  const std::int64_t maps = call.shape(0)[0] * call.shape(0)[1];
  const std::int64_t area = element_count(window.extent);
  const std::int64_t places = window.place_count();
  std::vector<std::int64_t> offsets;
  for_each_place(window, [&](std::int64_t place, const std::vector<std::int64_t>& at) {
    window_offsets(window, at, offsets);
    for (std::int64_t map = 0; map < maps; ++map) visit(map * places + place, map * area, offsets);
  });
}

// MaxPool ---------------------------------------------------------------------------------------

std::vector<Form> infer_max_pool(const Call& call) {
  const Shape shape = pooled_shape(call, pool_window(call));
  return {{call.type(0), shape}, {ElementType::kInt64, shape}};
}

// The index of a value counted with the map's axes in reverse order (storage_order 1).
std::int64_t column_major(const SlidingWindow& window, std::int64_t offset) {
  std::int64_t index = 0;
  std::int64_t weight = element_count(window.extent);
  for (std::size_t axis = window.rank(); axis-- > 0;) {
    weight /= window.extent[axis];
    index += offset % window.extent[axis] * weight;
    offset /= window.extent[axis];
  }
  return index;
}

std::vector<Array> max_pool(const Call& call) {
  const Array& input = call.array(0);
  const SlidingWindow window = pool_window(call);
  const bool columns_first = call.flag("storage_order", false);
  Array result = make_array(input.type, pooled_shape(call, window));
  Array indices = make_array(ElementType::kInt64, result.shape);
  for_each_window(call, window, [&](std::int64_t i, std::int64_t map, const auto& offsets) {
    std::int64_t best = -1;
    for (const std::int64_t offset : offsets) {
      if (offset >= 0 && (best < 0 || input.real(map + offset) > input.real(map + best))) {
        best = offset;
      }
    }
    if (best < 0) call.fail("a window covers nothing but padding");
    copy_value(input, map + best, result, i);
    indices.integers[static_cast<std::size_t>(i)] =
        map + (columns_first ? column_major(window, best) : best);
  });
  return {std::move(result), std::move(indices)};
}

// AveragePool -----------------------------------------------------------------------------------

std::vector<Form> infer_average_pool(const Call& call) {
  expect_reals(call, {0});
  return {{call.type(0), pooled_shape(call, pool_window(call))}};
}

// With count_include_pad the divisor counts padding, but not what rounding up adds beyond it.
std::int64_t padded_values(const SlidingWindow& window, const std::vector<std::int64_t>& at) {
  std::int64_t count = 1;
  for (std::size_t axis = 0; axis < window.rank(); ++axis) {
    const std::int64_t start = at[axis] * window.stride[axis] - window.before[axis];
    const std::int64_t limit = window.extent[axis] + window.after[axis];
    std::int64_t inside = 0;
    for (std::int64_t k = 0; k < window.kernel[axis]; ++k) {
      if (start + k * window.dilation[axis] < limit) ++inside;
    }
    count *= inside;
  }
  return count;
}

std::vector<Array> average_pool(const Call& call) {
  const Array& input = call.array(0);
  const SlidingWindow window = pool_window(call);
  const bool counts_pad = call.flag("count_include_pad", false);
  Array result = make_array(input.type, pooled_shape(call, window));
  const std::int64_t maps = input.shape[0] * input.shape[1];
  const std::int64_t area = element_count(window.extent);
  std::vector<std::int64_t> offsets;
  for_each_place(window, [&](std::int64_t place, const std::vector<std::int64_t>& at) {
    window_offsets(window, at, offsets);
    const auto inside =
        std::count_if(offsets.begin(), offsets.end(), [](std::int64_t o) { return o >= 0; });
    const std::int64_t divisor = counts_pad ? padded_values(window, at) : inside;
    for (std::int64_t map = 0; map < maps; ++map) {
      double sum = 0.0;
      for (const std::int64_t offset : offsets) {
        if (offset >= 0) sum += input.real(map * area + offset);
      }
      result.reals[static_cast<std::size_t>(map * window.place_count() + place)] =
          sum / static_cast<double>(divisor);
    }
  });
  settle(result);
  return {std::move(result)};
}

// Global pools ----------------------------------------------------------------------------------

std::vector<Form> infer_global_pool(const Call& call) {
  expect_reals(call, {0});
  Shape shape = call.shape(0);
  if (shape.size() < 3) call.fail("expected data of batch x channels x a map");
  std::fill(shape.begin() + 2, shape.end(), 1);
  return {{call.type(0), std::move(shape)}};
}

template <bool Maximum>
std::vector<Array> global_pool(const Call& call) {
  const Array& input = call.array(0);
  Array result = make_array(input.type, infer_global_pool(call)[0].shape);
  const std::int64_t area = result.size() == 0 ? 0 : input.size() / result.size();
  for (std::int64_t map = 0; map < result.size(); ++map) {
    double total = Maximum ? -std::numeric_limits<double>::infinity() : 0.0;
    for (std::int64_t i = 0; i < area; ++i) {
      const double value = input.real(map * area + i);
      total = Maximum ? std::max(total, value) : total + value;
    }
    result.reals[static_cast<std::size_t>(map)] =
        Maximum ? total : total / static_cast<double>(area);
  }
  settle(result);
  return {std::move(result)};
}

template <bool Maximum>
Operator global_operator() {
  return {.work = Work::kReduce, .infer = infer_global_pool, .evaluate = global_pool<Maximum>};
}

}  // namespace

void add_pooling_operators(OperatorTable& table) {
  table.add("MaxPool", {.most_outputs = 2,
                        .attributes = {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads",
                                       "storage_order", "strides"},
                        .work = Work::kReduce,
                        .infer = infer_max_pool,
                        .evaluate = max_pool});
  table.add("AveragePool", {.attributes = {"auto_pad", "ceil_mode", "count_include_pad",
                                           "dilations", "kernel_shape", "pads", "strides"},
                            .work = Work::kReduce,
                            .infer = infer_average_pool,
                            .evaluate = average_pool});
  table.add("GlobalMaxPool", global_operator<true>());
  table.add("GlobalAveragePool", global_operator<false>());
}

}  // namespace pimento::workloads
