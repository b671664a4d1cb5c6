// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

TEST(Crossbar, FiguresOfACellGrowWithTheArray) {
  const auto array = component_of("crossbar",
                                  "{cell_energy: 2 fJ, cell_area: 0.5 um2, rate: 10 MHz, "
                                  "cell_static_power: 1 nW}",
                                  Role::kArray, {100, 50, 1, 1});
  EXPECT_DOUBLE_EQ(array->energy(Action::kCellRead, 0).value(), 2e-15);
  EXPECT_DOUBLE_EQ(array->area().value(), 2500e-12);
  EXPECT_DOUBLE_EQ(array->static_power().value(), 5e-6);
  EXPECT_DOUBLE_EQ(array->peak_power().value(), 2e-15 * 5000 * 1e7 + 5e-6);
  EXPECT_FALSE(array->rate().has_value());
}

TEST(Crossbar, FiguresOfAWholeArrayAreSharedByItsCells) {
  const std::string fields =
      "{power: 0.3 mW, rate: 10 MHz, area: 25 um2, static_power: 1 mW, of: {rows: 128, columns: "
      "128}}";
  const auto same = component_of("crossbar", fields, Role::kArray);
  EXPECT_NEAR(same->energy(Action::kCellRead, 0).value(), 1.8310546875e-15, 1e-27);
  EXPECT_NEAR(same->area().value(), 25e-12, 1e-24);
  EXPECT_NEAR(same->peak_power().value(), 1.3e-3, 1e-15);
  const auto four = component_of("crossbar", fields, Role::kArray, {256, 256, 1, 1});
  EXPECT_DOUBLE_EQ(four->energy(Action::kCellRead, 0).value(),
                   same->energy(Action::kCellRead, 0).value());
  EXPECT_NEAR(four->area().value(), 100e-12, 1e-24);
  EXPECT_NEAR(four->peak_power().value(), 5.2e-3, 1e-15);
  EXPECT_NEAR(four->static_power().value(), 4e-3, 1e-15);
}

TEST(Crossbar, MistakesAreNamed) {
  const auto error = [](const std::string& fields) {
    return component_error("crossbar", "{" + fields + "}", Role::kArray);
  };
  EXPECT_EQ(error("cell_energy: 2 fJ"),
            "f.yaml:1:4: c.rate: missing; expected a frequency such as \"1.28 GHz\"");
  EXPECT_EQ(error("power: 1 mW, rate: 1 MHz"),
            "f.yaml:1:4: c.of: missing; expected a mapping of keys to values");
  EXPECT_EQ(error("power: 1 mW, rate: 1 MHz, of: {rows: 0, columns: 1}"),
            "f.yaml:1:42: c.of.rows: found \"0\"; expected a whole number from 1 to 65536");
  EXPECT_EQ(error("cell_energy: 2, rate: 1 MHz"),
            "f.yaml:1:18: c.cell_energy: found \"2\"; expected an energy such as \"1.67 pJ\"; add "
            "a unit");
  EXPECT_EQ(error("cell_energy: 2 fJ, rate: 1 MHz, power: 1 mW"),
            "f.yaml:1:37: c.power: unknown key; known keys: cell_area, cell_energy, "
            "cell_static_power, endurance, kind, rate, reset_energy, set_energy");
}

}  // namespace
}  // namespace pimento::arch
