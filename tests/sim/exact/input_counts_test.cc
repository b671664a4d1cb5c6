// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/input_counts.h"

#include <random>

#include <gtest/gtest.h>

namespace pimento::exact {
namespace {

struct Drawn {
  InputFormat input;
  int vectors = 0;
  std::int64_t rows = 0;
  std::vector<std::int32_t> values;  // vectors x rows
};

Drawn drawn(const InputFormat& input, int vectors, std::int64_t rows, std::uint32_t seed) {
  std::mt19937 random(seed);
  const std::int64_t half = std::int64_t{1} << (input.bits - 1);
  const std::int64_t low = input.is_signed ? -half : 0;
  std::uniform_int_distribution<std::int64_t> any(low, low + 2 * half - 1);
  Drawn result{input, vectors, rows, {}};
  for (std::int64_t i = 0; i < vectors * rows; ++i) {
    result.values.push_back(static_cast<std::int32_t>(any(random)));
  }
  return result;
}

InputCounts counts_of(const Drawn& drawn) {
  InputCounts counts(1, drawn.rows, drawn.input);
  counts.add(0, drawn.vectors, drawn.values.data(), drawn.rows);
  return counts;
}

// Values 5 = 101, 1 = 001 and 4 = 100 in binary.
TEST(InputCounts, CountsBitsAndPairsOfThem) {
  InputCounts counts(1, 1, {3, false});
  const std::vector<std::int32_t> values{5, 1, 4};
  counts.add(0, 3, values.data(), 1);
  EXPECT_EQ(counts.vectors(0), 3);
  EXPECT_EQ(counts.both(0, 0, 0, 0), 2);
  EXPECT_EQ(counts.both(0, 0, 1, 1), 0);
  EXPECT_EQ(counts.both(0, 0, 2, 2), 2);
  EXPECT_EQ(counts.both(0, 0, 0, 2), 1);
  EXPECT_EQ(counts.both(0, 0, 2, 0), 1);
  EXPECT_EQ(counts.sum(0, 0, {0, 3}, 1, false), 5 + 1 + 4);
  EXPECT_EQ(counts.sum(0, 0, {0, 3}, 2, false), 25 + 1 + 16);
  // The two upper bits: 2, 0 and 2.
  EXPECT_EQ(counts.sum(0, 0, {1, 2}, 1, false), 4);
  EXPECT_EQ(counts.sum(0, 0, {1, 2}, 2, false), 8);
}

// Every width of slices, any count of vectors, both powers, and inputs driven with an offset.
TEST(InputCounts, SumsOfSlicesAreThoseOfTheValues) {
  std::uint32_t seed = 0;
  for (const int bits : {1, 2, 7, 8, 9, 16}) {
    for (const int vectors : {1, 7, 8, 63, 64, 65, 200}) {
      for (const bool is_signed : {false, true}) {
        const Drawn values = drawn({bits, is_signed}, vectors, 3, ++seed);
        const InputCounts counts = counts_of(values);
        for (int width = 1; width <= 8; ++width) {
          for (int first = 0; first < bits; first += width) {
            for (const bool offset : {false, is_signed}) {
              for (std::int64_t row = 0; row < 3; ++row) {
                std::int64_t sum = 0;
                std::int64_t squares = 0;
                for (int v = 0; v < vectors; ++v) {
                  const std::int64_t half = std::int64_t{1} << (bits - 1);
                  std::int64_t value =
                      values.values[static_cast<std::size_t>(std::int64_t{3} * v + row)];
                  value = (offset ? value + half : value) & (2 * half - 1);
                  const std::int64_t level = value >> first & ((std::int64_t{1} << width) - 1);
                  sum += level;
                  squares += level * level;
                }
                ASSERT_EQ(counts.sum(0, row, {first, width}, 1, offset), sum);
                ASSERT_EQ(counts.sum(0, row, {first, width}, 2, offset), squares);
              }
            }
          }
        }
      }
    }
  }
}

// In pieces of any size, in any order, into one or several counts.
TEST(InputCounts, OrderAndPiecesPlayNoPart) {
  const Drawn values = drawn({8, true}, 150, 5, 3);
  const InputCounts whole = counts_of(values);
  for (const int piece : {1, 13, 64, 149}) {
    std::vector<InputCounts> pieces;
    for (int first = 0; first < 150; first += piece) {
      pieces.emplace_back(1, 5, values.input);
      pieces.back().add(0, std::min(piece, 150 - first),
                        values.values.data() + std::ptrdiff_t{5} * first, 5);
    }
    InputCounts merged(1, 5, values.input);
    for (auto it = pieces.rbegin(); it != pieces.rend(); ++it) merged.merge(*it);
    EXPECT_TRUE(merged == whole) << "pieces of " << piece;
  }
}

}  // namespace
}  // namespace pimento::exact
