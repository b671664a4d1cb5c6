// SPDX-License-Identifier: Apache-2.0
// What the rows of a layer were driven with, over all input vectors: all that sums of driven levels
// and of their squares need, whatever the DAC.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/exact/mapped_matrix.h"

namespace pimento::exact {

// Bits [first, first + width) of an input: what one drive gives a row.
struct InputSlice {
  int first = 0;
  int width = 1;
};

// For every row of every block: how often each bit of its inputs was one, and how often each two
// bits were so at once. A slice x of the bits b has, over all vectors,
//   sum of x   = sum over b of 2^b n_b
//   sum of x^2 = sum over b of 4^b n_b + 2 (sum over b < b' of 2^(b + b') n_bb'),
// b counted from the slice's first bit. Negative inputs count with the bits of their two's
// complement. With 2^(bits-1) added, as wide DACs drive them, only the top bit differs: it is
// inverted, and what it counts follows from the other counts and the number of vectors.
class InputCounts {
 public:
  InputCounts() = default;
  InputCounts(std::int64_t blocks, std::int64_t rows, const InputFormat& input);

  // `vectors` rows of values, `stride` apart.
  void add(std::int64_t block, int vectors, const std::int32_t* inputs, std::int64_t stride);
  // Counts of the same layer, of other inputs.
  void merge(const InputCounts& other);

  [[nodiscard]] std::int64_t blocks() const { return static_cast<std::int64_t>(vectors_.size()); }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] const InputFormat& input() const { return input_; }
  [[nodiscard]] std::int64_t vectors(std::int64_t block) const {
    return vectors_[static_cast<std::size_t>(block)];
  }
  // How often bits a and b of a row's inputs were one in the same vector; a == b: how often a was.
  [[nodiscard]] std::int64_t both(std::int64_t block, std::int64_t row, int a, int b) const {
    return pairs_[place(block, row) + pair(a, b)];
  }
  // The sum over all vectors of the slice's value to the `power`, 1 or 2. `offset`: with
  // 2^(bits-1) added to the inputs.
  [[nodiscard]] std::int64_t sum(std::int64_t block, std::int64_t row, const InputSlice& slice,
                                 int power, bool offset) const;
  friend bool operator==(const InputCounts&, const InputCounts&) = default;

  // The counts as they lie: of each block, each row, pair(a, b) from 0 on; for whoever makes or
  // keeps them.
  [[nodiscard]] static std::size_t pair(int a, int b) {
    const auto low = static_cast<std::size_t>(a < b ? a : b);
    const auto high = static_cast<std::size_t>(a < b ? b : a);
    return high * (high + 1) / 2 + low;
  }
  [[nodiscard]] static std::size_t pair_count(int bits) { return pair(0, bits); }
  [[nodiscard]] const std::vector<std::int64_t>& pairs() const { return pairs_; }
  [[nodiscard]] std::span<std::int64_t> pairs(std::int64_t block, std::int64_t row) {
    return {pairs_.data() + place(block, row), pair_count(input_.bits)};
  }
  void set_vectors(std::int64_t block, std::int64_t vectors) {
    vectors_[static_cast<std::size_t>(block)] = vectors;
  }

 private:
  [[nodiscard]] std::size_t place(std::int64_t block, std::int64_t row) const {
    return static_cast<std::size_t>(block * rows_ + row) * pair_count(input_.bits);
  }
  [[nodiscard]] std::int64_t seen(std::int64_t block, std::int64_t row, int a, int b,
                                  bool offset) const;

  InputFormat input_;
  std::int64_t rows_ = 0;
  std::vector<std::int64_t> vectors_;  // of each block
  std::vector<std::int64_t> pairs_;
};

// Adds the values at `offsets` of `values` to the counts of one row.
void count_bits(std::span<std::int64_t> pairs, int bits, const std::int32_t* values,
                std::span<const std::int64_t> offsets);

}  // namespace pimento::exact
