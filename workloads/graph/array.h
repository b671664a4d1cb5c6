// SPDX-License-Identifier: Apache-2.0
// A tensor of known values, as operators compute with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/element_type.h"
#include "workloads/shape.h"

namespace pimento::workloads {

// Row-major. Floating-point types keep their values in `reals`, each representable in the type;
// integers and bool in `integers`. Sums and products of 32-bit floats are exact or rounded only
// once in double, so that rounding the result to the type gives what the type's own arithmetic
// gives.
struct Array {
  ElementType type = ElementType::kFloat32;
  Shape shape;
  std::vector<double> reals;
  std::vector<std::int64_t> integers;

  [[nodiscard]] bool holds_integers() const { return is_integer(type); }
  [[nodiscard]] std::int64_t size() const { return element_count(shape); }
  [[nodiscard]] double real(std::int64_t index) const {
    const auto at = static_cast<std::size_t>(index);
    return holds_integers() ? static_cast<double>(integers[at]) : reals[at];
  }
  friend bool operator==(const Array&, const Array&) = default;
};

// Zeros of a type and shape. Throws InputError when that is more than a computer's memory should
// give to one tensor (2^31 elements).
[[nodiscard]] Array make_array(ElementType type, Shape shape);
[[nodiscard]] Array real_array(Shape shape, std::vector<double> values,
                               ElementType type = ElementType::kFloat32);
[[nodiscard]] Array integer_array(Shape shape, std::vector<std::int64_t> values,
                                  ElementType type = ElementType::kInt64);

}  // namespace pimento::workloads
