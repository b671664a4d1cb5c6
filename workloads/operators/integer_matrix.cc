// SPDX-License-Identifier: Apache-2.0
// Matrix operators on quantized values: sums of integers are exact, and one multiplication by a
// ratio of scales makes the next integers.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/matrix.h"
#include "workloads/operators/quantization.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {
namespace {

// Integers less their zero points, as doubles. The zero points are one value, or one an index of
// `axis`.
std::vector<double> centered(const Call& call, int values, int zero_point, std::int64_t axis) {
  const Array& array = call.array(values);
  std::vector<double> result(array.integers.begin(), array.integers.end());
  if (!call.has(zero_point)) return result;
  const Array& zeros = call.array(zero_point);
  if (zeros.size() == 1) {
    for (double& value : result) value -= zeros.real(0);
    return result;
  }
  const auto at = static_cast<std::size_t>(call.axis(axis, array.shape.size()));
  const std::int64_t inner =
      element_count({array.shape.begin() + static_cast<std::ptrdiff_t>(at) + 1, array.shape.end()});
  if (zeros.size() != array.shape[at]) {
    call.fail(fmt::format("input {} has {} zero points; expected 1 or {}", zero_point, zeros.size(),
                          array.shape[at]));
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] -= zeros.real(static_cast<std::int64_t>(i) / inner % array.shape[at]);
  }
  return result;
}

Array to_int32(Shape shape, const std::vector<double>& values) {
  Array result = make_array(ElementType::kInt32, std::move(shape));
  std::transform(values.begin(), values.end(), result.integers.begin(),
                 [](double value) { return wrap_to(ElementType::kInt32, to_integer(value)); });
  return result;
}

// ConvInteger, MatMulInteger --------------------------------------------------------------------

std::vector<Form> infer_conv_integer(const Call& call) {
  expect_integers(call, {0, 1, 2, 3});
  return {{ElementType::kInt32, convolution_shape(convolution_form(call, 1))}};
}

std::vector<double> convolved(const ConvolutionForm& form, const std::vector<double>& input,
                              const std::vector<double>& weight) {
  std::vector<double> sums(static_cast<std::size_t>(element_count(convolution_shape(form))));
  convolve(form, input.data(), weight.data(), sums.data());
  return sums;
}

std::vector<Array> conv_integer(const Call& call) {
  const ConvolutionForm form = convolution_form(call, 1);
  const std::vector<double> sums =
      convolved(form, centered(call, 0, 2, 1), centered(call, 1, 3, 0));
  return {to_int32(convolution_shape(form), sums)};
}

std::vector<Form> infer_matmul_integer(const Call& call) {
  expect_integers(call, {0, 1, 2, 3});
  return {{ElementType::kInt32, matmul_shape(call, call.shape(0), call.shape(1))}};
}

std::vector<Array> matmul_integer(const Call& call) {
  const std::vector<double> a = centered(call, 0, 2, -2);
  const std::vector<double> b = centered(call, 1, 3, -1);
  return {to_int32(matmul_shape(call, call.shape(0), call.shape(1)),
                   matmul_values(call, call.shape(0), a.data(), call.shape(1), b.data()))};
}

// QLinearConv, QLinearMatMul, QGemm -------------------------------------------------------------

// Scale and zero point of the result, at two neighbouring inputs.
struct Target {
  double scale = 1.0;
  std::int64_t zero_point = 0;
  ElementType type = ElementType::kUint8;
};

Target target_of(const Call& call, int scale) {
  Target target{.scale = call.scalar_of(scale), .zero_point = 0, .type = ElementType::kUint8};
  if (call.has(scale + 1)) {
    target.zero_point = static_cast<std::int64_t>(call.scalar_of(scale + 1));
    target.type = call.type(scale + 1);
  }
  return target;
}

ElementType target_type(const Call& call, int zero_point) {
  return call.has(zero_point) ? call.type(zero_point) : ElementType::kUint8;
}

std::int64_t requantized(double sum, double scale, const Target& target) {
  return requantized_value(sum, scale, target.scale, target.zero_point, target.type);
}

double product_scale(double a, double b) {
  return round_to(ElementType::kFloat32, a * b);
}

void expect_single(const Call& call, std::initializer_list<int> inputs) {
  for (const int input : inputs) {
    const std::int64_t count = call.has(input) ? element_count(call.shape(input)) : 1;
    if (count != 1) call.fail(fmt::format("input {} has {} values; expected one", input, count));
  }
}

std::vector<Form> infer_qlinear_conv(const Call& call) {
  expect_integers(call, {0, 2, 3, 5, 7, 8});
  expect_single(call, {1, 2, 6, 7});
  const ConvolutionForm form = convolution_form(call, 3);
  const std::int64_t channels = form.groups * form.out_channels;
  for (const int vector : {4, 8}) {
    const std::int64_t count = call.has(vector) ? element_count(call.shape(vector)) : channels;
    if (count != channels && (count != 1 || vector == 8)) {
      call.fail(fmt::format("input {} has {} values; expected {}", vector, count, channels));
    }
  }
  return {{target_type(call, 7), convolution_shape(form)}};
}

std::vector<Array> qlinear_conv(const Call& call) {
  const ConvolutionForm form = convolution_form(call, 3);
  const Target target = target_of(call, 6);
  std::vector<double> sums = convolved(form, centered(call, 0, 2, 1), centered(call, 3, 5, 0));
  Array result = make_array(target.type, convolution_shape(form));
  const Array& weight_scales = call.array(4);
  const std::int64_t places = form.window.place_count();
  const std::int64_t channels = form.groups * form.out_channels;
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::int64_t channel = i / places % channels;
    if (call.has(8)) sums[at] += call.array(8).real(channel);
    const double weight_scale = weight_scales.real(weight_scales.size() == 1 ? 0 : channel);
    result.integers[at] =
        requantized(sums[at], product_scale(call.scalar_of(1), weight_scale), target);
  }
  return {std::move(result)};
}

std::vector<Form> infer_qlinear_matmul(const Call& call) {
  expect_integers(call, {0, 2, 3, 5, 7});
  expect_single(call, {6, 7});
  return {{target_type(call, 7), matmul_shape(call, call.shape(0), call.shape(3))}};
}

std::vector<Array> qlinear_matmul(const Call& call) {
  const Shape shape = matmul_shape(call, call.shape(0), call.shape(3));
  const Target target = target_of(call, 6);
  const std::vector<double> a = centered(call, 0, 2, -2);
  const std::vector<double> b = centered(call, 3, 5, -1);
  const std::vector<double> sums =
      matmul_values(call, call.shape(0), a.data(), call.shape(3), b.data());
  const Array& scales_a = call.array(1);
  const Array& scales_b = call.array(4);
  const std::int64_t columns = shape.empty() ? 1 : shape.back();
  const std::int64_t rows = shape.size() < 2 ? 1 : shape[shape.size() - 2];
  if ((scales_a.size() != 1 && scales_a.size() != rows) ||
      (scales_b.size() != 1 && scales_b.size() != columns)) {
    call.fail("its scales are neither one value nor one a row or column");
  }
  Array result = make_array(target.type, shape);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const double a_scale = scales_a.real(scales_a.size() == 1 ? 0 : i / columns % rows);
    const double b_scale = scales_b.real(scales_b.size() == 1 ? 0 : i % columns);
    result.integers[static_cast<std::size_t>(i)] =
        requantized(sums[static_cast<std::size_t>(i)], product_scale(a_scale, b_scale), target);
  }
  return {std::move(result)};
}

// Element by element, after onnxruntime's contributed operators ---------------------------------

std::vector<Form> infer_qlinear_add(const Call& call) {
  expect_integers(call, {0, 2, 3, 5, 7});
  const auto shape = broadcast_shape(call.shape(0), call.shape(3));
  if (!shape) {
    call.fail(fmt::format("the shapes {} and {} do not fit each other", to_string(call.shape(0)),
                          to_string(call.shape(3))));
  }
  return {{target_type(call, 7), *shape}};
}

template <auto Join>
std::vector<Array> qlinear_join(const Call& call) {
  const Target target = target_of(call, 6);
  const Array& a = call.array(0);
  const Array& b = call.array(3);
  const double a_zero = call.has(2) ? call.scalar_of(2) : 0.0;
  const double b_zero = call.has(5) ? call.scalar_of(5) : 0.0;
  Array result = make_array(target.type, infer_qlinear_add(call)[0].shape);
  for_each_pair(result.shape, broadcast_strides(a.shape, result.shape),
                broadcast_strides(b.shape, result.shape),
                [&](std::int64_t i, std::int64_t x, std::int64_t y) {
                  const double joined = Join((a.real(x) - a_zero) * call.scalar_of(1),
                                             (b.real(y) - b_zero) * call.scalar_of(4));
                  result.integers[static_cast<std::size_t>(i)] =
                      quantize_value(round_to(ElementType::kFloat32, joined), target.scale,
                                     target.zero_point, target.type);
                });
  return {std::move(result)};
}

std::vector<Form> infer_qlinear_global_pool(const Call& call) {
  expect_integers(call, {0, 2, 4});
  if (call.flag("channels_last", false)) call.fail("channels_last is 1; expected 0");
  Shape shape = call.shape(0);
  if (shape.size() < 3) call.fail("expected data of batch x channels x a map");
  std::fill(shape.begin() + 2, shape.end(), 1);
  return {{target_type(call, 4), std::move(shape)}};
}

std::vector<Array> qlinear_global_pool(const Call& call) {
  const Target target = target_of(call, 3);
  Array result = make_array(target.type, infer_qlinear_global_pool(call)[0].shape);
  const std::vector<double> values = centered(call, 0, 2, 1);
  const std::int64_t area =
      result.size() == 0 ? 0 : static_cast<std::int64_t>(values.size()) / result.size();
  for (std::int64_t map = 0; map < result.size(); ++map) {
    double sum = 0.0;
    for (std::int64_t i = 0; i < area; ++i) sum += values[static_cast<std::size_t>(map * area + i)];
    result.integers[static_cast<std::size_t>(map)] =
        requantized(sum, call.scalar_of(1) / static_cast<double>(area), target);
  }
  return {std::move(result)};
}

template <auto Join>
Operator qlinear_operator() {
  return {.least_inputs = 7,
          .most_inputs = 8,
          .infer = infer_qlinear_add,
          .evaluate = qlinear_join<Join>};
}

}  // namespace

void add_integer_matrix_operators(OperatorTable& table) {
  const std::vector<std::string_view> window{"auto_pad",     "dilations", "group",
                                             "kernel_shape", "pads",      "strides"};
  table.add("ConvInteger", {.least_inputs = 2,
                            .most_inputs = 4,
                            .attributes = window,
                            .work = Work::kMatrix,
                            .infer = infer_conv_integer,
                            .evaluate = conv_integer});
  table.add("MatMulInteger", {.least_inputs = 2,
                              .most_inputs = 4,
                              .work = Work::kMatrix,
                              .infer = infer_matmul_integer,
                              .evaluate = matmul_integer});
  table.add("QLinearConv", {.least_inputs = 8,
                            .most_inputs = 9,
                            .attributes = window,
                            .work = Work::kMatrix,
                            .infer = infer_qlinear_conv,
                            .evaluate = qlinear_conv});
  table.add("QLinearMatMul", {.least_inputs = 8,
                              .most_inputs = 8,
                              .work = Work::kMatrix,
                              .infer = infer_qlinear_matmul,
                              .evaluate = qlinear_matmul});
  table.add("QLinearAdd", qlinear_operator<[](double a, double b) { return a + b; }>());
  table.add("QLinearMul", qlinear_operator<[](double a, double b) { return a * b; }>());
  table.add("QLinearGlobalAveragePool", {.least_inputs = 4,
                                         .most_inputs = 5,
                                         .attributes = {"channels_last"},
                                         .work = Work::kReduce,
                                         .infer = infer_qlinear_global_pool,
                                         .evaluate = qlinear_global_pool});
}

}  // namespace pimento::workloads
