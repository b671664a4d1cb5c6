// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/scales.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "workloads/operators/broadcast.h"

namespace pimento::workloads {

Array filled(const Shape& shape, double value) {
  Array result = make_array(ElementType::kFloat64, shape);
  std::fill(result.reals.begin(), result.reals.end(), value);
  return result;
}

Array as_reals(const Array& array) {
  Array result = make_array(ElementType::kFloat64, array.shape);
  for (std::int64_t i = 0; i < array.size(); ++i) {
    result.reals[static_cast<std::size_t>(i)] = array.real(i);
  }
  return result;
}

Array spread(const Array& values, const Shape& shape, std::size_t axis, std::int64_t block) {
  if (values.size() == 1) return filled(shape, values.real(0));
  const std::int64_t along = axis < shape.size() ? shape[axis] : 1;
  if (block == 0 ? values.size() != along : values.shape.size() != shape.size()) {
    throw InputError(
        fmt::format("a scale or zero point of its weight has {} values; expected 1 or {}",
                    values.size(), along));
  }
  Array result = make_array(ElementType::kFloat64, shape);
  const Shape strides = strides_of(shape);
  const Shape own = strides_of(values.shape);
  const std::int64_t extent = shape.empty() ? 1 : shape[axis];
  for (std::int64_t i = 0; i < result.size(); ++i) {
    std::int64_t from = i / strides[axis] % extent;
    if (block > 0) {
      from = 0;
      for (std::size_t a = 0; a < shape.size(); ++a) {
        const std::int64_t at = i / strides[a] % shape[a];
        from += (a == axis ? at / block : at) * own[a];
      }
    }
    result.reals[static_cast<std::size_t>(i)] = values.real(from);
  }
  return result;
}

Array compressed(const Array& values) {
  Array result = values;
  for (std::size_t axis = 0; axis < result.shape.size(); ++axis) {
    const std::int64_t extent = result.shape[axis];
    if (extent <= 1) continue;
    Shape head = result.shape;
    head[axis] = 1;
    Array first = make_array(result.type, head);
    const Shape strides = strides_of(result.shape);
    for_each_offset(head, strides,
                    [&](std::int64_t i, std::int64_t from) { copy_value(result, from, first, i); });
    if (broadcast_to(first, result.shape).reals == result.reals) result = std::move(first);
  }
  return result;
}

}  // namespace pimento::workloads
