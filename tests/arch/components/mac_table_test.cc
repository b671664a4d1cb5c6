// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

TEST(MacTable, EveryPrecisionHasItsPrice) {
  const auto unit = component_of(
      "mac_table", "{table: {16: 8 pJ, 2: 1 pJ}, area: 3 um2, static_power: 2 mW}", Role::kMacUnit);
  EXPECT_EQ(unit->supported_bits(), (std::vector<int>{2, 16}));
  EXPECT_DOUBLE_EQ(unit->energy(Action::kMac, 2).value(), 1e-12);
  EXPECT_DOUBLE_EQ(unit->energy(Action::kMac, 16).value(), 8e-12);
  EXPECT_DOUBLE_EQ(unit->area().value(), 3e-12);
  EXPECT_DOUBLE_EQ(unit->static_power().value(), 2e-3);
  EXPECT_DOUBLE_EQ(unit->peak_power().value(), 2e-3);
  EXPECT_FALSE(unit->rate().has_value());
}

TEST(MacTable, AnUnsupportedPrecisionIsADefectOfTheCaller) {
  const auto unit = component_of("mac_table", "{table: {2: 1 pJ}}", Role::kMacUnit);
  EXPECT_THROW((void)unit->energy(Action::kMac, 3), InternalError);
}

TEST(MacTable, MistakesAreNamed) {
  const auto error = [](const std::string& fields, Role role = Role::kMacUnit) {
    return component_error("mac_table", "{" + fields + "}", role);
  };
  EXPECT_EQ(error("area: 1 um2"),
            "f.yaml:1:4: c.table: missing; expected a mapping of keys to values");
  EXPECT_EQ(error("table: {}"), "f.yaml:1:12: c.table: found no entry; expected BITS: ENERGY");
  EXPECT_EQ(error("table: {33: 1 pJ}"),
            "f.yaml:1:17: c.table.33: expected a precision from 1 to 32 bits");
  EXPECT_EQ(error("table: {two: 1 pJ}"),
            "f.yaml:1:18: c.table.two: expected a precision from 1 to 32 bits");
  EXPECT_EQ(error("table: {8: 1 pJ, 08: 2 pJ}"),
            "f.yaml:1:26: c.table.08: this precision is listed twice; keep one");
  EXPECT_EQ(error("table: {8: 1}"),
            "f.yaml:1:16: c.table.8: found \"1\"; expected an energy such as \"1.67 pJ\"; add a "
            "unit");
  EXPECT_EQ(error("kind: mac_table, table: {8: 1 pJ}", Role::kAdc),
            "f.yaml:1:11: c.kind: found mac_table, which prices MACs alone; use it for "
            "macro.mac_unit");
}

}  // namespace
}  // namespace pimento::arch
