// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "arch/chip_spec.h"
#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

const LevelSummary& at(const std::vector<LevelSummary>& levels, Level level) {
  return levels.at(static_cast<std::size_t>(level));
}

TEST(ChipSummary, AddsLevelsUp) {
  const ChipSpec chip = chip_of(
      kTinyChip, {{"macro.components.adc",
                   "{kind: fixed, power: 2 mW, rate: 1 GHz, area: 10 um2, "
                   "static_power: 1 mW, source: test}"},
                  {"core.components.shift_add",
                   "{kind: fixed, static_power: 5 mW, area: 7 um2, count: 2, "
                   "source: test}"},
                  {"chip.components.io_link", "{kind: fixed, static_power: 1 W, source: test}"}});
  const std::vector<LevelSummary> levels = summarize(chip, 4);
  ASSERT_EQ(levels.size(), 4U);
  EXPECT_EQ(at(levels, Level::kMacro).children, 0);
  EXPECT_EQ(at(levels, Level::kCore).children, 2);
  EXPECT_EQ(at(levels, Level::kTile).children, 3);
  EXPECT_EQ(at(levels, Level::kChip).children, 4);
  // Four ADCs a macro.
  EXPECT_DOUBLE_EQ(at(levels, Level::kMacro).area.value(), 40e-12);
  EXPECT_DOUBLE_EQ(at(levels, Level::kMacro).peak_power.value(), 12e-3);
  EXPECT_DOUBLE_EQ(at(levels, Level::kMacro).static_power.value(), 4e-3);
  EXPECT_DOUBLE_EQ(at(levels, Level::kCore).area.value(), 94e-12);
  EXPECT_DOUBLE_EQ(at(levels, Level::kCore).peak_power.value(), 34e-3);
  EXPECT_DOUBLE_EQ(at(levels, Level::kCore).static_power.value(), 18e-3);
  EXPECT_DOUBLE_EQ(at(levels, Level::kTile).area.value(), 282e-12);
  EXPECT_DOUBLE_EQ(at(levels, Level::kChip).area.value(), 4 * 282e-12);
  EXPECT_DOUBLE_EQ(at(levels, Level::kChip).peak_power.value(), 4 * 102e-3 + 1.0);
  EXPECT_DOUBLE_EQ(at(levels, Level::kChip).static_power.value(), 4 * 54e-3 + 1.0);
}

// ISAAC, Table I: an IMA (core) 24.08 mW and 0.0131 mm2, a tile 330 mW and 0.372 mm2, the chip
// 65.8 W and 85.4 mm2.
TEST(ChipSummary, IsaacAddsUpToItsTable) {
  const ChipSpec chip = shipped_chip("isaac_ce");
  const std::vector<LevelSummary> levels = summarize(chip, chip.tiles.value());
  EXPECT_EQ(*chip.tiles, 168);
  EXPECT_NEAR(at(levels, Level::kCore).peak_power.value() * 1e3, 24.08, 0.005);
  EXPECT_NEAR(at(levels, Level::kCore).area.value() * 1e6, 0.0131, 0.00005);
  EXPECT_NEAR(at(levels, Level::kTile).peak_power.value() * 1e3, 330.0, 0.5);
  EXPECT_NEAR(at(levels, Level::kTile).area.value() * 1e6, 0.372, 0.0005);
  EXPECT_NEAR(at(levels, Level::kChip).peak_power.value(), 65.8, 0.05);
  EXPECT_NEAR(at(levels, Level::kChip).area.value() * 1e6, 85.4, 0.05);
}

TEST(ChipSummary, EveryShippedChipLoadsWithSourcesAndFiniteFigures) {
  const std::vector<std::string> names = embedded_names("chips");
  EXPECT_EQ(names,
            (std::vector<std::string>{"ad_pim", "isaac_ce", "reram_128x128_1b", "sram_128x128"}));
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const ChipSpec chip = shipped_chip(name);
    EXPECT_EQ(chip.name, name);
    EXPECT_FALSE(chip.components.empty());
    for (const ComponentSlot& slot : chip.components) {
      EXPECT_FALSE(slot.source.empty()) << info(slot.role).path;
      EXPECT_EQ(slot.model->note(), "") << info(slot.role).path;
    }
    for (const LevelSummary& level : summarize(chip, chip.tiles.value_or(1))) {
      EXPECT_GE(level.area.value(), 0.0);
      EXPECT_LT(level.peak_power.value(), 1000.0);
    }
  }
}

TEST(ChipSummary, TheSweepChipScalesItsAdcWithTheArray) {
  const auto conversion = [](const std::string& rows, const std::string& cell_bits) {
    return shipped_chip("reram_128x128_1b", {{"macro.rows", rows}, {"macro.cell_bits", cell_bits}})
        .find(Role::kAdc)
        ->model->energy(Action::kAdcConversion, 0)
        .value();
  };
  EXPECT_DOUBLE_EQ(conversion("128", "1"), 1.67e-12);
  EXPECT_DOUBLE_EQ(conversion("256", "1"), 1.97e-12);
  EXPECT_DOUBLE_EQ(conversion("64", "1"), 1.42e-12);
  EXPECT_DOUBLE_EQ(conversion("128", "2"), 1.97e-12);
}

}  // namespace
}  // namespace pimento::arch
