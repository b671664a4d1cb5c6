// SPDX-License-Identifier: Apache-2.0
// Operators that change the order of values, take some of them or put them together.
#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "workloads/limits.h"
#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"

namespace pimento::workloads {
namespace {

// Transpose -------------------------------------------------------------------------------------

std::vector<std::int64_t> permutation(const Call& call) {
  const std::size_t rank = call.shape(0).size();
  std::vector<std::int64_t> order(rank);
  std::iota(order.rbegin(), order.rend(), 0);
  const auto written = call.integers("perm");
  if (!written) return order;
  std::vector<bool> seen(rank, false);
  if (written->size() != rank) call.fail("attribute \"perm\" has another length than the data");
  for (std::size_t i = 0; i < rank; ++i) {
    order[i] = call.axis((*written)[i], rank);
    if (seen[static_cast<std::size_t>(order[i])])
      call.fail("attribute \"perm\" names an axis twice");
    seen[static_cast<std::size_t>(order[i])] = true;
  }
  return order;
}

Shape permuted(const Shape& shape, const std::vector<std::int64_t>& order) {
  Shape result;
  for (const std::int64_t axis : order) result.push_back(shape[static_cast<std::size_t>(axis)]);
  return result;
}

std::vector<Form> infer_transpose(const Call& call) {
  return {{call.type(0), permuted(call.shape(0), permutation(call))}};
}

Array transposed(const Array& input, const std::vector<std::int64_t>& order) {
  Array result = make_array(input.type, permuted(input.shape, order));
  for_each_offset(result.shape, permuted(strides_of(input.shape), order),
                  [&](std::int64_t i, std::int64_t from) { copy_value(input, from, result, i); });
  return result;
}

std::vector<Array> transpose(const Call& call) {
  return {transposed(call.array(0), permutation(call))};
}

// Concat and Split ------------------------------------------------------------------------------

std::vector<Form> infer_concat(const Call& call) {
  Shape shape = call.shape(0);
  const auto axis = static_cast<std::size_t>(
      call.axis(call.integer("axis", call.version() < 4 ? 1 : 0), shape.size()));
  for (int i = 1; i < call.input_count(); ++i) {
    Shape next = call.shape(i);
    if (next.size() != shape.size() || call.type(i) != call.type(0)) {
      call.fail(fmt::format("input {} of {} {} does not fit input 0 of {} {}", i,
                            name_of(call.type(i)), to_string(next), name_of(call.type(0)),
                            to_string(shape)));
    }
    const std::int64_t extent = next[axis];
    next[axis] = shape[axis];
    if (next != shape) {
      call.fail(fmt::format("input {} of {} does not fit the others along axis {}", i,
                            to_string(call.shape(i)), axis));
    }
    shape[axis] += extent;
  }
  return {{call.type(0), std::move(shape)}};
}

// How values lie around an axis: `outer` blocks of `extent` rows of `inner` values.
struct AxisView {
  std::int64_t outer = 1;
  std::int64_t extent = 1;
  std::int64_t inner = 1;
};

AxisView view_along(const Shape& shape, std::size_t axis) {
  AxisView view;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    (i < axis ? view.outer : i == axis ? view.extent : view.inner) *= shape[i];
  }
  return view;
}

// Copies `count` rows along an axis from one array to another.
void copy_rows(const Array& from, const AxisView& source, std::int64_t source_row, Array& to,
               const AxisView& target, std::int64_t target_row, std::int64_t count) {
  for (std::int64_t outer = 0; outer < source.outer; ++outer) {
    const std::int64_t begin = (outer * source.extent + source_row) * source.inner;
    const std::int64_t at = (outer * target.extent + target_row) * target.inner;
    const std::int64_t length = count * source.inner;
    if (from.holds_integers()) {
      std::copy_n(from.integers.begin() + begin, length, to.integers.begin() + at);
    } else {
      std::copy_n(from.reals.begin() + begin, length, to.reals.begin() + at);
    }
  }
}

std::vector<Array> concat(const Call& call) {
  const Form form = infer_concat(call)[0];
  const auto axis = static_cast<std::size_t>(
      call.axis(call.integer("axis", call.version() < 4 ? 1 : 0), form.shape.size()));
  Array result = make_array(form.type, form.shape);
  const AxisView target = view_along(form.shape, axis);
  std::int64_t row = 0;
  for (int i = 0; i < call.input_count(); ++i) {
    const Array& part = call.array(i);
    const AxisView source = view_along(part.shape, axis);
    copy_rows(part, source, 0, result, target, row, source.extent);
    row += source.extent;
  }
  return {std::move(result)};
}

std::vector<std::int64_t> split_sizes(const Call& call, std::int64_t extent) {
  auto sizes = call.list(1, "split");
  if (!sizes) {
    const std::int64_t parts = call.integer("num_outputs", call.output_count());
    if (parts < 1 || parts != call.output_count()) {
      call.fail(fmt::format("splits into {} parts and has {} outputs", parts, call.output_count()));
    }
    const std::int64_t size = (extent + parts - 1) / parts;
    sizes.emplace(static_cast<std::size_t>(parts), size);
    sizes->back() = extent - size * (parts - 1);
  }
  const bool negative =
      std::any_of(sizes->begin(), sizes->end(), [](std::int64_t size) { return size < 0; });
  const bool large =
      std::any_of(sizes->begin(), sizes->end(), [&](std::int64_t size) { return size > extent; });
  if (negative || large || std::cmp_not_equal(sizes->size(), call.output_count()) ||
      std::accumulate(sizes->begin(), sizes->end(), std::int64_t{0}) != extent) {
    call.fail(fmt::format("its parts do not add up to the extent {}", extent));
  }
  return *sizes;
}

std::vector<Form> infer_split(const Call& call) {
  Shape shape = call.shape(0);
  const auto axis = static_cast<std::size_t>(call.axis(call.integer("axis", 0), shape.size()));
  std::vector<Form> forms;
  for (const std::int64_t size : split_sizes(call, call.shape(0)[axis])) {
    shape[axis] = size;
    forms.push_back({call.type(0), shape});
  }
  return forms;
}

std::vector<Array> split(const Call& call) {
  const Array& input = call.array(0);
  const auto axis =
      static_cast<std::size_t>(call.axis(call.integer("axis", 0), input.shape.size()));
  const AxisView source = view_along(input.shape, axis);
  std::vector<Array> results;
  std::int64_t row = 0;
  for (const Form& form : infer_split(call)) {
    Array part = make_array(form.type, form.shape);
    const AxisView target = view_along(form.shape, axis);
    copy_rows(input, source, row, part, target, 0, target.extent);
    row += target.extent;
    results.push_back(std::move(part));
  }
  return results;
}

// Slice -----------------------------------------------------------------------------------------

struct SliceAxis {
  std::int64_t begin = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

SliceAxis slice_axis(const Call& call, std::int64_t extent, std::int64_t begin, std::int64_t end,
                     std::int64_t step) {
  if (step == 0) call.fail("slices with a step of 0");
  const auto bound = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
    if (at < 0) at = at < -extent ? -extent - 1 + extent : at + extent;
    return std::clamp(at, low, high);
  };
  SliceAxis slice{.begin = 0, .step = step, .count = 0};
  if (step > 0) {
    slice.begin = bound(begin, 0, extent);
    slice.count = std::max<std::int64_t>(
        0, bound(end, 0, extent) - slice.begin + std::min(step, extent + 1) - 1);
    slice.count /= std::min(step, extent + 1);
  } else {
    step = std::max(step, -extent - 1);
    slice.begin = bound(begin, -1, extent - 1);
    slice.count =
        std::max<std::int64_t>(0, slice.begin - bound(end, -1, extent - 1) - step - 1) / -step;
  }
  return slice;
}

std::vector<SliceAxis> slices_of(const Call& call) {
  const Shape& shape = call.shape(0);
  const auto begins = call.list(1, "starts");
  const auto ends = call.list(2, "ends");
  if (!begins || !ends) call.fail("has no starts or no ends");
  auto axes = call.list(3, "axes");
  if (!axes) {
    axes.emplace(begins->size());
    std::iota(axes->begin(), axes->end(), 0);
  }
  const auto steps =
      call.has(4) ? call.integers_of(4) : std::vector<std::int64_t>(begins->size(), 1);
  if (ends->size() != begins->size() || axes->size() != begins->size() ||
      steps.size() != begins->size()) {
    call.fail("its starts, ends, axes and steps have different lengths");
  }
  std::vector<SliceAxis> result;
  for (const std::int64_t extent : shape) result.push_back({0, 1, extent});
  for (std::size_t i = 0; i < begins->size(); ++i) {
    const auto axis = static_cast<std::size_t>(call.axis((*axes)[i], shape.size()));
    result[axis] = slice_axis(call, shape[axis], (*begins)[i], (*ends)[i], steps[i]);
  }
  return result;
}

std::vector<Form> infer_slice(const Call& call) {
  Shape shape;
  for (const SliceAxis& slice : slices_of(call)) shape.push_back(slice.count);
  return {{call.type(0), std::move(shape)}};
}

std::vector<Array> slice(const Call& call) {
  const Array& input = call.array(0);
  Array result = make_array(input.type, infer_slice(call)[0].shape);
  Shape strides = strides_of(input.shape);
  std::int64_t origin = 0;
  const std::vector<SliceAxis> slices = slices_of(call);
  if (result.size() == 0) return {std::move(result)};
  for (std::size_t axis = 0; axis < strides.size(); ++axis) {
    origin += slices[axis].begin * strides[axis];
    if (slices[axis].count > 1) {
      strides[axis] *= slices[axis].step;
    } else {
      strides[axis] = 0;
    }
  }
  for_each_offset(result.shape, strides, [&](std::int64_t i, std::int64_t from) {
    copy_value(input, origin + from, result, i);
  });
  return {std::move(result)};
}

// DepthToSpace, SpaceToDepth --------------------------------------------------------------------

std::int64_t block_size(const Call& call) {
  const std::int64_t size = call.integer("blocksize", 0);
  if (size < 1 || size > kMaxWindow) call.fail(fmt::format("blocksize is {}", size));
  if (call.shape(0).size() != 4) call.fail("expected data of batch x channels x height x width");
  return size;
}

// A reshape to six axes, a transpose and a reshape back.
Array shuffled(const Array& input, const Shape& opened, const std::vector<std::int64_t>& order,
               const Shape& closed) {
  Array result = input;
  result.shape = opened;
  result = transposed(result, order);
  result.shape = closed;
  return result;
}

std::vector<Form> infer_depth_to_space(const Call& call) {
  const std::int64_t block = block_size(call);
  const Shape& s = call.shape(0);
  if (s[1] % (block * block) != 0) call.fail("blocksize squared does not divide the channels");
  return {{call.type(0), {s[0], s[1] / (block * block), s[2] * block, s[3] * block}}};
}

std::vector<Array> depth_to_space(const Call& call) {
  const std::int64_t block = block_size(call);
  const Shape& s = call.shape(0);
  const Shape closed = infer_depth_to_space(call)[0].shape;
  if (call.text("mode", "DCR") == "DCR") {
    return {shuffled(call.array(0), {s[0], block, block, closed[1], s[2], s[3]}, {0, 3, 4, 1, 5, 2},
                     closed)};
  }
  return {shuffled(call.array(0), {s[0], closed[1], block, block, s[2], s[3]}, {0, 1, 4, 2, 5, 3},
                   closed)};
}

std::vector<Form> infer_space_to_depth(const Call& call) {
  const std::int64_t block = block_size(call);
  const Shape& s = call.shape(0);
  if (s[2] % block != 0 || s[3] % block != 0) call.fail("blocksize does not divide the image");
  if (block > 1 && s[2] * s[3] == 0) call.fail("divides an empty image into blocks");
  return {{call.type(0), {s[0], s[1] * block * block, s[2] / block, s[3] / block}}};
}

std::vector<Array> space_to_depth(const Call& call) {
  const std::int64_t block = block_size(call);
  const Shape& s = call.shape(0);
  const Shape closed = infer_space_to_depth(call)[0].shape;
  return {shuffled(call.array(0), {s[0], s[1], closed[2], block, closed[3], block},
                   {0, 3, 5, 1, 2, 4}, closed)};
}

constexpr int kAnyNumber = 1 << 20;

}  // namespace

void add_layout_operators(OperatorTable& table) {
  table.add("Transpose", {.attributes = {"perm"},
                          .work = Work::kMove,
                          .infer = infer_transpose,
                          .evaluate = transpose});
  table.add("Concat", {.most_inputs = kAnyNumber,
                       .attributes = {"axis"},
                       .work = Work::kMove,
                       .infer = infer_concat,
                       .evaluate = concat});
  table.add("Split", {.most_inputs = 2,
                      .most_outputs = kAnyNumber,
                      .attributes = {"axis", "split", "num_outputs"},
                      .work = Work::kMove,
                      .infer = infer_split,
                      .evaluate = split});
  table.add("Slice", {.most_inputs = 5,
                      .attributes = {"starts", "ends", "axes"},
                      .work = Work::kMove,
                      .infer = infer_slice,
                      .evaluate = slice});
  table.add("DepthToSpace", {.attributes = {"blocksize", "mode"},
                             .work = Work::kMove,
                             .infer = infer_depth_to_space,
                             .evaluate = depth_to_space});
  table.add("SpaceToDepth", {.attributes = {"blocksize"},
                             .work = Work::kMove,
                             .infer = infer_space_to_depth,
                             .evaluate = space_to_depth});
}

}  // namespace pimento::workloads
