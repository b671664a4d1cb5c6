// SPDX-License-Identifier: Apache-2.0
// The vector code against a loop over cells, inputs and columns that knows nothing of bits packed
// in words.
#include "sim/kernels/read.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"
#include "sim/kernels/lookup_tables.h"
#include "tests/sim/kernels/random_case.h"

namespace pimento::kernels {
namespace {

// A bipolar cell as the kernels see one: its weight adds to the sum where an input bit is one, its
// complement takes away, and what inputs of zero give is there from the start.
void add_bipolar_column(Tile& tile, const Case& c, std::size_t column) {
  Plane equal{0, false, {}};
  Plane unequal{0, true, {}};
  std::vector<std::int32_t> rest(static_cast<std::size_t>(tile.groups().reads()), 0);
  for (int row = 0; row < c.rows; ++row) {
    const bool one = c.cells[column][static_cast<std::size_t>(row)] != 0;
    equal.bits.push_back(one ? 1 : 0);
    unequal.bits.push_back(one ? 0 : 1);
    rest[static_cast<std::size_t>(tile.groups().read_of(row))] += one ? 0 : 1;
  }
  tile.add_column(c.columns[column], std::vector{equal, unequal}, rest);
}

Tile tile_of(const Case& c) {
  Tile tile(RowGroups(c.rows, c.unit_rows), c.slicing.drive_bits, c.transfers);
  for (std::size_t i = 0; i < c.columns.size(); ++i) {
    if (c.bipolar) {
      add_bipolar_column(tile, c, i);
      continue;
    }
    std::vector<Plane> planes;
    for (const bool negative : {false, true}) {
      if (negative && !c.pairs) continue;
      for (int bit = 0; bit < c.cell_bits; ++bit) {
        Plane plane{bit, negative, {}};
        for (const int cell : c.cells[i]) {
          const int held = negative ? std::max(0, -cell) : std::max(0, cell);
          plane.bits.push_back(static_cast<std::uint8_t>(held >> bit & 1));
        }
        planes.push_back(plane);
      }
    }
    tile.add_column(c.columns[i], planes);
  }
  return tile;
}

Outcome read(const Case& c, const Tile& tile) {
  const Drives drives(tile.groups(), c.slicing, c.vectors, c.inputs.data(), c.rows);
  std::vector<int> channels(tile.channels().size());
  std::iota(channels.begin(), channels.end(), 0);
  const std::int64_t stride = drives.padded_count() + 3;
  std::vector<std::int64_t> sums(channels.size() * static_cast<std::size_t>(stride), 0);
  Outcome outcome;
  outcome.saturated = read_channels(tile, channels, drives, sums.data(), stride);
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const auto from = sums.begin() + static_cast<std::ptrdiff_t>(i) * stride;
    outcome.sums.insert(outcome.sums.end(), from, from + drives.count());
  }
  return outcome;
}

TEST_P(EveryInstructionSet, AgreesWithTheLoopOnRandomCases) {
  std::int64_t saturated = 0;
  std::int64_t conversions = 0;
  int plain = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Case c = random_case(seed);
    const Tile tile = tile_of(c);
    const Outcome right = expected(c, tile);
    ASSERT_EQ(read(c, tile), right) << "seed " << seed;
    saturated += right.saturated;
    conversions += std::int64_t{c.slicing.slices()} * c.vectors * std::ssize(c.columns) *
                   tile.groups().reads();
    plain += fits_bytes(tile) ? 1 : 0;
  }
  // The ADCs must have had something to do, and both ways of reading as well.
  EXPECT_GT(saturated, conversions / 20);
  EXPECT_LT(saturated, conversions);
  EXPECT_GT(plain, 50);
  EXPECT_LT(plain, 400);
}

INSTANTIATE_TEST_SUITE_P(All, EveryInstructionSet, testing::Values("avx512", "avx2", "scalar"),
                         [](const auto& each) { return each.param; });

TEST(Read, ColumnSumsAreThoseBeforeTheAdc) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Case c = random_case(seed);
    const Tile tile = tile_of(c);
    const Drives drives(tile.groups(), c.slicing, c.vectors, c.inputs.data(), c.rows);
    std::vector<std::int32_t> sums(static_cast<std::size_t>(drives.count()));
    for (std::size_t i = 0; i < c.columns.size(); ++i) {
      for (int r = 0; r < tile.groups().reads(); ++r) {
        column_sums(tile, tile.columns()[i], r, drives, sums);
        for (int drive = 0; drive < drives.count(); ++drive) {
          ASSERT_EQ(sums[static_cast<std::size_t>(drive)],
                    column_sum(c, i, r, drive / c.vectors, drive % c.vectors));
        }
      }
    }
  }
}

// What the bounds of a column promise holds for every input.
TEST(Read, NoSumLeavesTheBoundsOfItsColumn) {
  int at_bound = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Case c = random_case(seed);
    if (seed % 2 == 0) std::fill(c.inputs.begin(), c.inputs.end(), (1 << c.slicing.bits) - 1);
    const Tile tile = tile_of(c);
    for (std::size_t i = 0; i < c.columns.size(); ++i) {
      const Tile::Column& column = tile.columns()[i];
      for (int r = 0; r < tile.groups().reads(); ++r) {
        for (int drive = 0; drive < c.slicing.slices() * c.vectors; ++drive) {
          const int sum = column_sum(c, i, r, drive / c.vectors, drive % c.vectors);
          ASSERT_GE(sum, column.lowest);
          ASSERT_LE(sum, column.highest);
          at_bound += sum == column.highest ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(at_bound, 0);
}

TEST(Read, RefusesAnInstructionSetThatIsNotThere) {
  try {
    use_instruction_set("mmx");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what())
                  .rfind("this processor has no instruction set \"mmx\"; it has: ", 0),
              0U);
  }
}

}  // namespace
}  // namespace pimento::kernels
