// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/offset_grid.h"

#include <cmath>

#include <fmt/format.h>

#include "base/error.h"

namespace pimento::workloads {
namespace {

// Half a step, when only the offset was rounded, and what arithmetic with 32-bit floats loses.
bool is_near(double bound, double step_number) {
  return std::abs(bound - step_number) <= 0.51 + std::abs(step_number) * 0x1p-20;
}

// Whether the stated bounds are those of p + offset from `lowest` to `highest`.
bool bounds_agree(const OffsetEncoding& encoding, std::int64_t lowest, std::int64_t highest) {
  if (!encoding.bounds) return true;
  return is_near(encoding.bounds->min / encoding.scale, static_cast<double>(lowest)) &&
         is_near(encoding.bounds->max / encoding.scale, static_cast<double>(highest));
}

[[noreturn]] void contradiction(const OffsetEncoding& encoding, std::int64_t offset,
                                std::int64_t steps, const std::string& where) {
  const auto stated = encoding.bounds.value_or(OffsetEncoding::Bounds{});
  const auto min = static_cast<double>(offset) * encoding.scale;
  const auto max = static_cast<double>(offset + steps) * encoding.scale;
  throw InputError(fmt::format(
      "{}: min {}, max {}, offset {} and scale {} contradict each other; "
      "with {} bits expected min {:.6g} and max {:.6g}; export the file "
      "again",
      where, stated.min, stated.max, encoding.offset, encoding.scale, encoding.bits, min, max));
}

}  // namespace

OffsetGrid grid_of(const OffsetEncoding& encoding, const std::string& where) {
  const std::int64_t steps = (std::int64_t{1} << encoding.bits) - 1;
  const std::int64_t half = std::int64_t{1} << (encoding.bits - 1);
  OffsetGrid grid{encoding.offset, false, false};
  if (grid.offset > 0 && encoding.bounds && encoding.bounds->min < 0.0) grid.offset = -grid.offset;
  if (grid.offset > 0 || grid.offset < -steps) {
    throw InputError(
        fmt::format("{}: has the offset {} with {} bits; expected {} to 0; export the "
                    "file again",
                    where, encoding.offset, encoding.bits, -steps));
  }
  const bool full = bounds_agree(encoding, grid.offset, grid.offset + steps);
  const bool centred = grid.offset == -half || grid.offset == -(half - 1);
  if (!encoding.is_symmetric || grid.offset == 0) {
    if (!full) contradiction(encoding, grid.offset, steps, where);
    return grid;
  }
  if (!centred) {
    throw InputError(
        fmt::format("{}: is symmetric with the offset {}; expected {}, {} or 0 with {} "
                    "bits; export the file again",
                    where, encoding.offset, -half, -(half - 1), encoding.bits));
  }
  // Both can hold, where a step is less than the rounding of the bounds: the offset decides.
  const bool narrow = bounds_agree(encoding, -(half - 1), half - 1);
  if (grid.offset == -half && full) {
    grid.is_signed = true;
  } else if (narrow) {
    grid = {-(half - 1), true, true};
  } else if (!full) {
    contradiction(encoding, grid.offset, steps, where);
  }
  return grid;
}

}  // namespace pimento::workloads
