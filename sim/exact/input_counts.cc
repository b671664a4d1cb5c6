// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/input_counts.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/error.h"

namespace pimento::exact {
namespace {

constexpr int kMostBits = 32;
constexpr std::size_t kWord = 64;  // values that are counted at once

// The matrix of eight times eight bits turned over its diagonal, a row a byte (H. S. Warren,
// Hacker's Delight, 2nd edition, section 7-3).
std::uint64_t turned(std::uint64_t rows) {
  std::uint64_t swap = (rows ^ (rows >> 7)) & 0x00AA00AA00AA00AAU;
  rows ^= swap ^ (swap << 7);
  swap = (rows ^ (rows >> 14)) & 0x0000CCCC0000CCCCU;
  rows ^= swap ^ (swap << 14);
  swap = (rows ^ (rows >> 28)) & 0x00000000F0F0F0F0U;
  return rows ^ swap ^ (swap << 28);
}

// planes[b]: bit b of each of at most 64 values.
void slice_bits(const std::int32_t* values, std::span<const std::int64_t> offsets, int bits,
                std::array<std::uint64_t, kMostBits>& planes) {
  std::fill_n(planes.begin(), bits, 0);
  for (std::size_t first = 0; first < offsets.size(); first += 8) {
    const std::size_t count = std::min<std::size_t>(8, offsets.size() - first);
    for (int low = 0; low < bits; low += 8) {
      std::uint64_t bytes = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const auto value = static_cast<std::uint32_t>(values[offsets[first + i]]);
        bytes |= std::uint64_t{(value >> low) & 0xFFU} << (8 * i);
      }
      if (bytes == 0) continue;
      const std::uint64_t rows = turned(bytes);
      const int last = std::min(low + 8, bits);
      for (int b = low; b < last; ++b) {
        planes[static_cast<std::size_t>(b)] |= (rows >> (8 * (b - low)) & 0xFFU) << first;
      }
    }
  }
}

}  // namespace

void count_bits(std::span<std::int64_t> pairs, int bits, const std::int32_t* values,
                std::span<const std::int64_t> offsets) {
  std::array<std::uint64_t, kMostBits> planes;
  for (std::size_t first = 0; first < offsets.size(); first += kWord) {
    slice_bits(values, offsets.subspan(first, std::min(kWord, offsets.size() - first)), bits,
               planes);
    std::int64_t* to = pairs.data();
    for (int high = 0; high < bits; to += ++high) {
      const std::uint64_t ones = planes[static_cast<std::size_t>(high)];
      if (ones == 0) continue;
      for (int low = 0; low <= high; ++low) {
        to[low] += std::popcount(ones & planes[static_cast<std::size_t>(low)]);
      }
    }
  }
}

InputCounts::InputCounts(std::int64_t blocks, std::int64_t rows, const InputFormat& input)
    : input_(input),
      rows_(rows),
      vectors_(static_cast<std::size_t>(blocks), 0),
      pairs_(static_cast<std::size_t>(blocks * rows) * pair_count(input.bits), 0) {
  ensure(input.bits >= 1 && input.bits <= kMostBits, "an input has more bits than are counted");
}

void InputCounts::add(std::int64_t block, int vectors, const std::int32_t* inputs,
                      std::int64_t stride) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(vectors));
  for (std::size_t v = 0; v < offsets.size(); ++v) {
    offsets[v] = static_cast<std::int64_t>(v) * stride;
  }
  for (std::int64_t row = 0; row < rows_; ++row) {
    count_bits(pairs(block, row), input_.bits, inputs + row, offsets);
  }
  vectors_[static_cast<std::size_t>(block)] += vectors;
}

void InputCounts::merge(const InputCounts& other) {
  ensure(other.rows_ == rows_ && other.vectors_.size() == vectors_.size() &&
             other.pairs_.size() == pairs_.size(),
         "counts of two layers are merged");
  std::transform(pairs_.begin(), pairs_.end(), other.pairs_.begin(), pairs_.begin(), std::plus<>());
  std::transform(vectors_.begin(), vectors_.end(), other.vectors_.begin(), vectors_.begin(),
                 std::plus<>());
}

// As both(), of bits as they are driven.
std::int64_t InputCounts::seen(std::int64_t block, std::int64_t row, int a, int b,
                               bool offset) const {
  const int top = input_.bits - 1;
  if (!offset || (a != top && b != top)) return both(block, row, a, b);
  if (a == b) return vectors(block) - both(block, row, top, top);
  const int other = a == top ? b : a;
  return both(block, row, other, other) - both(block, row, other, top);
}

std::int64_t InputCounts::sum(std::int64_t block, std::int64_t row, const InputSlice& slice,
                              int power, bool offset) const {
  const int last = std::min(slice.first + slice.width, input_.bits);
  std::int64_t sum = 0;
  for (int a = slice.first; a < last; ++a) {
    sum += seen(block, row, a, a, offset) << (power * (a - slice.first));
    for (int b = slice.first; power == 2 && b < a; ++b) {
      sum += seen(block, row, a, b, offset) << (a + b - 2 * slice.first + 1);
    }
  }
  return sum;
}

}  // namespace pimento::exact
