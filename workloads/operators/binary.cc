// SPDX-License-Identifier: Apache-2.0
// Arithmetic and comparison of tensors that are broadcast to a common shape.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {
namespace {

// Below opset 7 the second input was aligned with the first at an axis instead of the last one.
Shape aligned_shape(const Call& call) {
  Shape shape = call.shape(1);
  const auto rank = std::ssize(call.shape(0));
  if (call.version() >= 7 || call.attribute("axis") == nullptr) return shape;
  const std::int64_t axis = call.axis(call.integer("axis", 0), call.shape(0).size());
  if (axis + std::ssize(shape) > rank) call.fail("its second input reaches beyond the first");
  shape.resize(static_cast<std::size_t>(rank - axis), 1);
  return shape;
}

Shape common_shape(const Call& call) {
  const auto shape = broadcast_shape(call.shape(0), aligned_shape(call));
  if (!shape) {
    call.fail(fmt::format("the shapes {} and {} of its inputs do not fit each other",
                          to_string(call.shape(0)), to_string(call.shape(1))));
  }
  return *shape;
}

std::vector<Form> infer_arithmetic(const Call& call) {
  if (call.type(0) != call.type(1)) {
    call.fail(fmt::format("its inputs are {} and {}; expected one type", name_of(call.type(0)),
                          name_of(call.type(1))));
  }
  return {{call.type(0), common_shape(call)}};
}

std::vector<Form> infer_comparison(const Call& call) {
  return {{ElementType::kBool, common_shape(call)}};
}

// Visits (position, offset in the first input, offset in the second).
template <class Visit>
void walk(const Call& call, const Shape& shape, const Visit& visit) {
  for_each_pair(shape, broadcast_strides(call.shape(0), shape),
                broadcast_strides(aligned_shape(call), shape), visit);
}

template <auto Function>
std::vector<Array> arithmetic(const Call& call) {
  const Array& a = call.array(0);
  const Array& b = call.array(1);
  Array result = make_array(a.type, common_shape(call));
  if (a.holds_integers()) {
    walk(call, result.shape, [&](std::int64_t i, std::int64_t x, std::int64_t y) {
      result.integers[static_cast<std::size_t>(i)] = Function(
          call, a.integers[static_cast<std::size_t>(x)], b.integers[static_cast<std::size_t>(y)]);
    });
  } else {
    walk(call, result.shape, [&](std::int64_t i, std::int64_t x, std::int64_t y) {
      result.reals[static_cast<std::size_t>(i)] = Function(
          call, a.reals[static_cast<std::size_t>(x)], b.reals[static_cast<std::size_t>(y)]);
    });
  }
  settle(result);
  return {std::move(result)};
}

template <auto Function>
std::vector<Array> comparison(const Call& call) {
  const Array& a = call.array(0);
  const Array& b = call.array(1);
  Array result = make_array(ElementType::kBool, common_shape(call));
  const bool integers = a.holds_integers() && b.holds_integers();
  walk(call, result.shape, [&](std::int64_t i, std::int64_t x, std::int64_t y) {
    const bool holds = integers ? Function(a.integers[static_cast<std::size_t>(x)],
                                           b.integers[static_cast<std::size_t>(y)])
                                : Function(a.real(x), b.real(y));
    result.integers[static_cast<std::size_t>(i)] = holds ? 1 : 0;
  });
  return {std::move(result)};
}

template <auto Function>
Operator arithmetic_operator() {
  return {.least_inputs = 2,
          .most_inputs = 2,
          .attributes = {"axis", "broadcast", "fmod"},
          .infer = infer_arithmetic,
          .evaluate = arithmetic<Function>};
}

template <auto Function>
Operator comparison_operator() {
  return {.least_inputs = 2,
          .most_inputs = 2,
          .attributes = {"axis", "broadcast"},
          .infer = infer_comparison,
          .evaluate = comparison<Function>};
}

std::int64_t quotient(const Call& call, std::int64_t a, std::int64_t b) {
  if (b == 0) call.fail("divides an integer by zero");
  if (a == std::numeric_limits<std::int64_t>::min() && b == -1) return a;
  return a / b;
}

// The remainder has the sign of the divisor, or with `fmod` that of the dividend.
std::int64_t remainder_of(const Call& call, std::int64_t a, std::int64_t b) {
  if (b == 0) call.fail("divides an integer by zero");
  if (b == -1) return 0;
  const std::int64_t rest = a % b;
  const bool keeps = call.flag("fmod", false) || rest == 0 || (rest < 0) == (b < 0);
  return keeps ? rest : rest + b;
}

double remainder_of(const Call& call, double a, double b) {
  const double rest = std::fmod(a, b);
  const bool keeps = call.flag("fmod", false) || rest == 0.0 || (rest < 0.0) == (b < 0.0);
  return keeps ? rest : rest + b;
}

// The exponent may be of another type than the base, whose type the result has.
std::vector<Form> infer_pow(const Call& call) {
  return {{call.type(0), common_shape(call)}};
}

std::vector<Array> power(const Call& call) {
  const Array& base = call.array(0);
  const Array& exponent = call.array(1);
  Array result = make_array(base.type, common_shape(call));
  walk(call, result.shape, [&](std::int64_t i, std::int64_t x, std::int64_t y) {
    const double value = std::pow(base.real(x), exponent.real(y));
    if (!result.holds_integers()) {
      result.reals[static_cast<std::size_t>(i)] = value;
    } else if (std::abs(value) < 0x1p63) {
      result.integers[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(value);
    } else {
      call.fail("an integer power leaves 64 bits");
    }
  });
  settle(result);
  return {std::move(result)};
}

std::vector<Form> infer_fold(const Call& call) {
  expect_one_type(call);
  return {{call.type(0), broadcast_inputs(call)}};
}

// Joins any number of tensors with a function of two.
template <auto Function>
Array fold(const Call& call) {
  const Shape shape = broadcast_inputs(call);
  Array result = broadcast_to(call.array(0), shape);
  for (int i = 1; i < call.input_count(); ++i) {
    const Array next = broadcast_to(call.array(i), shape);
    for (std::size_t k = 0; k < result.reals.size(); ++k) {
      result.reals[k] = Function(result.reals[k], next.reals[k]);
    }
    for (std::size_t k = 0; k < result.integers.size(); ++k) {
      result.integers[k] = Function(result.integers[k], next.integers[k]);
    }
  }
  return result;
}

template <auto Function>
std::vector<Array> settled_fold(const Call& call) {
  Array result = fold<Function>(call);
  settle(result);
  return {std::move(result)};
}

constexpr auto kSum = [](auto a, auto b) { return wrapping_add(a, b); };

std::vector<Form> infer_mean(const Call& call) {
  expect_reals(call, {0});
  return infer_fold(call);
}

std::vector<Array> mean(const Call& call) {
  Array result = fold<kSum>(call);
  for (double& value : result.reals) value /= call.input_count();
  settle(result);
  return {std::move(result)};
}

constexpr int kAnyNumber = 1 << 20;

Operator fold_operator(std::vector<Array> (*evaluate)(const Call&),
                       std::vector<Form> (*infer)(const Call&) = infer_fold) {
  return {.most_inputs = kAnyNumber, .infer = infer, .evaluate = evaluate};
}

std::vector<Array> parametric_relu(const Call& call) {
  Array result = call.array(0);
  const Array slope = broadcast_to(call.array(1), result.shape);
  for (std::size_t i = 0; i < result.reals.size(); ++i) {
    if (result.reals[i] < 0.0) result.reals[i] *= slope.reals[i];
  }
  for (std::size_t i = 0; i < result.integers.size(); ++i) {
    if (result.integers[i] < 0)
      result.integers[i] = wrapping_multiply(result.integers[i], slope.integers[i]);
  }
  settle(result);
  return {std::move(result)};
}

// Below opset 7 a slope of one extent stood for the channels.
std::vector<Form> infer_prelu(const Call& call) {
  const auto shape = broadcast_shape(call.shape(0), call.shape(1));
  if (!shape || *shape != call.shape(0)) {
    call.fail(fmt::format("the slope of shape {} does not fit the data of shape {}",
                          to_string(call.shape(1)), to_string(call.shape(0))));
  }
  return {call.form(0)};
}

std::vector<Form> infer_old_prelu(const Call& call) {
  expect_one_type(call);
  if (call.version() >= 7 || call.shape(1).size() != 1) return infer_prelu(call);
  const std::int64_t extent = call.shape(1)[0];
  if (extent != 1 && (call.shape(0).size() < 2 || call.shape(0)[1] != extent)) {
    call.fail("the slope has another number of values than there are channels");
  }
  return {call.form(0)};
}

std::vector<Array> old_parametric_relu(const Call& call) {
  if (call.version() >= 7 || call.shape(1).size() != 1) return parametric_relu(call);
  Array slope = call.array(1);
  slope.shape.resize(std::max<std::size_t>(call.shape(0).size(), 2) - 1, 1);
  const Form form{slope.type, slope.shape};
  return parametric_relu(
      Call(call.node(), {&call.form(0), &form}, {&call.array(0), &slope}, "PRelu"));
}

}  // namespace

void add_binary_operators(OperatorTable& table) {
  table.add("Add",
            arithmetic_operator<[](const Call&, auto a, auto b) { return wrapping_add(a, b); }>());
  table.add(
      "Sub",
      arithmetic_operator<[](const Call&, auto a, auto b) { return wrapping_subtract(a, b); }>());
  table.add(
      "Mul",
      arithmetic_operator<[](const Call&, auto a, auto b) { return wrapping_multiply(a, b); }>());
  table.add("Div", arithmetic_operator<[](const Call& call, auto a, auto b) {
              if constexpr (std::is_same_v<decltype(a), double>) {
                return a / b;
              } else {
                return quotient(call, a, b);
              }
            }>());
  table.add("Mod", arithmetic_operator<[](const Call& call, auto a, auto b) {
              return remainder_of(call, a, b);
            }>());
  table.add("Pow", {.least_inputs = 2,
                    .most_inputs = 2,
                    .attributes = {"axis", "broadcast"},
                    .infer = infer_pow,
                    .evaluate = power});
  table.add("And", comparison_operator<[](auto a, auto b) { return a != 0 && b != 0; }>());
  table.add("Or", comparison_operator<[](auto a, auto b) { return a != 0 || b != 0; }>());
  table.add("Xor", comparison_operator<[](auto a, auto b) { return (a != 0) != (b != 0); }>());
  table.add("Equal", comparison_operator<[](auto a, auto b) { return a == b; }>());
  table.add("Less", comparison_operator<[](auto a, auto b) { return a < b; }>());
  table.add("LessOrEqual", comparison_operator<[](auto a, auto b) { return a <= b; }>());
  table.add("Greater", comparison_operator<[](auto a, auto b) { return (a > b); }>());
  table.add("GreaterOrEqual", comparison_operator<[](auto a, auto b) { return (a >= b); }>());
  table.add("Max", fold_operator(settled_fold<[](auto a, auto b) { return std::max(a, b); }>));
  table.add("Min", fold_operator(settled_fold<[](auto a, auto b) { return std::min(a, b); }>));
  table.add("Sum", fold_operator(settled_fold<kSum>));
  table.add("Mean", fold_operator(mean, infer_mean));
  table.add("PRelu", {.least_inputs = 2,
                      .most_inputs = 2,
                      .infer = infer_old_prelu,
                      .evaluate = old_parametric_relu});
}

}  // namespace pimento::workloads
