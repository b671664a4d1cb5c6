// SPDX-License-Identifier: Apache-2.0
// Operators that repeat values, or make them from a rule.
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {
namespace {

// Expand, Tile, ConstantOfShape, Range ----------------------------------------------------------

Shape expand_target(const Call& call) {
  const auto shape = broadcast_shape(call.shape(0), call.integers_of(1));
  if (!shape) {
    call.fail(fmt::format("{} does not expand to {}", to_string(call.shape(0)),
                          to_string(call.integers_of(1))));
  }
  return *shape;
}

std::vector<Form> infer_expand(const Call& call) {
  return {{call.type(0), expand_target(call)}};
}

std::vector<Array> expand(const Call& call) {
  return {broadcast_to(call.array(0), expand_target(call))};
}

std::vector<Form> infer_tile(const Call& call) {
  Shape shape = call.shape(0);
  const auto repeats = call.integers_of(1);
  if (repeats.size() != shape.size()) call.fail("has another number of repeats than axes");
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (repeats[axis] < 0 || __builtin_mul_overflow(shape[axis], repeats[axis], &shape[axis])) {
      call.fail(fmt::format("repeats axis {} {} times", axis, repeats[axis]));
    }
  }
  return {{call.type(0), std::move(shape)}};
}

std::vector<Array> tile(const Call& call) {
  const Array& input = call.array(0);
  Array result = make_array(input.type, infer_tile(call)[0].shape);
  const Shape own = strides_of(input.shape);
  std::vector<std::int64_t> at(input.shape.size(), 0);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    std::int64_t from = 0;
    for (std::size_t axis = 0; axis < at.size(); ++axis) {
      from += at[axis] % input.shape[axis] * own[axis];
    }
    copy_value(input, from, result, i);
    for (std::size_t axis = at.size(); axis-- > 0;) {
      if (++at[axis] < result.shape[axis]) break;
      at[axis] = 0;
    }
  }
  return {std::move(result)};
}

Array fill_value(const Call& call) {
  const Attribute* value = call.attribute("value");
  if (value == nullptr) return real_array({1}, {0.0});
  const auto* constant = std::get_if<Constant>(value);
  if (constant == nullptr || constant->size() != 1) {
    call.fail("attribute \"value\" is no tensor of one value");
  }
  return decode(*constant);
}

std::vector<Form> infer_constant_of_shape(const Call& call) {
  return {{fill_value(call).type, call.integers_of(0)}};
}

std::vector<Array> constant_of_shape(const Call& call) {
  Array value = fill_value(call);
  value.shape = {};
  return {broadcast_to(value, call.integers_of(0))};
}

std::int64_t range_length(const Call& call) {
  const double step = call.scalar_of(2);
  if (step == 0.0) call.fail("counts in steps of 0");
  const double count = std::ceil((call.scalar_of(1) - call.scalar_of(0)) / step);
  if (!(count < 0x1p31)) call.fail("counts 2^31 values or more; expected fewer");
  return count > 0.0 ? static_cast<std::int64_t>(count) : 0;
}

std::vector<Form> infer_range(const Call& call) {
  expect_one_type(call);
  return {{call.type(0), {range_length(call)}}};
}

std::vector<Array> range(const Call& call) {
  Array result = make_array(call.type(0), {range_length(call)});
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (result.holds_integers()) {
      result.integers[at] =
          wrapping_add(call.array(0).integers[0], wrapping_multiply(i, call.array(2).integers[0]));
    } else {
      result.reals[at] = call.scalar_of(0) + static_cast<double>(i) * call.scalar_of(2);
    }
  }
  settle(result);
  return {std::move(result)};
}

}  // namespace

void add_repetition_operators(OperatorTable& table) {
  table.add("Expand", {.least_inputs = 2,
                       .most_inputs = 2,
                       .work = Work::kMove,
                       .infer = infer_expand,
                       .evaluate = expand});
  table.add("Tile", {.least_inputs = 2,
                     .most_inputs = 2,
                     .work = Work::kMove,
                     .infer = infer_tile,
                     .evaluate = tile});
  table.add("ConstantOfShape", {.attributes = {"value"},
                                .work = Work::kMove,
                                .infer = infer_constant_of_shape,
                                .evaluate = constant_of_shape});
  table.add("Range", {.least_inputs = 3,
                      .most_inputs = 3,
                      .work = Work::kMove,
                      .infer = infer_range,
                      .evaluate = range});
}

}  // namespace pimento::workloads
