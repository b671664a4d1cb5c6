// SPDX-License-Identifier: Apache-2.0
#include "workloads/operators/broadcast.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"

namespace pimento::workloads {

Shape strides_of(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) {
    strides[axis - 1] = strides[axis] * shape[axis];
  }
  return strides;
}

std::optional<Shape> broadcast_shape(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()), 1);
  const auto extent = [&](const Shape& shape, std::size_t axis) {
    const std::size_t missing = result.size() - shape.size();
    return axis < missing ? std::int64_t{1} : shape[axis - missing];
  };
  for (std::size_t axis = 0; axis < result.size(); ++axis) {
    const std::int64_t left = extent(a, axis);
    const std::int64_t right = extent(b, axis);
    if (left != right && left != 1 && right != 1) return std::nullopt;
    result[axis] = left == 1 ? right : left;
  }
  return result;
}

Shape broadcast_inputs(const Call& call, int first) {
  Shape result = call.shape(first);
  for (int i = first + 1; i < call.input_count(); ++i) {
    if (!call.has(i)) continue;
    auto next = broadcast_shape(result, call.shape(i));
    if (!next) {
      call.fail(fmt::format("the shapes {} and {} of its inputs do not fit each other",
                            to_string(result), to_string(call.shape(i))));
    }
    result = std::move(*next);
  }
  return result;
}

Shape broadcast_strides(const Shape& shape, const Shape& target) {
  ensure(shape.size() <= target.size(), "a tensor is broadcast to a lower rank");
  const Shape own = strides_of(shape);
  Shape result(target.size(), 0);
  const std::size_t missing = target.size() - shape.size();
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] != 1) result[missing + axis] = own[axis];
  }
  return result;
}

Array broadcast_to(const Array& array, const Shape& target) {
  if (array.shape == target) return array;
  Array result = make_array(array.type, target);
  for_each_offset(target, broadcast_strides(array.shape, target),
                  [&](std::int64_t i, std::int64_t from) { copy_value(array, from, result, i); });
  return result;
}

void settle(Array& array) {
  if (array.holds_integers()) {
    if (array.type == ElementType::kInt64) return;
    for (std::int64_t& value : array.integers) value = wrap_to(array.type, value);
  } else if (array.type != ElementType::kFloat64) {
    for (double& value : array.reals) value = round_to(array.type, value);
  }
}

}  // namespace pimento::workloads
