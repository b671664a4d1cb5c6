// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/read_analog.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sim/kernels/random_case.h"

namespace pimento::kernels {
namespace {

using ReadAnalog = std::int64_t(const AnalogTile&, const Drives&, const NoiseSource&, std::int64_t*,
                                std::int64_t);

Outcome read(ReadAnalog& by, const Case& c, const AnalogTile& tile, const NoiseSource& source) {
  const Drives drives(tile.groups(), c.slicing, c.vectors, c.inputs.data(), c.rows);
  const std::int64_t stride = drives.padded_count() + 3;
  std::vector<std::int64_t> sums(tile.channels().size() * static_cast<std::size_t>(stride), 0);
  Outcome outcome;
  outcome.saturated = by(tile, drives, source, sums.data(), stride);
  for (std::size_t i = 0; i < tile.channels().size(); ++i) {
    const auto from = sums.begin() + static_cast<std::ptrdiff_t>(i) * stride;
    outcome.sums.insert(outcome.sums.end(), from, from + drives.count());
  }
  return outcome;
}

// The case's cells, each off by up to a fifth of a level; every fourth case without read noise.
AnalogTile faulty_tile(const Case& c, std::uint64_t seed) {
  Dice dice(seed + 10'000);
  ConverterFaults faults;
  if (dice(0, 2) == 0) faults.noise = dice(1, 20) / 10.0;
  if (dice(0, 3) == 0) faults.bow = dice(-20, 20) / 10.0;
  const bool is_noisy = dice(0, 3) != 0;
  AnalogTile tile(RowGroups(c.rows, c.unit_rows), c.slicing.drive_bits, c.transfers, faults);
  for (std::size_t i = 0; i < c.columns.size(); ++i) {
    std::vector<float> levels;
    std::vector<float> variances;
    for (const int cell : c.cells[i]) {
      levels.push_back(static_cast<float>(cell) + static_cast<float>(dice(-100, 100)) / 500.0F);
      if (is_noisy) variances.push_back(static_cast<float>(dice(0, 50)) / 1000.0F);
    }
    tile.add_column(c.columns[i], levels, variances);
  }
  return tile;
}

class EveryInstructionSetAnalog : public EveryInstructionSet {};

TEST_P(EveryInstructionSetAnalog, FindsWhatPlainLoopsFind) {
  std::int64_t saturated = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Case c = random_case(seed);
    const AnalogTile tile = faulty_tile(c, seed);
    const NoiseSource source{seed * 0x123456789ABCDEFULL};
    const Outcome right = read(read_analog_plainly, c, tile, source);
    ASSERT_EQ(read(read_analog, c, tile, source), right) << "seed " << seed;
    saturated += right.saturated;
  }
  EXPECT_GT(saturated, 1000);
}

// Cells as they are meant, read without noise, are those of the other kernels.
TEST_P(EveryInstructionSetAnalog, ReadsIdealCellsAsTheyAreMeant) {
  for (std::uint64_t seed = 1; seed < 300; ++seed) {
    Case c = random_case(seed);
    if (c.bipolar) continue;
    AnalogTile tile(RowGroups(c.rows, c.unit_rows), c.slicing.drive_bits, c.transfers, {});
    for (std::size_t i = 0; i < c.columns.size(); ++i) {
      const std::vector<float> levels(c.cells[i].begin(), c.cells[i].end());
      tile.add_column(c.columns[i], levels, {});
    }
    ASSERT_EQ(read(read_analog, c, tile, {}), expected(c, tile)) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryInstructionSetAnalog,
                         testing::Values("avx512", "avx2", "scalar"),
                         [](const auto& each) { return each.param; });

struct Moments {
  double mean = 0.0;
  double variance = 0.0;
};

Moments moments_of(const std::vector<double>& values) {
  const double count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, squares / count};
}

// One column of sixteen cells, read many times with the same input; an ADC of fine steps.
std::vector<double> repeated(std::int32_t input, int drive_bits, float variance,
                             const ConverterFaults& faults) {
  constexpr int kReads = 20'000;
  constexpr int kCellRows = 16;
  AnalogTile tile(RowGroups(kCellRows, kCellRows), drive_bits, {clamp_transfer(-32768, 32767)},
                  faults);
  const std::vector<float> levels(kCellRows, 100.0F);
  tile.add_column({}, levels, std::vector<float>(variance == 0.0F ? 0 : kCellRows, variance));
  const std::vector<std::int32_t> inputs(std::size_t{kReads} * kCellRows, input);
  const Drives drives(tile.groups(), {drive_bits, drive_bits}, kReads, inputs.data(), kCellRows);
  std::vector<std::int64_t> sums(static_cast<std::size_t>(drives.padded_count()), 0);
  EXPECT_EQ(read_analog(tile, drives, {7}, sums.data(), drives.padded_count()), 0);
  return {sums.begin(), sums.begin() + kReads};
}

// Variances of driven cells add up, as the square of the drive; that of rounding is 1/12.
TEST(ReadAnalog, NoiseGrowsWithTheSquareOfTheDrive) {
  for (const int input : {1, 2, 3}) {
    const Moments found = moments_of(repeated(input, 2, 4.0F, {}));
    const double variance = 16.0 * 4.0 * input * input + 1.0 / 12.0;
    EXPECT_NEAR(found.mean, 1600.0 * input, 5.0 * std::sqrt(variance / 20'000.0));
    EXPECT_NEAR(found.variance, variance, 5.0 * variance * std::sqrt(2.0 / 20'000.0));
  }
  const Moments silent = moments_of(repeated(0, 2, 4.0F, {}));
  EXPECT_EQ(silent.variance, 0.0);
}

TEST(ReadAnalog, TheConverterHasNoiseOfItsOwn) {
  const Moments found = moments_of(repeated(0, 1, 0.0F, {.noise = 3.0}));
  const double variance = 9.0 + 1.0 / 12.0;
  EXPECT_NEAR(found.mean, 0.0, 5.0 * std::sqrt(variance / 20'000.0));
  EXPECT_NEAR(found.variance, variance, 5.0 * variance * std::sqrt(2.0 / 20'000.0));
}

// A parabola over the codes: four steps too high in the middle, right at the ends.
TEST(ReadAnalog, ABentConverterIsOffInTheMiddle) {
  const auto code_of_sum = [](float level) {
    AnalogTile tile(RowGroups(1, 1), 1, {clamp_transfer(0, 255)}, {.bow = 4.0});
    tile.add_column({}, std::vector<float>{level}, {});
    const std::int32_t input = 1;
    const Drives drives(tile.groups(), {1, 1}, 1, &input, 1);
    std::vector<std::int64_t> sums(static_cast<std::size_t>(drives.padded_count()), 0);
    (void)read_analog(tile, drives, {}, sums.data(), drives.padded_count());
    return sums[0];
  };
  EXPECT_EQ(code_of_sum(0.0F), 0);
  EXPECT_EQ(code_of_sum(64.0F), 67);
  EXPECT_EQ(code_of_sum(128.0F), 132);
  EXPECT_EQ(code_of_sum(255.0F), 255);
}

TEST(ReadAnalog, LevelsBetweenWholeOnesAddUp) {
  AnalogTile tile(RowGroups(8, 8), 1, {clamp_transfer(0, 255)}, {});
  tile.add_column({}, std::vector<float>(8, 1.1F), {});
  const std::vector<std::int32_t> inputs(8, 1);
  const Drives drives(tile.groups(), {1, 1}, 1, inputs.data(), 8);
  std::vector<std::int64_t> sums(static_cast<std::size_t>(drives.padded_count()), 0);
  (void)read_analog(tile, drives, {}, sums.data(), drives.padded_count());
  EXPECT_EQ(sums[0], 9);  // 8.8
}

}  // namespace
}  // namespace pimento::kernels
