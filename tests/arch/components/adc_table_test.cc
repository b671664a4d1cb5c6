// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

const std::string kTable =
    "table: [{bits: 6, energy: 1 pJ, area: 600 um2}, {bits: 8, energy: 4 pJ, area: 2400 um2}, "
    "{bits: 9, energy: 5 pJ, area: 3000 um2}]";

std::unique_ptr<Component> adc(const std::string& bits,
                               const MacroGeometry& macro = {128, 128, 1, 1}) {
  return component_of(
      "adc_table", fmt::format("{{bits: {}, rate: 2 GHz, static_power: 1 mW, {}}}", bits, kTable),
      Role::kAdc, macro);
}
double energy(const Component& component) {
  return component.energy(Action::kAdcConversion, 0).value();
}

TEST(AdcTable, ListedResolutionsCostWhatIsListed) {
  EXPECT_DOUBLE_EQ(energy(*adc("6")), 1e-12);
  EXPECT_DOUBLE_EQ(energy(*adc("8")), 4e-12);
  EXPECT_DOUBLE_EQ(energy(*adc("9")), 5e-12);
  EXPECT_DOUBLE_EQ(adc("9")->area().value(), 3000e-12);
  EXPECT_EQ(adc("9")->note(), "");
}

TEST(AdcTable, BetweenThemTheLogarithmIsInterpolated) {
  EXPECT_DOUBLE_EQ(energy(*adc("7")), 2e-12);
  EXPECT_DOUBLE_EQ(adc("7")->area().value(), 1200e-12);
  EXPECT_EQ(adc("7")->note(), "");
}

TEST(AdcTable, OutsideTheNearestRatioGoesOnAndTheNoteSaysSo) {
  EXPECT_DOUBLE_EQ(energy(*adc("5")), 0.5e-12);
  EXPECT_DOUBLE_EQ(energy(*adc("4")), 0.25e-12);
  EXPECT_DOUBLE_EQ(energy(*adc("11")), 5e-12 * 1.25 * 1.25);
  EXPECT_DOUBLE_EQ(adc("10")->area().value(), 3750e-12);
  EXPECT_EQ(adc("5")->note(), "5 bits lie outside the listed 6 to 9: extrapolated");
  EXPECT_EQ(adc("11")->note(), "11 bits lie outside the listed 6 to 9: extrapolated");
}

TEST(AdcTable, OneEntryStandsForAllResolutions) {
  const auto one = component_of(
      "adc_table", "{bits: 4, rate: 1 GHz, table: [{bits: 8, energy: 3 pJ, area: 1 um2}]}",
      Role::kAdc);
  EXPECT_DOUBLE_EQ(energy(*one), 3e-12);
  EXPECT_EQ(one->note(), "4 bits lie outside the listed 8 to 8: extrapolated");
}

TEST(AdcTable, PowersFollowFromTheRate) {
  const auto eight = adc("8");
  EXPECT_DOUBLE_EQ(eight->static_power().value(), 1e-3);
  EXPECT_DOUBLE_EQ(eight->peak_power().value(), 4e-12 * 2e9 + 1e-3);
  EXPECT_DOUBLE_EQ(eight->rate()->value(), 2e9);
  EXPECT_EQ(eight->width(), Bits(1));
  EXPECT_EQ(eight->resolution(), 8);
  EXPECT_FALSE(eight->capacity().has_value());
}

// ceil(log2(rows (2^cell_bits - 1)(2^dac_bits - 1) + 1)), worked out by hand.
TEST(AdcTable, LosslessBitsTellEverySumApart) {
  struct Row {
    int rows, cell_bits, dac_bits, bits;
  };
  for (const Row& row :
       {Row{1, 1, 1, 1}, Row{7, 1, 1, 3}, Row{8, 1, 1, 4}, Row{9, 1, 1, 4}, Row{15, 1, 1, 4},
        Row{16, 1, 1, 5}, Row{64, 1, 1, 7}, Row{127, 1, 1, 7}, Row{128, 1, 1, 8}, Row{256, 1, 1, 9},
        Row{512, 1, 1, 10}, Row{128, 2, 1, 9}, Row{128, 1, 2, 9}, Row{128, 2, 2, 11},
        Row{1, 2, 1, 2}, Row{65536, 1, 1, 17}}) {
    SCOPED_TRACE(
        fmt::format("{} rows, {} cell bits, {} dac bits", row.rows, row.cell_bits, row.dac_bits));
    // Energy doubles with every bit, so that the price tells the bits.
    const auto lossless =
        component_of("adc_table",
                     "{bits: lossless, rate: 1 GHz, table: [{bits: 1, energy: 2 pJ, area: 1 um2}, "
                     "{bits: 2, energy: 4 pJ, area: 1 um2}]}",
                     Role::kAdc, {row.rows, 128, row.cell_bits, row.dac_bits});
    EXPECT_DOUBLE_EQ(std::log2(energy(*lossless) / 1e-12), double(row.bits));
    EXPECT_EQ(lossless->resolution(), row.bits);
  }
}

TEST(AdcTable, MistakesAreNamed) {
  const auto error = [](const std::string& fields) {
    return component_error("adc_table", "{" + fields + "}", Role::kAdc);
  };
  const std::string one = "table: [{bits: 8, energy: 3 pJ, area: 1 um2}]";
  EXPECT_EQ(error("rate: 1 GHz, " + one),
            "f.yaml:1:4: c.bits: missing; expected \"lossless\" or a whole number from 1 to 24");
  EXPECT_EQ(error("bits: lossles, rate: 1 GHz, " + one),
            "f.yaml:1:11: c.bits: found \"lossles\"; expected \"lossless\" or a whole number from "
            "1 to 24");
  EXPECT_EQ(error("bits: 25, rate: 1 GHz, " + one),
            "f.yaml:1:11: c.bits: found \"25\"; expected a whole number from 1 to 24");
  EXPECT_EQ(error("bits: [8], rate: 1 GHz, " + one),
            "f.yaml:1:11: c.bits: found a list; expected a whole number from 1 to 24");
  EXPECT_EQ(error("bits: 8, " + one),
            "f.yaml:1:4: c.rate: missing; expected a frequency such as \"1.28 GHz\"");
  EXPECT_EQ(error("bits: 8, rate: 1 GHz"), "f.yaml:1:4: c.table: missing; expected a list");
  EXPECT_EQ(error("bits: 8, rate: 1 GHz, table: []"),
            "f.yaml:1:34: c.table: found no entry; expected at least one {bits, energy, area}");
  EXPECT_EQ(error("bits: 8, rate: 1 GHz, table: [{bits: 8, energy: 3 pJ, area: 1 um2}, "
                  "{bits: 8, energy: 3 pJ, area: 1 um2}]"),
            "f.yaml:1:80: c.table.1.bits: the table's resolutions must ascend");
  EXPECT_EQ(
      error("bits: 8, rate: 1 GHz, table: [{bits: 8, energy: 0 pJ, area: 1 um2}]"),
      "f.yaml:1:53: c.table.0.energy: found \"0 pJ\"; expected an energy of at least 1e-06 fJ");
}

}  // namespace
}  // namespace pimento::arch
