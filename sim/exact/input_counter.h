// SPDX-License-Identifier: Apache-2.0
// Counts what the rows of a layer are driven with from the tensors it reads, looking at each value
// once: a convolution drives a value to a row for each tap of its kernel that meets it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/exact/input_counts.h"

namespace pimento::exact {

// Values of a map that the same taps meet (those of its inside, of an edge, ...) form a class. Bits
// are counted by map and class, and rows, (map, tap), are put together at the end.
class InputCounter {
 public:
  // A matrix product: `vectors` vectors, one behind the other, each a value for every row.
  static InputCounter of_product(const BlockShape& shape, const InputFormat& input,
                                 std::int64_t vectors);
  // A convolution: `offsets` are, for each of its places, those of the kernel's `kernel` taps in a
  // map of `area` values, -1 for padding.
  static InputCounter of_convolution(const BlockShape& shape, const InputFormat& input,
                                     std::span<const std::int32_t> offsets, std::int64_t kernel,
                                     std::int64_t area);

  // The integers of one image, and that of the padding. Work is shared out to threads.
  void add(const std::vector<std::int32_t>& integers, std::int32_t padding);
  [[nodiscard]] InputCounts counts() const;

 private:
  struct Class {
    std::vector<std::int64_t> values;  // where they lie in their map
    std::vector<std::int64_t> taps;
  };
  InputCounter(const BlockShape& shape, const InputFormat& input);
  void clear();

  BlockShape shape_;
  InputFormat input_;
  std::int64_t kernel_ = 1;  // taps
  std::int64_t maps_ = 0;    // of all blocks; of a matrix product: rows
  std::int64_t step_ = 1;    // from map to map
  std::int64_t vectors_of_image_ = 0;
  std::vector<Class> classes_;
  std::vector<std::int64_t> padded_;   // of each tap: places where it meets padding
  std::vector<std::int64_t> pairs_;    // maps x classes x pairs
  std::vector<std::int64_t> padding_;  // pairs of the paddings' integers
  std::int64_t vectors_ = 0;
};

}  // namespace pimento::exact
