// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/stored_weights.h"

#include <fmt/format.h>

#include "base/error.h"
#include "workloads/limits.h"
#include "workloads/lowering/scales.h"
#include "workloads/operators/broadcast.h"

namespace pimento::workloads {

StoredWeights stored_weights(const WeightSource& source) {
  if (!source.integers) throw InternalError("real weights are taken for integers");
  if (source.bits > kMaxBits) {
    throw InputError(fmt::format("its weight has integers of {} bits; expected at most {}",
                                 source.bits, kMaxBits));
  }
  StoredWeights stored;
  stored.bits = source.bits;
  Array integers = *source.integers;
  Array zero_point = source.zero_point;
  const bool one_width = source.widths.reals.empty();
  for (std::size_t i = 0; i < integers.integers.size(); ++i) {
    const int bits = one_width ? source.bits : static_cast<int>(source.widths.reals[i]);
    const std::int64_t half = std::int64_t{1} << (bits - 1);
    std::int64_t& value = integers.integers[i];
    if (!source.is_signed) {
      value -= half;
      zero_point.reals[i] -= static_cast<double>(half);
    }
    if (value < -half || value >= half) {
      throw InputError(fmt::format("its weight has an integer that its {} bits cannot hold", bits));
    }
  }
  integers.type = ElementType::kInt32;
  stored.integers = encode(integers);
  stored.scale = compressed(source.scale);
  stored.zero_point = compressed(zero_point);
  if (!one_width) stored.widths = compressed(source.widths);
  if (stored.widths.reals.size() == 1) stored.widths = {};
  return stored;
}

Array transposed(const Array& matrix) {
  ensure(matrix.shape.size() == 2, "a matrix has another rank than two");
  Array result = make_array(matrix.type, {matrix.shape[1], matrix.shape[0]});
  for_each_offset(result.shape, {1, matrix.shape[1]},
                  [&](std::int64_t i, std::int64_t from) { copy_value(matrix, from, result, i); });
  return result;
}

WeightSource transposed(const WeightSource& source) {
  WeightSource result = source;
  if (source.constant) result.constant = encode(transposed(decode(*source.constant)));
  if (source.integers) {
    result.integers = transposed(*source.integers);
    result.scale = transposed(source.scale);
    result.zero_point = transposed(source.zero_point);
    if (!source.widths.reals.empty()) result.widths = transposed(source.widths);
  }
  return result;
}

}  // namespace pimento::workloads
