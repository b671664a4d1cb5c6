// SPDX-License-Identifier: Apache-2.0
// How a signed weight is cut into cells: bit-planes grouped into slices of `cell_bits`, each with a
// place value and a sign.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/chip_spec.h"

namespace pimento::arch {

// One column of a weight. Its cell holds `width` bits, worth sign x 2^shift each unit.
struct Slice {
  int shift = 0;
  int width = 1;
  int sign = 1;
  friend bool operator==(const Slice&, const Slice&) = default;
};

// weight = sum over slices of sign x 2^shift x cell  -  excess.
// An excess other than zero is taken off digitally as excess x (sum of the inputs).
struct SlicePlan {
  Encoding encoding = Encoding::kTwosComplement;
  int weight_bits = 8;
  std::vector<Slice> slices;
  std::int64_t excess = 0;
  friend bool operator==(const SlicePlan&, const SlicePlan&) = default;
};

// The three encodings:
//   two's complement  ceil(bits / cell_bits) slices, LSB first. With 1-bit cells the top plane
//                     subtracts. With wider cells a cell cannot hold a negative digit, so the sign
//                     bit is stored inverted, which makes every weight 2^(bits-1) too large.
//   offset            the weight plus 2^(bits-1) in unsigned slices (ISAAC's bias).
//   differential      bits-1 magnitude bits in a positive and in a negative column.
[[nodiscard]] SlicePlan plan_slices(Encoding encoding, int weight_bits, int cell_bits);

// What the cells of one weight hold, one value a slice. The weight must lie in the plan's range:
// [-2^(bits-1), 2^(bits-1) - 1], for differential pairs without the lowest value.
[[nodiscard]] std::vector<std::int64_t> encode(const SlicePlan& plan, std::int64_t weight);
[[nodiscard]] std::int64_t decode(const SlicePlan& plan, const std::vector<std::int64_t>& cells);

// Smallest and largest weight a plan can hold.
[[nodiscard]] std::int64_t lowest_weight(const SlicePlan& plan);
[[nodiscard]] std::int64_t highest_weight(const SlicePlan& plan);

}  // namespace pimento::arch
