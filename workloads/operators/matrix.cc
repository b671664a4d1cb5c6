// SPDX-License-Identifier: Apache-2.0
// Products of matrices of reals and plain integers.
#include "workloads/operators/matrix.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {
namespace {

struct MatmulForm {
  Shape stack_a;  // the axes before the matrices
  Shape stack_b;
  Shape stack;
  std::int64_t m = 1;
  std::int64_t k = 1;
  std::int64_t n = 1;
};

MatmulForm matmul_form(const Call& call, const Shape& a, const Shape& b) {
  if (a.empty() || b.empty()) call.fail("multiplies a scalar; expected vectors or matrices");
  MatmulForm form;
  form.k = a.back();
  if (a.size() > 1) form.m = a[a.size() - 2];
  const std::int64_t rows = b.size() > 1 ? b[b.size() - 2] : b.back();
  if (b.size() > 1) form.n = b.back();
  if (form.k != rows) {
    call.fail(fmt::format("the shapes {} and {} do not multiply: {} columns meet {} rows",
                          to_string(a), to_string(b), form.k, rows));
  }
  if (a.size() > 2) form.stack_a.assign(a.begin(), a.end() - 2);
  if (b.size() > 2) form.stack_b.assign(b.begin(), b.end() - 2);
  auto stack = broadcast_shape(form.stack_a, form.stack_b);
  if (!stack) {
    call.fail(
        fmt::format("the shapes {} and {} do not fit each other", to_string(a), to_string(b)));
  }
  form.stack = std::move(*stack);
  return form;
}

std::vector<Form> infer_matmul(const Call& call) {
  expect_one_type(call);
  return {{call.type(0), matmul_shape(call, call.shape(0), call.shape(1))}};
}

// The values as doubles, for integers too.
std::vector<double> reals_of(const Array& array) {
  if (!array.holds_integers()) return array.reals;
  return {array.integers.begin(), array.integers.end()};
}

Array from_reals(ElementType type, Shape shape, std::vector<double> values) {
  Array result{type, std::move(shape), {}, {}};
  if (is_integer(type)) {
    result.integers.resize(values.size());
    std::transform(values.begin(), values.end(), result.integers.begin(), to_integer);
  } else {
    result.reals = std::move(values);
  }
  settle(result);
  return result;
}

std::vector<Array> matmul(const Call& call) {
  const Array& a = call.array(0);
  const Array& b = call.array(1);
  std::vector<double> product =
      matmul_values(call, a.shape, reals_of(a).data(), b.shape, reals_of(b).data());
  return {from_reals(a.type, matmul_shape(call, a.shape, b.shape), std::move(product))};
}

// Gemm ------------------------------------------------------------------------------------------

struct GemmForm {
  std::int64_t m = 0;
  std::int64_t k = 0;
  std::int64_t n = 0;
};

GemmForm gemm_form(const Call& call) {
  const Shape& a = call.shape(0);
  const Shape& b = call.shape(1);
  if (a.size() != 2 || b.size() != 2) {
    call.fail(fmt::format("multiplies {} by {}; expected matrices", to_string(a), to_string(b)));
  }
  const bool turns_a = call.flag("transA", false);
  const bool turns_b = call.flag("transB", false);
  const GemmForm form{.m = a[turns_a ? 1 : 0], .k = a[turns_a ? 0 : 1], .n = b[turns_b ? 0 : 1]};
  if (b[turns_b ? 1 : 0] != form.k) {
    call.fail(fmt::format("the shapes {} and {} do not multiply", to_string(a), to_string(b)));
  }
  const Shape result{form.m, form.n};
  if (call.has(2) && broadcast_shape(call.shape(2), result) != result) {
    call.fail(fmt::format("input 2 (C) of {} does not fit the product of {}",
                          to_string(call.shape(2)), to_string(result)));
  }
  return form;
}

std::vector<Form> infer_gemm(const Call& call) {
  expect_one_type(call);
  const GemmForm form = gemm_form(call);
  return {{call.type(0), {form.m, form.n}}};
}

std::vector<double> turned(const std::vector<double>& values, std::int64_t rows,
                           std::int64_t columns) {
  std::vector<double> result(values.size());
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      result[static_cast<std::size_t>(c * rows + r)] =
          values[static_cast<std::size_t>(r * columns + c)];
    }
  }
  return result;
}

std::vector<Array> gemm(const Call& call) {
  const GemmForm form = gemm_form(call);
  std::vector<double> a = reals_of(call.array(0));
  std::vector<double> b = reals_of(call.array(1));
  if (call.flag("transA", false)) a = turned(a, form.k, form.m);
  if (call.flag("transB", false)) b = turned(b, form.n, form.k);
  std::vector<double> product(static_cast<std::size_t>(form.m * form.n));
  multiply_matrices(a.data(), b.data(), product.data(), form.m, form.k, form.n);
  const double alpha = call.real("alpha", 1.0);
  for (double& value : product) value *= alpha;
  if (call.has(2)) {
    const double beta = call.real("beta", 1.0);
    const Array shift = broadcast_to(call.array(2), {form.m, form.n});
    for (std::size_t i = 0; i < product.size(); ++i) {
      product[i] += beta * shift.real(static_cast<std::int64_t>(i));
    }
  }
  return {from_reals(call.type(0), {form.m, form.n}, std::move(product))};
}

}  // namespace

Shape matmul_shape(const Call& call, const Shape& a, const Shape& b) {
  const MatmulForm form = matmul_form(call, a, b);
  Shape shape = form.stack;
  if (a.size() > 1) shape.push_back(form.m);
  if (b.size() > 1) shape.push_back(form.n);
  return shape;
}

std::vector<double> matmul_values(const Call& call, const Shape& a_shape, const double* a,
                                  const Shape& b_shape, const double* b) {
  const MatmulForm form = matmul_form(call, a_shape, b_shape);
  const std::int64_t stack = element_count(form.stack);
  std::vector<double> result(static_cast<std::size_t>(stack * form.m * form.n));
  // One shared right matrix: the left ones are rows of one long matrix.
  if (element_count(form.stack_b) == 1 && element_count(form.stack_a) == stack) {
    multiply_matrices(a, b, result.data(), stack * form.m, form.k, form.n);
    return result;
  }
  for_each_pair(form.stack, broadcast_strides(form.stack_a, form.stack),
                broadcast_strides(form.stack_b, form.stack),
                [&](std::int64_t i, std::int64_t of_a, std::int64_t of_b) {
                  multiply_matrices(a + of_a * form.m * form.k, b + of_b * form.k * form.n,
                                    result.data() + i * form.m * form.n, form.m, form.k, form.n);
                });
  return result;
}

void add_matrix_operators(OperatorTable& table) {
  table.add("MatMul", {.least_inputs = 2,
                       .most_inputs = 2,
                       .work = Work::kMatrix,
                       .infer = infer_matmul,
                       .evaluate = matmul});
  table.add("Gemm", {.least_inputs = 2,
                     .most_inputs = 3,
                     .attributes = {"alpha", "beta", "transA", "transB", "broadcast"},
                     .work = Work::kMatrix,
                     .infer = infer_gemm,
                     .evaluate = gemm});
}

}  // namespace pimento::workloads
