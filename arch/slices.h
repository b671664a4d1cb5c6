// SPDX-License-Identifier: Apache-2.0
// How a signed weight is cut into cells: bit-planes grouped into slices of `cell_bits`, each with a
// place value and a sign.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arch/encoding.h"

namespace pimento::arch {

// One column of a weight. Its cells hold `width` bits, worth sign x 2^shift each unit.
struct Slice {
  int shift = 0;
  int width = 1;
  int sign = 1;
  friend bool operator==(const Slice&, const Slice&) = default;
};

// code = sum over slices of sign x 2^shift x (cell, or positive less negative cell of a pair)
// weight = code - excess + center of its channel.
// What is other than the code is added digitally, as a multiple of the sum of the inputs.
struct SlicePlan {
  Encoding encoding = Encoding::kTwosComplement;
  int weight_bits = 8;
  std::vector<Slice> slices;
  std::int64_t excess = 0;
  friend bool operator==(const SlicePlan&, const SlicePlan&) = default;

  [[nodiscard]] int lines() const { return arch::lines(encoding); }
  // Slices that hold values of one sign: a differential weight has two such runs.
  [[nodiscard]] std::int64_t slices_of_a_sign() const {
    return std::ssize(slices) / (encoding == Encoding::kDifferential ? 2 : 1);
  }
  // Whether macros must sum up their inputs for the digital part.
  [[nodiscard]] bool needs_input_sums() const;
};

// The encodings, LSB first, in slices of cell_bits:
//   two's complement  `bits` bits. With 1-bit cells the top plane subtracts. Wider cells cannot
//                     hold a negative digit: the sign bit is stored inverted, which makes every
//                     weight 2^(bits-1) too large.
//   offset            the weight plus 2^(bits-1), `bits` bits (ISAAC's bias).
//   offset_flipped    the same; is_flipped() says which columns are stored inverted.
//   differential      bits-1 magnitude bits in a positive and in a negative column.
//   sign_magnitude    bits-1 magnitude bits on pairs of lines.
//   center_offset     the weight less its channel's center, `bits` magnitude bits on pairs.
//   csd               `bits` canonical signed digits on pairs of lines.
//   xnor              as offset; the cells answer with agreement instead of products.
[[nodiscard]] SlicePlan plan_slices(Encoding encoding, int weight_bits, int cell_bits);

// The same in slices of these widths, LSB first: {2, 2, 4} is RAELLA's 4-2-2 of eight bits. They
// add up to code_bits().
[[nodiscard]] SlicePlan plan_slices(Encoding encoding, int weight_bits,
                                    std::span<const int> widths);

// The same with cells for some planes only; bit b of `planes` stands for plane b of the code.
// Weights with other bits have no place. A slice never reaches over a plane that is left out.
[[nodiscard]] SlicePlan plan_planes(Encoding encoding, int weight_bits, int cell_bits,
                                    std::uint64_t planes);

// Bits of the code that a weight becomes: one less than the weight's where magnitudes are stored.
[[nodiscard]] int code_bits(Encoding encoding, int weight_bits);

// What the cells of one weight hold: for every slice one value, or the positive and the negative
// one. The weight must be in range.
[[nodiscard]] std::vector<std::int64_t> encode(const SlicePlan& plan, std::int64_t weight,
                                               std::int64_t center = 0);
[[nodiscard]] std::int64_t decode(const SlicePlan& plan, const std::vector<std::int64_t>& cells,
                                  std::int64_t center = 0);

[[nodiscard]] bool is_in_range(const SlicePlan& plan, std::int64_t weight, std::int64_t center = 0);
// Whether each of the range comes back from its cells; of large ranges 512 are tried.
[[nodiscard]] bool holds_all_weights(const SlicePlan& plan);

// Smallest and largest weight a plan can hold, with any center between them.
[[nodiscard]] std::int64_t lowest_weight(const SlicePlan& plan);
[[nodiscard]] std::int64_t highest_weight(const SlicePlan& plan);

// The center of a channel with these weights: of those tried, the one with the least sum over
// slices of |sum of the slice's values|^4, so that no column leans to one side (RAELLA, ISCA'23,
// Center+Offset; the power 4 is unverified). Tried are 64 evenly spaced whole numbers between
// the least and the largest weight, then all around the best of them. Zero for every other
// encoding.
[[nodiscard]] std::int64_t center_of(const SlicePlan& plan, std::span<const std::int32_t> weights);

// The center of each channel of a layer; `weights` are those of one channel, `rows` each, after the
// other.
[[nodiscard]] std::vector<std::int64_t> centers_of(const SlicePlan& plan,
                                                   std::span<const std::int32_t> weights,
                                                   std::int64_t rows);

// Whether a column whose cells hold `sum` in all is stored inverted: sum of x (max - cell) =
// max sum of x - sum of x cell, and a column then never holds more than half of what it could.
[[nodiscard]] bool is_flipped(const SlicePlan& plan, const Slice& slice, std::int64_t rows,
                              std::int64_t sum);

}  // namespace pimento::arch
