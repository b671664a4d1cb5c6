// SPDX-License-Identifier: Apache-2.0
// Sums, means, products and extremes along axes.
#include <algorithm>
#include <cmath>
#include <limits>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {
namespace {

// Which axes vanish. Without a list all do, or with noop_with_empty_axes none.
std::vector<bool> reduced_axes(const Call& call) {
  const std::size_t rank = call.shape(0).size();
  const auto axes = call.list(1, "axes").value_or(std::vector<std::int64_t>{});
  if (axes.empty()) return std::vector<bool>(rank, !call.flag("noop_with_empty_axes", false));
  std::vector<bool> reduced(rank, false);
  for (const std::int64_t axis : axes)
    reduced[static_cast<std::size_t>(call.axis(axis, rank))] = true;
  return reduced;
}

// With the reduced axes kept as extents of one.
Shape kept_shape(const Call& call) {
  Shape shape = call.shape(0);
  const std::vector<bool> reduced = reduced_axes(call);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (reduced[axis]) shape[axis] = 1;
  }
  return shape;
}

std::vector<Form> infer_reduction(const Call& call) {
  Shape kept = kept_shape(call);
  if (call.flag("keepdims", true)) return {{call.type(0), std::move(kept)}};
  const std::vector<bool> reduced = reduced_axes(call);
  Shape shape;
  for (std::size_t axis = 0; axis < kept.size(); ++axis) {
    if (!reduced[axis]) shape.push_back(kept[axis]);
  }
  return {{call.type(0), std::move(shape)}};
}

// A reduction: where it starts, how a value joins, and how it ends, given the number of values.
struct Sum {
  static constexpr double kStart = 0.0;
  static double join(double sum, double value) { return sum + value; }
  static double finish(double sum, double) { return sum; }
};
struct Mean : Sum {
  static double finish(double sum, double count) { return sum / count; }
};
struct Product {
  static constexpr double kStart = 1.0;
  static double join(double product, double value) { return product * value; }
  static double finish(double product, double) { return product; }
};
struct Greatest {
  static constexpr double kStart = -std::numeric_limits<double>::infinity();
  static double join(double best, double value) { return std::max(best, value); }
  static double finish(double best, double) { return best; }
};
struct Least {
  static constexpr double kStart = std::numeric_limits<double>::infinity();
  static double join(double best, double value) { return std::min(best, value); }
  static double finish(double best, double) { return best; }
};
struct SumOfMagnitudes : Sum {
  static double join(double sum, double value) { return sum + std::abs(value); }
};
struct SumOfSquares : Sum {
  static double join(double sum, double value) { return sum + value * value; }
};
struct Length : SumOfSquares {
  static double finish(double sum, double) { return std::sqrt(sum); }
};
struct LogOfSum : Sum {
  static double finish(double sum, double) { return std::log(sum); }
};

// Integers up to 2^53 are exact on the way through double.
template <class Reduction>
Array reduce(const Call& call) {
  const Array& input = call.array(0);
  const Shape kept = kept_shape(call);
  const std::int64_t count = element_count(kept);
  std::vector<double> totals(static_cast<std::size_t>(count), Reduction::kStart);
  for_each_offset(input.shape, broadcast_strides(kept, input.shape),
                  [&](std::int64_t i, std::int64_t target) {
                    double& total = totals[static_cast<std::size_t>(target)];
                    total = Reduction::join(total, input.real(i));
                  });
  Array result = make_array(input.type, infer_reduction(call)[0].shape);
  const double share =
      count == 0 ? 0.0 : static_cast<double>(input.size()) / static_cast<double>(count);
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const double value = Reduction::finish(totals[i], share);
    if (!result.holds_integers()) {
      result.reals[i] = value;
    } else {
      result.integers[i] = to_integer(value);
    }
  }
  settle(result);
  return result;
}

template <class Reduction>
std::vector<Array> reduction(const Call& call) {
  return {reduce<Reduction>(call)};
}

std::vector<Form> infer_log_sum_exp(const Call& call) {
  expect_reals(call, {0});
  return infer_reduction(call);
}

// log(sum(exp(x))), kept in range by the greatest value.
std::vector<Array> log_sum_exp(const Call& call) {
  const Array& input = call.array(0);
  const Shape kept = kept_shape(call);
  const Shape strides = broadcast_strides(kept, input.shape);
  std::vector<double> most(static_cast<std::size_t>(element_count(kept)), Greatest::kStart);
  std::vector<double> sums(most.size(), 0.0);
  for_each_offset(input.shape, strides, [&](std::int64_t i, std::int64_t target) {
    double& best = most[static_cast<std::size_t>(target)];
    best = std::max(best, input.real(i));
  });
  for_each_offset(input.shape, strides, [&](std::int64_t i, std::int64_t target) {
    const auto at = static_cast<std::size_t>(target);
    sums[at] += std::exp(input.real(i) - most[at]);
  });
  Array result = make_array(input.type, infer_reduction(call)[0].shape);
  for (std::size_t i = 0; i < sums.size(); ++i) result.reals[i] = most[i] + std::log(sums[i]);
  settle(result);
  return {std::move(result)};
}

Operator reducing(std::vector<Array> (*evaluate)(const Call&),
                  std::vector<Form> (*infer)(const Call&) = infer_reduction) {
  return {.most_inputs = 2,
          .attributes = {"axes", "keepdims", "noop_with_empty_axes"},
          .work = Work::kReduce,
          .infer = infer,
          .evaluate = evaluate};
}

}  // namespace

void add_reduction_operators(OperatorTable& table) {
  table.add("ReduceSum", reducing(reduction<Sum>));
  table.add("ReduceMean", reducing(reduction<Mean>));
  table.add("ReduceProd", reducing(reduction<Product>));
  table.add("ReduceMax", reducing(reduction<Greatest>));
  table.add("ReduceMin", reducing(reduction<Least>));
  table.add("ReduceL1", reducing(reduction<SumOfMagnitudes>));
  table.add("ReduceL2", reducing(reduction<Length>));
  table.add("ReduceSumSquare", reducing(reduction<SumOfSquares>));
  table.add("ReduceLogSum", reducing(reduction<LogOfSum>));
  table.add("ReduceLogSumExp", reducing(log_sum_exp, infer_log_sum_exp));
}

}  // namespace pimento::workloads
