// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/array.h"

#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

constexpr std::int64_t kMaxArray = std::int64_t{1} << 31;

void check_size(const Array& array, std::size_t values) {
  ensure(std::cmp_equal(values, array.size()), "an array has another size than its shape");
}

}  // namespace

Array make_array(ElementType type, Shape shape) {
  for (const std::int64_t extent : shape) ensure(extent >= 0, "an array has a negative extent");
  const auto count = checked_product(shape);
  if (!count || *count >= kMaxArray) {
    throw InputError(
        fmt::format("a tensor of {} has 2^31 values or more; expected fewer", to_string(shape)));
  }
  Array array{type, std::move(shape), {}, {}};
  if (array.holds_integers()) {
    array.integers.resize(static_cast<std::size_t>(*count));
  } else {
    array.reals.resize(static_cast<std::size_t>(*count));
  }
  return array;
}

Array real_array(Shape shape, std::vector<double> values, ElementType type) {
  ensure(!is_integer(type), "an array of reals has an integer type");
  Array array{type, std::move(shape), std::move(values), {}};
  check_size(array, array.reals.size());
  return array;
}

Array integer_array(Shape shape, std::vector<std::int64_t> values, ElementType type) {
  ensure(is_integer(type), "an array of integers has a floating-point type");
  Array array{type, std::move(shape), {}, std::move(values)};
  check_size(array, array.integers.size());
  return array;
}

}  // namespace pimento::workloads
