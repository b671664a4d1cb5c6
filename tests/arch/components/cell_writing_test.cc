// SPDX-License-Identifier: Apache-2.0
#include "arch/components/cell_writing.h"

#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

struct Kind {
  std::string name;
  std::string fields;  // without what writing takes
};

class CellWritingOf : public ::testing::TestWithParam<Kind> {
 protected:
  [[nodiscard]] static std::unique_ptr<Component> array(const std::string& more) {
    return component_of(GetParam().name, "{" + GetParam().fields + more + "}", Role::kArray,
                        {64, 64, 1, 1});
  }
};

TEST_P(CellWritingOf, HasAPriceForEachWay) {
  const auto written = array(", set_energy: 3 pJ, reset_energy: 5 pJ, endurance: 1000000");
  EXPECT_TRUE(written->prices(Action::kCellSet));
  EXPECT_TRUE(written->prices(Action::kCellReset));
  EXPECT_DOUBLE_EQ(written->energy(Action::kCellSet, 0).value(), 3e-12);
  EXPECT_DOUBLE_EQ(written->energy(Action::kCellReset, 0).value(), 5e-12);
  EXPECT_EQ(written->endurance(), 1e6);
}

TEST_P(CellWritingOf, MayBeLeftOut) {
  const auto plain = array("");
  EXPECT_FALSE(plain->prices(Action::kCellSet));
  EXPECT_FALSE(plain->prices(Action::kCellReset));
  EXPECT_TRUE(plain->prices(Action::kCellRead));
  EXPECT_EQ(plain->energy(Action::kCellSet, 0), Energy{});
  EXPECT_EQ(plain->endurance(), std::nullopt);
  const auto half = array(", reset_energy: 5 pJ");
  EXPECT_FALSE(half->prices(Action::kCellSet));
  EXPECT_TRUE(half->prices(Action::kCellReset));
  EXPECT_EQ(half->energy(Action::kCellRead, 0), plain->energy(Action::kCellRead, 0));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, CellWritingOf,
    ::testing::Values(Kind{"crossbar", "cell_energy: 2 fJ, rate: 10 MHz"},
                      Kind{"resistive_array",
                           "on_resistance: 10 kOhm, off_resistance: 1 MOhm, read_voltage: 0.2 V, "
                           "pulse: 10 ns, rate: 10 MHz, input_density: 0.25, stored_density: 0.4"}),
    [](const auto& param_info) { return param_info.param.name; });

// An array of any other kind has a price for reading alone.
TEST(CellWriting, IsNotTakenForReading) {
  const auto array = component_of("fixed", "{energy: 1 pJ, rate: 10 MHz}", Role::kArray);
  EXPECT_TRUE(array->prices(Action::kCellRead));
  EXPECT_FALSE(array->prices(Action::kCellSet));
}

TEST(CellWriting, EnduranceIsAPlainNumber) {
  EXPECT_EQ(
      component_error("crossbar", "{cell_energy: 2 fJ, rate: 10 MHz, endurance: 0}", Role::kArray),
      "f.yaml:1:49: c.endurance: found \"0\"; expected a number from 1 to 1e+18");
}

TEST(CellWriting, TheMacroSaysHowLongARowTakes) {
  EXPECT_EQ(chip_of(kTinyChip).macro.write_time, std::nullopt);
  const ChipSpec chip = chip_of(
      replaced(kTinyChip, "  read_time: 100 ns\n", "  read_time: 100 ns\n  write_time: 20 ns\n"));
  ASSERT_TRUE(chip.macro.write_time.has_value());
  EXPECT_DOUBLE_EQ(chip.macro.write_time.value_or(Time{}).value(), 20e-9);
}

TEST(CellWriting, TheShippedReramChipKnowsAll) {
  const ChipSpec chip = shipped_chip("reram_128x128_1b");
  EXPECT_TRUE(chip.macro.write_time.has_value());
  EXPECT_TRUE(chip.find(Role::kArray)->model->prices(Action::kCellSet));
  EXPECT_TRUE(chip.find(Role::kArray)->model->endurance().has_value());
}

}  // namespace
}  // namespace pimento::arch
