// SPDX-License-Identifier: Apache-2.0
// Cells with one non-ideality at a time against closed forms. Bounds on what is drawn are five
// standard errors: 5 s / sqrt(n) for a mean, 5 s / sqrt(2 n) for the deviation of normal numbers.
#include "sim/devices/cell_model.h"

#include <numbers>
#include <set>

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/sim/devices/support.h"

namespace pimento::devices {
namespace {

constexpr std::size_t kCells = 100000;
const double kRoot = std::sqrt(double(kCells));

void expect_moments(const std::vector<float>& values, double mean, double deviation) {
  const Moments found = moments_of(values);
  EXPECT_NEAR(found.mean, mean, 5 * deviation / kRoot);
  EXPECT_NEAR(found.deviation, deviation, 5 * deviation / kRoot / std::numbers::sqrt2);
}

std::vector<float> levels_of(const CellModel& model, const std::vector<std::uint8_t>& wanted) {
  std::vector<float> levels(wanted.size()), variances(wanted.size());
  model.program(0, 0, 0, wanted, levels, variances);
  return levels;
}

TEST(CellModel, IdealCellsHoldWhatWasMeant) {
  const CellModel model(device_of("", true, "1 uS"), 8, 1);
  EXPECT_FALSE(model.changes_levels());
  EXPECT_FALSE(model.has_read_noise());
  EXPECT_EQ(levels_of(model, {0, 1, 77, 254, 255}), (std::vector<float>{0, 1, 77, 254, 255}));
}

TEST(CellModel, WithoutAReferenceColumnLevelZeroConducts) {
  const CellModel model(device_of("", false, "5 uS"), 2, 1);
  const std::vector<float> levels = levels_of(model, {0, 1, 2, 3});
  EXPECT_FLOAT_EQ(levels[0], 3 * 5.0F / 25);
  EXPECT_FLOAT_EQ(levels[1], 3 * (5 + 20.0F / 3) / 25);
  EXPECT_FLOAT_EQ(levels[2], 3 * (5 + 40.0F / 3) / 25);
  EXPECT_FLOAT_EQ(levels[3], 3.0F);
}

TEST(CellModel, LognormalVariation) {
  const CellModel model(device_of("programming: {kind: lognormal, sigma: 0.1, source: s}\n"), 1, 1);
  std::vector<float> levels = many_cells(model, 1, kCells).levels;
  for (float& level : levels) level = std::log(level);
  expect_moments(levels, 0.0, 0.1);
  EXPECT_EQ(moments_of(many_cells(model, 0, 1000).levels).deviation, 0.0);
}

TEST(CellModel, RelativeVariation) {
  const CellModel model(device_of("programming: {kind: relative, sigma: 0.02, source: s}\n"), 2, 1);
  expect_moments(many_cells(model, 3, kCells).levels, 3.0, 0.06);
  expect_moments(many_cells(model, 1, kCells).levels, 1.0, 0.02);
}

TEST(CellModel, PolynomialVariationIsAddedAndNeverGoesBelowZero) {
  const CellModel model(
      device_of("programming: {kind: polynomial, of: 25 uS, coefficients: [0.5 uS, 1 uS], "
                "source: s}\n"),
      2, 1);
  const double level = 3.0 / 25.0;  // a microsiemens
  expect_moments(many_cells(model, 3, kCells).levels, 3.0, 1.5 * level);
  expect_moments(many_cells(model, 2, kCells).levels, 2.0, (0.5 + 2.0 / 3.0) * level);
  // Half of the cells meant to hold nothing are cut off at nothing.
  const std::vector<float> lowest = many_cells(model, 0, kCells).levels;
  EXPECT_EQ(*std::min_element(lowest.begin(), lowest.end()), 0.0F);
  const double deviation = 0.5 * level;
  const double mean = deviation / std::sqrt(2 * std::numbers::pi);
  EXPECT_NEAR(moments_of(lowest).mean, mean,
              5 * deviation * std::sqrt(0.5 - 0.5 / std::numbers::pi) / kRoot);
}

TEST(CellModel, PolynomialsAreTakenAtTheEdgeOfTheirRange) {
  const CellModel model(
      device_of("programming: {kind: polynomial, of: 1 uS, coefficients: [0 uS, 0.1 uS], "
                "valid: {from: 10 uS, to: 15 uS}, source: s}\n"),
      1, 1);
  expect_moments(many_cells(model, 1, kCells).levels, 1.0, 1.5 / 25);
}

TEST(CellModel, StuckCellsAreAsManyAsTheirShares) {
  const CellModel model(device_of("stuck: {lowest: 0.01, highest: 0.03, source: s}\n"
                                  "programming: {kind: relative, sigma: 0.01, source: s}\n"
                                  "time: 20 s\ndrift: {kind: relaxation, reference_time: 20 s, "
                                  "shift: 0 S, spread: 0.1 uS, slope: 0 S, source: s}\n"),
                        2, 1);
  EXPECT_TRUE(model.changes_levels());
  const std::vector<float> levels = many_cells(model, 1, kCells).levels;
  const auto lowest = double(std::count(levels.begin(), levels.end(), 0.0F));
  const auto highest = double(std::count(levels.begin(), levels.end(), 3.0F));
  EXPECT_NEAR(lowest, 0.01 * kCells, 5 * std::sqrt(0.01 * 0.99 * kCells));
  EXPECT_NEAR(highest, 0.03 * kCells, 5 * std::sqrt(0.03 * 0.97 * kCells));
}

TEST(CellModel, AllCellsMayBeStuck) {
  const CellModel model(device_of("stuck: {lowest: 0, highest: 1, source: s}\n", false, "5 uS"), 1,
                        1);
  EXPECT_EQ(moments_of(many_cells(model, 0, 1000).levels).mean, 1.0);
  const CellModel other(device_of("stuck: {lowest: 1, highest: 0, source: s}\n", false, "5 uS"), 1,
                        1);
  EXPECT_FLOAT_EQ(static_cast<float>(moments_of(many_cells(other, 1, 1000).levels).mean), 0.2F);
}

std::string power_law(const std::string& time, const std::string& mean,
                      const std::string& deviation) {
  return "time: " + time + "\ndrift: {kind: power_law, reference_time: 20 s, of: 25 uS, mean: [" +
         mean + "], deviation: [" + deviation + "], source: s}\n";
}

TEST(CellModel, DriftFollowsItsPowerOfTime) {
  const std::string mean = "{coefficients: [0.05, 0.1]}";
  for (const auto& [time, seconds] :
       {std::pair{"20 s", 20.0}, {"200 s", 200.0}, {"86400 s", 86400.0}, {"1 Gs", 1e9}}) {
    const CellModel model(device_of(power_law(time, mean, "{coefficients: [0]}")), 2, 1);
    const std::vector<float> levels = levels_of(model, {0, 1, 3});
    EXPECT_EQ(levels[0], 0.0F);
    EXPECT_NEAR(levels[1], std::pow(seconds / 20, -0.05 - 0.1 / 3), 1e-6);
    EXPECT_NEAR(levels[2], 3 * std::pow(seconds / 20, -0.15), 1e-6);
  }
}

TEST(CellModel, ExponentsOfDriftVaryFromCellToCell) {
  const CellModel model(
      device_of(power_law("86400 s", "{coefficients: [0.1]}", "{coefficients: [0.01]}")), 1, 1);
  std::vector<float> exponents = many_cells(model, 1, kCells).levels;
  for (float& level : exponents) level = -std::log(level) / std::log(86400.0F / 20);
  expect_moments(exponents, 0.1, 0.01);
}

TEST(CellModel, NoCellDriftsUpwards) {
  const CellModel model(
      device_of(power_law("86400 s", "{coefficients: [0]}", "{coefficients: [0.02]}")), 1, 1);
  std::vector<float> exponents = many_cells(model, 1, kCells).levels;
  for (float& level : exponents) level = -std::log(level) / std::log(86400.0F / 20);
  // The folded normal distribution.
  EXPECT_GE(*std::min_element(exponents.begin(), exponents.end()), 0.0F);
  EXPECT_NEAR(moments_of(exponents).mean, 0.02 * std::sqrt(2 / std::numbers::pi), 5 * 0.02 / kRoot);
}

TEST(CellModel, RelaxationShiftsAndSpreads) {
  const CellModel model(
      device_of("time: 3600 s\ndrift: {kind: relaxation, reference_time: 1 s, shift: -0.09 uS, "
                "spread: 0.4 uS, slope: 0.04 uS, source: s}\n"),
      1, 1);
  const double elapsed = std::log(3600.0);
  expect_moments(many_cells(model, 1, kCells).levels, 1 - 0.09 * elapsed / 25,
                 (0.4 + 0.04 * elapsed) / 25);
}

TEST(CellModel, ReadNoise) {
  const CellModel relative(device_of("read_noise: {kind: relative, sigma: 0.01, source: s}\n"), 2,
                           1);
  EXPECT_TRUE(relative.has_read_noise());
  EXPECT_FALSE(relative.changes_levels());
  EXPECT_FLOAT_EQ(many_cells(relative, 2, 1000).read_variances[0], 0.02F * 0.02F);
  EXPECT_EQ(many_cells(relative, 2, 1000).levels[0], 2.0F);
  const CellModel additive(
      device_of("read_noise: {kind: additive, deviation: 0.5 uS, source: s}\n"), 2, 1);
  for (const std::uint8_t level : {0, 3}) {
    EXPECT_FLOAT_EQ(many_cells(additive, level, 1000).read_variances[0], 0.06F * 0.06F);
  }
}

// The curve of PCM, which is steep where cells are nearly empty.
TEST(CellModel, OneOverFNoiseGrowsWithTime) {
  for (const auto& [time, seconds] : {std::pair{"20 s", 20.0}, {"86400 s", 86400.0}}) {
    const CellModel model(
        device_of(std::string("time: ") + time +
                  "\nread_noise: {kind: one_over_f, of: 25 uS, window: 250 ns, relative: "
                  "[{power: {factor: 0.0088, exponent: -0.65}, most: 0.2}], source: s}\n"),
        8, 1);
    const double growth = std::sqrt(std::log((seconds + 250e-9) / 500e-9));
    for (int level = 1; level < 256; ++level) {
      const double x = level / 255.0;
      const double deviation = std::min(0.0088 / std::pow(x, 0.65), 0.2) * level * growth;
      const float found =
          many_cells(model, static_cast<std::uint8_t>(level), 1000).read_variances[0];
      EXPECT_NEAR(std::sqrt(found), deviation, 1e-3 * deviation) << level;
    }
  }
}

TEST(CellModel, OneOverFNoiseGoesByWhatWasProgrammedAndScalesWithWhatIsLeft) {
  const std::string noise =
      "read_noise: {kind: one_over_f, of: 10 uS, window: 1 s, relative: [{coefficients: [0, 0, "
      "0.01]}], source: s}\n";
  // 25 uS are 2.5 times what the curve refers to: beyond the table.
  const CellModel model(
      device_of(power_law("2000 s", "{coefficients: [0.1]}", "{coefficients: [0]}") + noise), 1, 1);
  const double left = std::pow(100.0, -0.1);
  const double deviation = 0.01 * 6.25 * left * std::sqrt(std::log(2001.0 / 2));
  EXPECT_NEAR(std::sqrt(many_cells(model, 1, 1000).read_variances[7]), deviation, 1e-6);
}

const char* const kEverything =
    "programming: {kind: lognormal, sigma: 0.1, source: s}\n"
    "stuck: {lowest: 0.1, highest: 0.1, source: s}\n"
    "time: 3600 s\ndrift: {kind: relaxation, reference_time: 1 s, shift: -0.09 uS, spread: 0.4 uS, "
    "slope: 0.04 uS, source: s}\n"
    "read_noise: {kind: relative, sigma: 0.01, source: s}\n";

TEST(CellModel, ACellDependsOnItsPlaceAlone) {
  const CellModel model(device_of(kEverything), 1, 9);
  const std::vector<std::uint8_t> wanted = {1, 0, 1, 1, 0, 1, 0, 0, 1};
  std::vector<float> levels(9), variances(9);
  model.program(5, 14, 3, wanted, levels, variances);
  for (std::size_t i = 9; i-- > 0;) {
    float level = 0, variance = 0;
    const auto row = 14 + static_cast<std::int64_t>(i);
    model.program(5, row, 3, {&wanted[i], 1}, {&level, 1}, {&variance, 1});
    EXPECT_EQ(level, levels[i]);
    EXPECT_EQ(variance, variances[i]);
  }
}

TEST(CellModel, EveryPlaceAndSeedHasItsOwnCell) {
  const arch::DeviceSpec device =
      device_of("programming: {kind: lognormal, sigma: 0.1, source: s}\n");
  std::set<float> seen;
  const auto note = [&](std::uint64_t seed, int macro, int row, int column) {
    const std::uint8_t wanted = 1;
    float level = 0;
    CellModel(device, 1, seed).program(macro, row, column, {&wanted, 1}, {&level, 1}, {});
    seen.insert(level);
  };
  for (int i = 0; i < 50; ++i) {
    note(static_cast<std::uint64_t>(1000 + i), 100, 200, 300);
    note(1, i, 201, 301);
    note(1, 101, i, 302);
    note(1, 102, 203, i);
  }
  EXPECT_GE(seen.size(), 199U);  // two of 200 floats may well be alike
}

TEST(CellModel, NeighboursAndCausesAreIndependent) {
  const CellModel model(
      device_of("programming: {kind: relative, sigma: 0.01, source: s}\n", true, "1 uS"), 1, 1);
  const std::vector<float> levels = many_cells(model, 1, kCells).levels;
  for (const std::size_t apart : {1, 2, 3, 4, 1000}) {
    double products = 0.0;
    for (std::size_t i = 0; i + apart < kCells; ++i) {
      products += (levels[i] - 1.0) * (levels[i + apart] - 1.0);
    }
    const double deviation = 0.01 * 25 / 24;
    EXPECT_NEAR(products / kCells, 0.0, 5 * deviation * deviation / kRoot) << apart;
  }
  // Two causes of the same size: their variances add up.
  const CellModel both(
      device_of("programming: {kind: relative, sigma: 0.01, source: s}\ntime: 1 s\ndrift: {kind: "
                "relaxation, reference_time: 1 s, shift: 0 S, spread: 0.25 uS, slope: 0 S, "
                "source: s}\n"),
      1, 1);
  expect_moments(many_cells(both, 1, kCells).levels, 1.0, 0.01 * std::numbers::sqrt2);
}

TEST(CellModel, KeepsItsCallersToTheirPromises) {
  const CellModel model(device_of("read_noise: {kind: relative, sigma: 0.01, source: s}\n"), 1, 1);
  std::vector<std::uint8_t> wanted = {0, 1};
  std::vector<float> two(2), one(1);
  EXPECT_NO_THROW(model.program(0, 0, 0, wanted, two, two));
  EXPECT_THROW(model.program(0, 0, 0, wanted, one, two), InternalError);
  EXPECT_THROW(model.program(0, 0, 0, wanted, two, one), InternalError);
  EXPECT_THROW(model.program(0, 0, 0, wanted, two, {}), InternalError);
  wanted[1] = 2;
  EXPECT_THROW(model.program(0, 0, 0, wanted, two, two), InternalError);
  EXPECT_THROW(CellModel(device_of(""), 9, 1), InternalError);
  EXPECT_THROW(CellModel(device_of(""), 0, 1), InternalError);
}

}  // namespace
}  // namespace pimento::devices
