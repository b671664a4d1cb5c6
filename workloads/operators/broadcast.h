// SPDX-License-Identifier: Apache-2.0
// Walking over tensors: broadcasting after ONNX's multidirectional rule (that of NumPy), and
// strided access.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "workloads/graph/operator.h"

namespace pimento::workloads {

// Distance between neighbours along each axis, row-major.
[[nodiscard]] Shape strides_of(const Shape& shape);

// The common shape, or empty when the two do not fit each other.
[[nodiscard]] std::optional<Shape> broadcast_shape(const Shape& a, const Shape& b);
// The same for all inputs of a call from `first` on; an error names the shapes.
[[nodiscard]] Shape broadcast_inputs(const Call& call, int first = 0);

// Strides with which a tensor of `shape` is read at the positions of `target`: 0 along the axes it
// is repeated on.
[[nodiscard]] Shape broadcast_strides(const Shape& shape, const Shape& target);

// The offsets that `strides` give at each position of `shape`, in row-major order.
template <class Visit>
void for_each_offset(const Shape& shape, const Shape& strides, const Visit& visit) {
  const std::int64_t count = element_count(shape);
  const std::size_t rank = shape.size();
  std::vector<std::int64_t> at(rank, 0);
  std::int64_t offset = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    visit(i, offset);
    for (std::size_t axis = rank; axis-- > 0;) {
      offset += strides[axis];
      if (++at[axis] < shape[axis]) break;
      offset -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

// visit(position, offset in a, offset in b).
template <class Visit>
void for_each_pair(const Shape& shape, const Shape& strides_a, const Shape& strides_b,
                   const Visit& visit) {
  const std::int64_t count = element_count(shape);
  const std::size_t rank = shape.size();
  if (strides_a == strides_b && strides_a == strides_of(shape)) {
    for (std::int64_t i = 0; i < count; ++i) visit(i, i, i);
    return;
  }
  std::vector<std::int64_t> at(rank, 0);
  std::int64_t a = 0;
  std::int64_t b = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    visit(i, a, b);
    for (std::size_t axis = rank; axis-- > 0;) {
      a += strides_a[axis];
      b += strides_b[axis];
      if (++at[axis] < shape[axis]) break;
      a -= strides_a[axis] * shape[axis];
      b -= strides_b[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

// An array in another shape, repeated where needed. The shapes must fit.
[[nodiscard]] Array broadcast_to(const Array& array, const Shape& target);

// Rounds reals to the array's type and wraps integers to it.
void settle(Array& array);

// Integer arithmetic modulo 2^64, as ONNX's integers wrap; reals as they are.
template <class T>
[[nodiscard]] T wrapping_add(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  } else {
    return a + b;
  }
}
template <class T>
[[nodiscard]] T wrapping_subtract(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  } else {
    return a - b;
  }
}
template <class T>
[[nodiscard]] T wrapping_multiply(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  } else {
    return a * b;
  }
}

// A real cut to a whole number; what no 64 bits hold becomes 0.
[[nodiscard]] inline std::int64_t to_integer(double value) {
  return std::abs(value) < 0x1p63 ? static_cast<std::int64_t>(value) : 0;
}

// Copies single values between arrays of one type.
inline void copy_value(const Array& from, std::int64_t source, Array& to, std::int64_t target) {
  const auto s = static_cast<std::size_t>(source);
  const auto t = static_cast<std::size_t>(target);
  if (from.holds_integers()) {
    to.integers[t] = from.integers[s];
  } else {
    to.reals[t] = from.reals[s];
  }
}

}  // namespace pimento::workloads
