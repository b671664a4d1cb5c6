// SPDX-License-Identifier: Apache-2.0
// Operators that pick values: by index, by condition, by place.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "workloads/limits.h"
#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {
namespace {

// An index counted from the front, as written by a stranger.
std::int64_t checked_index(const Call& call, std::int64_t index, std::int64_t extent) {
  if (index < -extent || index >= extent) {
    call.fail(fmt::format("index {} lies outside the {} values of its axis", index, extent));
  }
  return index < 0 ? index + extent : index;
}

// Gather ----------------------------------------------------------------------------------------

std::vector<Form> infer_gather(const Call& call) {
  expect_integers(call, {1});
  const Shape& data = call.shape(0);
  const std::int64_t axis = call.axis(call.integer("axis", 0), data.size());
  Shape shape(data.begin(), data.begin() + axis);
  shape.insert(shape.end(), call.shape(1).begin(), call.shape(1).end());
  shape.insert(shape.end(), data.begin() + axis + 1, data.end());
  return {{call.type(0), std::move(shape)}};
}

std::vector<Array> gather(const Call& call) {
  const Array& data = call.array(0);
  const Array& indices = call.array(1);
  const std::int64_t axis = call.axis(call.integer("axis", 0), data.shape.size());
  Array result = make_array(data.type, infer_gather(call)[0].shape);
  const std::int64_t extent = data.shape[static_cast<std::size_t>(axis)];
  const std::int64_t outer = element_count({data.shape.begin(), data.shape.begin() + axis});
  const std::int64_t inner = element_count({data.shape.begin() + axis + 1, data.shape.end()});
  std::int64_t target = 0;
  for (std::int64_t block = 0; block < outer; ++block) {
    for (const std::int64_t written : indices.integers) {
      const std::int64_t index = checked_index(call, written, extent);
      for (std::int64_t k = 0; k < inner; ++k) {
        copy_value(data, (block * extent + index) * inner + k, result, target++);
      }
    }
  }
  return {std::move(result)};
}

std::vector<Form> infer_gather_elements(const Call& call) {
  expect_integers(call, {1});
  if (call.shape(0).size() != call.shape(1).size()) call.fail("data and indices differ in rank");
  const auto axis =
      static_cast<std::size_t>(call.axis(call.integer("axis", 0), call.shape(0).size()));
  for (std::size_t i = 0; i < call.shape(0).size(); ++i) {
    if (i != axis && call.shape(1)[i] > call.shape(0)[i]) {
      call.fail("the indices reach beyond the data");
    }
  }
  return {{call.type(0), call.shape(1)}};
}

std::vector<Array> gather_elements(const Call& call) {
  const Array& data = call.array(0);
  const Array& indices = call.array(1);
  const auto axis = static_cast<std::size_t>(call.axis(call.integer("axis", 0), data.shape.size()));
  Array result = make_array(data.type, indices.shape);
  Shape strides = strides_of(data.shape);
  const std::int64_t stride = strides[axis];
  strides[axis] = 0;
  for_each_offset(indices.shape, strides, [&](std::int64_t i, std::int64_t base) {
    const std::int64_t index =
        checked_index(call, indices.integers[static_cast<std::size_t>(i)], data.shape[axis]);
    copy_value(data, base + index * stride, result, i);
  });
  return {std::move(result)};
}

// Where, Clip, Trilu ----------------------------------------------------------------------------

std::vector<Form> infer_where(const Call& call) {
  expect_integers(call, {0});
  expect_one_type(call, 1);
  return {{call.type(1), broadcast_inputs(call)}};
}

std::vector<Array> where(const Call& call) {
  const Shape shape = broadcast_inputs(call);
  const Array condition = broadcast_to(call.array(0), shape);
  Array result = broadcast_to(call.array(2), shape);
  const Array chosen = broadcast_to(call.array(1), shape);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    if (condition.integers[static_cast<std::size_t>(i)] != 0) copy_value(chosen, i, result, i);
  }
  return {std::move(result)};
}

std::vector<Form> same_form(const Call& call) {
  return {call.form(0)};
}

std::vector<Form> infer_clip(const Call& call) {
  expect_one_type(call);
  return {call.form(0)};
}

// The one value of an input of integers.
std::int64_t integer_of(const Call& call, int input) {
  const std::vector<std::int64_t> values = call.integers_of(input);
  if (values.size() != 1) {
    call.fail(fmt::format("input {} has {} values; expected one", input, values.size()));
  }
  return values[0];
}

template <class Value>
void clip_values(std::vector<Value>& values, Value low, Value high) {
  for (Value& value : values) {
    if (value == value) value = std::min(std::max(value, low), high);
  }
}

std::vector<Array> clip(const Call& call) {
  Array result = call.array(0);
  for (const int bound : {1, 2}) {
    if (call.has(bound) && call.array(bound).size() != 1) call.fail("a bound is no single value");
  }
  if (result.holds_integers()) {
    clip_values(result.integers,
                call.has(1) ? call.array(1).integers[0] : std::numeric_limits<std::int64_t>::min(),
                call.has(2) ? call.array(2).integers[0] : std::numeric_limits<std::int64_t>::max());
    return {std::move(result)};
  }
  constexpr double kFar = std::numeric_limits<double>::infinity();
  clip_values(result.reals, call.has(1) ? call.scalar_of(1) : call.real("min", -kFar),
              call.has(2) ? call.scalar_of(2) : call.real("max", kFar));
  return {std::move(result)};
}

// Keeps one side of a diagonal of the last two axes.
std::vector<Array> triangle(const Call& call) {
  Array result = call.array(0);
  const Shape& shape = result.shape;
  if (shape.size() < 2) call.fail("expected a matrix");
  const bool upper = call.flag("upper", true);
  const std::int64_t shift = call.has(1) ? integer_of(call, 1) : 0;
  const std::int64_t rows = shape[shape.size() - 2];
  const std::int64_t columns = shape.back();
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const std::int64_t row = i / columns % rows;
    const std::int64_t distance = i % columns - row;
    if (upper ? distance >= shift : distance <= shift) continue;
    const auto at = static_cast<std::size_t>(i);
    (result.holds_integers() ? void(result.integers[at] = 0) : void(result.reals[at] = 0.0));
  }
  return {std::move(result)};
}

// Pad -------------------------------------------------------------------------------------------

// {before, after} an axis; negative pads cut.
std::vector<std::pair<std::int64_t, std::int64_t>> pads_of(const Call& call) {
  const std::size_t rank = call.shape(0).size();
  const auto written = call.list(1, "pads");
  if (!written) call.fail("has no pads");
  std::vector<std::int64_t> axes;
  if (call.has(3)) axes = call.integers_of(3);
  for (std::size_t i = 0; !call.has(3) && i < rank; ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
  }
  if (written->size() != 2 * axes.size()) call.fail("has another number of pads than ends of axes");
  std::vector<std::pair<std::int64_t, std::int64_t>> pads(rank, {0, 0});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::pair pad{(*written)[i], (*written)[i + axes.size()]};
    for (const std::int64_t width : {pad.first, pad.second}) {
      if (width < -kMaxWindow || width > kMaxWindow) call.fail(fmt::format("pads by {}", width));
    }
    pads[static_cast<std::size_t>(call.axis(axes[i], rank))] = pad;
  }
  return pads;
}

std::vector<Form> infer_pad(const Call& call) {
  if (call.has(2) && call.type(2) != call.type(0)) {
    call.fail(fmt::format("pads {} with {}; expected one type", name_of(call.type(0)),
                          name_of(call.type(2))));
  }
  Shape shape = call.shape(0);
  const auto pads = pads_of(call);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    shape[axis] += pads[axis].first + pads[axis].second;
    if (shape[axis] < 0) call.fail("cuts off more than there is");
  }
  return {{call.type(0), std::move(shape)}};
}

// Where a place of the padded axis takes its value from, or -1 for the constant.
std::int64_t pad_source(const Call& call, const std::string& mode, std::int64_t at,
                        std::int64_t extent) {
  if (at >= 0 && at < extent) return at;
  if (mode == "constant") return -1;
  if (extent == 0) call.fail("mirrors an axis without values");
  if (mode == "edge") return std::clamp<std::int64_t>(at, 0, extent - 1);
  if (mode == "wrap") return (at % extent + extent) % extent;
  if (mode != "reflect") call.fail(fmt::format("attribute \"mode\" is \"{}\"", printable(mode)));
  const std::int64_t period = std::max<std::int64_t>(1, 2 * (extent - 1));
  const std::int64_t phase = (at % period + period) % period;
  return phase < extent ? phase : period - phase;
}

std::vector<Array> pad(const Call& call) {
  const Array& input = call.array(0);
  const auto pads = pads_of(call);
  const std::string mode = call.text("mode", "constant");
  Array filling = make_array(input.type, {});
  if (call.has(2)) {
    if (call.array(2).size() != 1) call.fail("pads with more than one value");
    copy_value(call.array(2), 0, filling, 0);
  } else if (!filling.holds_integers()) {
    filling.reals[0] = call.real("value", 0.0);
  }
  Array result = make_array(input.type, infer_pad(call)[0].shape);
  const Shape strides = strides_of(input.shape);
  std::vector<std::int64_t> at(result.shape.size(), 0);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    std::int64_t from = 0;
    for (std::size_t axis = 0; axis < at.size() && from >= 0; ++axis) {
      const std::int64_t source =
          pad_source(call, mode, at[axis] - pads[axis].first, input.shape[axis]);
      from = source < 0 ? -1 : from + source * strides[axis];
    }
    (from < 0 ? copy_value(filling, 0, result, i) : copy_value(input, from, result, i));
    for (std::size_t axis = at.size(); axis-- > 0;) {
      if (++at[axis] < result.shape[axis]) break;
      at[axis] = 0;
    }
  }
  return {std::move(result)};
}

// ArgMax, ArgMin --------------------------------------------------------------------------------

std::vector<Form> infer_arg(const Call& call) {
  Shape shape = call.shape(0);
  const auto axis = static_cast<std::size_t>(call.axis(call.integer("axis", 0), shape.size()));
  if (shape[axis] == 0) call.fail("seeks an extreme among no values");
  shape[axis] = 1;
  if (!call.flag("keepdims", true)) shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  return {{ElementType::kInt64, std::move(shape)}};
}

template <bool Largest>
std::vector<Array> arg_extreme(const Call& call) {
  const Array& input = call.array(0);
  const auto axis =
      static_cast<std::size_t>(call.axis(call.integer("axis", 0), input.shape.size()));
  const bool last = call.flag("select_last_index", false);
  Array result = make_array(ElementType::kInt64, infer_arg(call)[0].shape);
  const std::int64_t stride = strides_of(input.shape)[axis];
  const std::int64_t extent = input.shape[axis];
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const std::int64_t base = i / stride * stride * extent + i % stride;
    std::int64_t best = 0;
    for (std::int64_t k = 1; k < extent; ++k) {
      const double value = input.real(base + k * stride);
      const double champion = input.real(base + best * stride);
      if (value == champion ? last : (value > champion) == Largest) best = k;
    }
    result.integers[static_cast<std::size_t>(i)] = best;
  }
  return {std::move(result)};
}

template <bool Largest>
Operator arg_operator() {
  return {.attributes = {"axis", "keepdims", "select_last_index"},
          .work = Work::kReduce,
          .infer = infer_arg,
          .evaluate = arg_extreme<Largest>};
}

// CumSum ----------------------------------------------------------------------------------------

std::vector<Array> running_sum(const Call& call) {
  const Array& input = call.array(0);
  const auto axis = static_cast<std::size_t>(call.axis(integer_of(call, 1), input.shape.size()));
  const bool exclusive = call.flag("exclusive", false);
  const bool reverse = call.flag("reverse", false);
  Array result = make_array(input.type, input.shape);
  const std::int64_t stride = strides_of(input.shape)[axis];
  const std::int64_t extent = input.shape[axis];
  if (result.size() == 0) return {std::move(result)};
  for (std::int64_t line = 0; line < result.size() / extent; ++line) {
    const std::int64_t base = line / stride * stride * extent + line % stride;
    double real = 0.0;
    std::int64_t integer = 0;
    for (std::int64_t k = 0; k < extent; ++k) {
      const auto at = static_cast<std::size_t>(base + (reverse ? extent - 1 - k : k) * stride);
      if (input.holds_integers()) {
        const std::int64_t next = wrapping_add(integer, input.integers[at]);
        result.integers[at] = exclusive ? integer : next;
        integer = next;
      } else {
        const double next = real + input.reals[at];
        result.reals[at] = exclusive ? real : next;
        real = next;
      }
    }
  }
  settle(result);
  return {std::move(result)};
}

}  // namespace

void add_selection_operators(OperatorTable& table) {
  table.add("Gather", {.least_inputs = 2,
                       .most_inputs = 2,
                       .attributes = {"axis"},
                       .work = Work::kMove,
                       .infer = infer_gather,
                       .evaluate = gather});
  table.add("GatherElements", {.least_inputs = 2,
                               .most_inputs = 2,
                               .attributes = {"axis"},
                               .work = Work::kMove,
                               .infer = infer_gather_elements,
                               .evaluate = gather_elements});
  table.add("Where",
            {.least_inputs = 3, .most_inputs = 3, .infer = infer_where, .evaluate = where});
  table.add(
      "Clip",
      {.most_inputs = 3, .attributes = {"min", "max"}, .infer = infer_clip, .evaluate = clip});
  table.add("Trilu", {.most_inputs = 2,
                      .attributes = {"upper"},
                      .work = Work::kMove,
                      .infer = same_form,
                      .evaluate = triangle});
  table.add("Pad", {.most_inputs = 4,
                    .attributes = {"pads", "mode", "value"},
                    .work = Work::kMove,
                    .infer = infer_pad,
                    .evaluate = pad});
  table.add("ArgMax", arg_operator<true>());
  table.add("ArgMin", arg_operator<false>());
  table.add("CumSum", {.least_inputs = 2,
                       .most_inputs = 2,
                       .attributes = {"exclusive", "reverse"},
                       .infer = same_form,
                       .evaluate = running_sum});
}

}  // namespace pimento::workloads
