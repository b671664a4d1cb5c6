// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

const std::string kFields =
    "on_resistance: 10 kOhm, off_resistance: 100 kOhm, read_voltage: 0.2 V, pulse: 10 ns, "
    "rate: 10 MHz, input_density: 0.25, stored_density: 0.4";

std::unique_ptr<Component> array_of(const MacroGeometry& macro, const std::string& more = {}) {
  return component_of("resistive_array", "{" + kFields + more + "}", Role::kArray, macro);
}

// (0.2 V)^2 / 10 kOhm x 10 ns = 40 fJ of a cell that is on, 4 fJ of one that is off.
TEST(ResistiveArray, CellsOfOneBitTakeWhatTheirResistanceLetsThrough) {
  const auto array = array_of({128, 128, 1, 1});
  EXPECT_NEAR(array->energy(Action::kDriveRead, 0).value(), 4e-15, 1e-27);
  EXPECT_NEAR(array->energy(Action::kLevelRead, 0).value(), 36e-15, 1e-27);
  // A quarter of the cells driven, 0.4 of them on: 0.25 (4 + 0.4 x 36) fJ.
  EXPECT_NEAR(array->energy(Action::kCellRead, 0).value(), 4.6e-15, 1e-27);
  EXPECT_EQ(array->declared_values(),
            "declared densities, 0.25 of inputs and 0.4 of stored levels");
  EXPECT_TRUE(array->depends_on_values());
  EXPECT_FALSE(array->rate().has_value());
}

// Cells of two bits have levels to 3, DACs of three bits to 7.
TEST(ResistiveArray, LevelsShareTheSpanAndDrivesCountByVoltageOrByTime) {
  const auto voltage = array_of({.rows = 128, .columns = 128, .cell_bits = 2, .dac_bits = 3});
  EXPECT_NEAR(voltage->energy(Action::kDriveRead, 0).value(), 4e-15 / 49, 1e-27);
  EXPECT_NEAR(voltage->energy(Action::kLevelRead, 0).value(), 36e-15 / 3 / 49, 1e-27);
  const auto pulse = array_of(
      {.rows = 128, .columns = 128, .cell_bits = 2, .dac_bits = 3, .drive = Drive::kPulse});
  EXPECT_NEAR(pulse->energy(Action::kDriveRead, 0).value(), 4e-15 / 7, 1e-27);
  EXPECT_NEAR(pulse->energy(Action::kLevelRead, 0).value(), 36e-15 / 3 / 7, 1e-27);
  // All levels at their highest are a whole read of a cell that is on, whatever the bits.
  for (const auto& [array, highest] : {std::pair{voltage.get(), 49.0}, {pulse.get(), 7.0}}) {
    EXPECT_NEAR(array->energy(Action::kDriveRead, 0).value() * highest +
                    array->energy(Action::kLevelRead, 0).value() * highest * 3,
                40e-15, 1e-27);
    EXPECT_NEAR(array->energy(Action::kCellRead, 0).value(), 4.6e-15, 1e-27);
  }
}

TEST(ResistiveArray, AreaAndPowerGrowWithTheArray) {
  const auto array = array_of({100, 50, 1, 1}, ", cell_area: 0.5 um2, cell_static_power: 1 nW");
  EXPECT_DOUBLE_EQ(array->area().value(), 2500e-12);
  EXPECT_DOUBLE_EQ(array->static_power().value(), 5e-6);
  EXPECT_NEAR(array->peak_power().value(), 4.6e-15 * 5000 * 1e7 + 5e-6, 1e-15);
}

TEST(ResistiveArray, OtherArraysKnowNoValues) {
  const auto array =
      component_of("crossbar", "{cell_energy: 2 fJ, rate: 10 MHz}", Role::kArray, {64, 64, 1, 1});
  EXPECT_FALSE(array->depends_on_values());
}

std::string error_of(const std::string& from, const std::string& to) {
  return component_error("resistive_array", "{" + replaced(kFields, from, to) + "}", Role::kArray);
}

TEST(ResistiveArray, MistakesAreNamed) {
  EXPECT_EQ(error_of("off_resistance: 100 kOhm", "off_resistance: 5 kOhm"),
            "f.yaml:1:45: c.off_resistance: found 5 kOhm, which is not above on_resistance, 10 "
            "kOhm; expected the cell that stores 0 to conduct least");
  EXPECT_EQ(error_of("on_resistance: 10 kOhm, ", ""),
            "f.yaml:1:4: c.on_resistance: missing; expected a resistance such as \"100 kOhm\"");
  EXPECT_EQ(error_of("0.2 V", "0 V"),
            "f.yaml:1:69: c.read_voltage: found \"0 V\"; expected a voltage from 1 uV to 1 kV");
  EXPECT_EQ(error_of("10 ns", "10"),
            "f.yaml:1:83: c.pulse: found \"10\"; expected a time such as \"100 ns\"; add a unit");
  EXPECT_EQ(error_of("input_density: 0.25", "input_density: 1.25"),
            "f.yaml:1:119: c.input_density: found \"1.25\"; expected a number from 0 to 1");
  EXPECT_EQ(error_of(", stored_density: 0.4", ""),
            "f.yaml:1:4: c.stored_density: missing; expected a number from 0 to 1");
}

TEST(ResistiveArray, NoPulseIsLongerThanARead) {
  const std::string array =
      "    array: {kind: resistive_array, " + kFields + ", source: test}\n    adc:";
  const std::string text = replaced(kTinyChip, "    adc:", array);
  EXPECT_TRUE(chip_of(text).find(Role::kArray)->model->depends_on_values());
  EXPECT_EQ(
      input_error([&] { (void)chip_of(replaced(text, "pulse: 10 ns", "pulse: 101 ns")); }),
      "c.yaml:14:114: macro.components.array.pulse: found 101 ns, longer than the whole read; "
      "expected at most macro.read_time, 100 ns");
}

TEST(ResistiveArray, RowsAreDrivenByVoltageUnlessTheChipSaysPulse) {
  EXPECT_EQ(chip_of(kTinyChip).macro.drive, Drive::kVoltage);
  EXPECT_EQ(chip_of(kTinyChip, {{"macro.drive", "pulse"}}).macro.drive, Drive::kPulse);
  EXPECT_EQ(chip_of(kTinyChip, {{"macro.drive", "pulse"}}).macro.geometry().drive, Drive::kPulse);
}

}  // namespace
}  // namespace pimento::arch
