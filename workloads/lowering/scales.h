// SPDX-License-Identifier: Apache-2.0
// Scales and zero points as tensors of reals, which broadcast to the values they belong to.
#pragma once

#include <cstddef>
#include <cstdint>

#include "workloads/graph/array.h"

namespace pimento::workloads {

[[nodiscard]] Array filled(const Shape& shape, double value);
[[nodiscard]] Array as_reals(const Array& array);
// Values of a scale or zero point at every place of a tensor: one, one an index of an axis, or one
// a block of it. Throws InputError when their number is none of these.
[[nodiscard]] Array spread(const Array& values, const Shape& shape, std::size_t axis,
                           std::int64_t block);
// Without the axes that the values do not vary along.
[[nodiscard]] Array compressed(const Array& values);

}  // namespace pimento::workloads
