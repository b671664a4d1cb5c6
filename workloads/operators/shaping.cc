// SPDX-License-Identifier: Apache-2.0
// Operators that change shapes and types: each value stays where it is.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "workloads/limits.h"
#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"

namespace pimento::workloads {
namespace {

std::vector<Array> reshaped(const Call& call, Shape shape) {
  Array result = call.array(0);
  result.shape = std::move(shape);
  return {std::move(result)};
}

// Shape and Size -------------------------------------------------------------------------------

// From opset 15 on, a slice of the shape.
std::pair<std::int64_t, std::int64_t> shape_range(const Call& call) {
  const auto rank = std::ssize(call.shape(0));
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t begin = bound(call.integer("start", 0));
  return {begin, std::max(begin, bound(call.integer("end", rank)))};
}

std::vector<Form> infer_shape_of(const Call& call) {
  const auto [begin, end] = shape_range(call);
  return {{ElementType::kInt64, {end - begin}}};
}

std::vector<Array> shape_of(const Call& call) {
  const auto [begin, end] = shape_range(call);
  const Shape& shape = call.shape(0);
  return {integer_array({end - begin}, {shape.begin() + begin, shape.begin() + end})};
}

std::vector<Form> infer_size(const Call&) {
  return {{ElementType::kInt64, {}}};
}

std::vector<Array> size(const Call& call) {
  return {integer_array({}, {element_count(call.shape(0))})};
}

// Reshape, Flatten, Squeeze, Unsqueeze ----------------------------------------------------------

Shape reshape_target(const Call& call) {
  const auto wanted = call.list(1, "shape");
  if (!wanted) call.fail("has no shape to reshape to");
  const Shape& input = call.shape(0);
  const bool zero_is_zero = call.flag("allowzero", false);
  Shape result = *wanted;
  std::int64_t known = 1;
  std::size_t open = result.size();
  for (std::size_t axis = 0; axis < result.size(); ++axis) {
    if (result[axis] == 0 && !zero_is_zero) {
      if (axis >= input.size()) {
        call.fail(
            fmt::format("copies extent {} of its input, which has {} extents", axis, input.size()));
      }
      result[axis] = input[axis];
    }
    if (result[axis] < -1) call.fail(fmt::format("reshapes to an extent of {}", result[axis]));
    if (result[axis] == -1) {
      if (open != result.size()) call.fail("reshapes with two extents of -1; expected at most one");
      open = axis;
    } else if (__builtin_mul_overflow(known, result[axis], &known)) {
      call.fail(fmt::format("reshapes to {}, which no input can fill", to_string(result)));
    }
  }
  const std::int64_t values = element_count(input);
  if (open != result.size()) result[open] = known == 0 ? 0 : values / known;
  const auto count = checked_product(result);
  if (!count || *count != values) {
    call.fail(fmt::format("a reshape to {} does not keep the {} values of its input {}",
                          to_string(*wanted), values, to_string(input)));
  }
  return result;
}

Shape flatten_target(const Call& call) {
  const Shape& shape = call.shape(0);
  const std::int64_t axis = call.axis(call.integer("axis", 1), shape.size(), true);
  const Shape head(shape.begin(), shape.begin() + axis);
  const Shape tail(shape.begin() + axis, shape.end());
  return {element_count(head), element_count(tail)};
}

Shape squeeze_target(const Call& call) {
  const Shape& shape = call.shape(0);
  const auto axes = call.list(1, "axes");
  std::vector<bool> dropped(shape.size(), false);
  for (std::size_t axis = 0; axis < shape.size() && !axes; ++axis) dropped[axis] = shape[axis] == 1;
  for (const std::int64_t written : axes.value_or(std::vector<std::int64_t>{})) {
    const auto axis = static_cast<std::size_t>(call.axis(written, shape.size()));
    if (shape[axis] != 1) {
      call.fail(
          fmt::format("squeezes axis {} of {}, whose extent is not 1", axis, to_string(shape)));
    }
    dropped[axis] = true;
  }
  Shape result;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (!dropped[axis]) result.push_back(shape[axis]);
  }
  return result;
}

Shape unsqueeze_target(const Call& call) {
  const auto axes = call.list(1, "axes");
  if (!axes) call.fail("has no axes to insert");
  const std::size_t rank = call.shape(0).size() + axes->size();
  if (rank > std::size_t{kMaxRank}) call.fail(fmt::format("makes {} axes; expected fewer", rank));
  std::vector<bool> inserted(rank, false);
  for (const std::int64_t written : *axes) {
    const auto axis = static_cast<std::size_t>(call.axis(written, rank));
    if (inserted[axis]) call.fail(fmt::format("inserts axis {} twice", axis));
    inserted[axis] = true;
  }
  Shape result;
  auto next = call.shape(0).begin();
  for (std::size_t axis = 0; axis < rank; ++axis) result.push_back(inserted[axis] ? 1 : *next++);
  return result;
}

template <Shape (*Target)(const Call&)>
std::vector<Form> infer_reshaped(const Call& call) {
  return {{call.type(0), Target(call)}};
}
template <Shape (*Target)(const Call&)>
std::vector<Array> reshaped_to(const Call& call) {
  return reshaped(call, Target(call));
}
template <Shape (*Target)(const Call&)>
Operator reshaping(int most_inputs, const std::vector<std::string_view>& attributes) {
  return {.most_inputs = most_inputs,
          .attributes = attributes,
          .work = Work::kNone,
          .infer = infer_reshaped<Target>,
          .evaluate = reshaped_to<Target>};
}

// Cast ------------------------------------------------------------------------------------------

Array cast(const Array& input, ElementType to) {
  Array result = make_array(to, input.shape);
  for (std::size_t i = 0; i < static_cast<std::size_t>(result.size()); ++i) {
    if (!result.holds_integers()) {
      result.reals[i] = input.real(static_cast<std::int64_t>(i));
    } else if (input.holds_integers()) {
      result.integers[i] = input.integers[i];
    } else if (to == ElementType::kBool) {
      result.integers[i] = input.reals[i] != 0.0 ? 1 : 0;
    } else {
      result.integers[i] = to_integer(input.reals[i]);
    }
  }
  settle(result);
  return result;
}

// The importer turns the number of ONNX's data type into its name.
ElementType cast_target(const Call& call) {
  const auto type = element_type_of(call.text("to", ""));
  if (!type) call.fail("casts to a type that is not read");
  return *type;
}

std::vector<Form> infer_cast(const Call& call) {
  return {{cast_target(call), call.shape(0)}};
}

std::vector<Array> cast_to(const Call& call) {
  return {cast(call.array(0), cast_target(call))};
}

std::vector<Form> infer_cast_like(const Call& call) {
  return {{call.type(1), call.shape(0)}};
}

std::vector<Array> cast_like(const Call& call) {
  return {cast(call.array(0), call.type(1))};
}

}  // namespace

void add_shaping_operators(OperatorTable& table) {
  table.add("Shape", {.attributes = {"start", "end"},
                      .work = Work::kNone,
                      .infer = infer_shape_of,
                      .evaluate = shape_of});
  table.add("Size", {.work = Work::kNone, .infer = infer_size, .evaluate = size});
  table.add("Reshape", reshaping<reshape_target>(2, {"shape", "allowzero"}));
  table.add("Flatten", reshaping<flatten_target>(1, {"axis"}));
  table.add("Squeeze", reshaping<squeeze_target>(2, {"axes"}));
  table.add("Unsqueeze", reshaping<unsqueeze_target>(2, {"axes"}));
  table.add("Cast", {.attributes = {"to"}, .infer = infer_cast, .evaluate = cast_to});
  table.add("CastLike",
            {.least_inputs = 2, .most_inputs = 2, .infer = infer_cast_like, .evaluate = cast_like});
}

}  // namespace pimento::workloads
