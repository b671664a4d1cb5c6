// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

TEST(Fixed, AnEnergyIsThePriceOfAnAccess) {
  const auto part = component_of(
      "fixed", "{energy: 2 pJ, rate: 3 GHz, area: 5 um2, static_power: 1 mW}", Role::kAdc);
  EXPECT_DOUBLE_EQ(part->energy(Action::kAdcConversion, 0).value(), 2e-12);
  EXPECT_DOUBLE_EQ(part->area().value(), 5e-12);
  EXPECT_DOUBLE_EQ(part->static_power().value(), 1e-3);
  EXPECT_DOUBLE_EQ(part->peak_power().value(), 7e-3);
  EXPECT_DOUBLE_EQ(part->rate()->value(), 3e9);
  EXPECT_TRUE(part->supported_bits().empty());
}

TEST(Fixed, APowerIsSharedByTheAccessesOfASecond) {
  const auto part = component_of("fixed", "{power: 2 mW, rate: 1.25 GHz}", Role::kAdc);
  EXPECT_DOUBLE_EQ(part->energy(Action::kAdcConversion, 0).value(), 1.6e-12);
  EXPECT_DOUBLE_EQ(part->peak_power().value(), 2e-3);
  EXPECT_EQ(part->static_power().value(), 0.0);
}

TEST(Fixed, ABitIsAShareOfTheWidth) {
  const auto part =
      component_of("fixed", "{energy: 256 pJ, width: 256 b, size: 64 KiB}", Role::kBuffer);
  EXPECT_DOUBLE_EQ(part->energy(Action::kBufferReadBit, 0).value(), 1e-12);
  EXPECT_DOUBLE_EQ(part->energy(Action::kBufferWriteBit, 0).value(), 1e-12);
  EXPECT_EQ(part->width(), Bits(256));
  EXPECT_EQ(*part->capacity(), Bits(64 * 1024 * 8));
}

TEST(Fixed, WritesOfABufferMayHaveAPriceOfTheirOwn) {
  const auto part =
      component_of("fixed", "{energy: 10 pJ, write_energy: 20 pJ, width: 10 b}", Role::kBuffer);
  EXPECT_DOUBLE_EQ(part->energy(Action::kBufferReadBit, 0).value(), 1e-12);
  EXPECT_DOUBLE_EQ(part->energy(Action::kBufferWriteBit, 0).value(), 2e-12);
}

TEST(Fixed, PortsShareThePowerAndEachHasTheRate) {
  const auto by_power =
      component_of("fixed", "{power: 8 mW, rate: 1 GHz, ports: 4}", Role::kRouter);
  EXPECT_DOUBLE_EQ(by_power->energy(Action::kRouterBit, 0).value(), 2e-12);
  EXPECT_DOUBLE_EQ(by_power->peak_power().value(), 8e-3);
  EXPECT_DOUBLE_EQ(by_power->rate()->value(), 1e9);
  const auto by_energy =
      component_of("fixed", "{energy: 2 pJ, rate: 1 GHz, ports: 4}", Role::kRouter);
  EXPECT_DOUBLE_EQ(by_energy->energy(Action::kRouterBit, 0).value(), 2e-12);
  EXPECT_DOUBLE_EQ(by_energy->peak_power().value(), 8e-3);
}

TEST(Fixed, AnAdcMaySayItsResolution) {
  EXPECT_EQ(component_of("fixed", "{bits: 8}", Role::kAdc)->resolution(), 8);
  EXPECT_FALSE(component_of("fixed", "{}", Role::kAdc)->resolution().has_value());
  EXPECT_EQ(component_error("fixed", "{bits: 25}", Role::kAdc),
            "f.yaml:1:11: c.bits: found \"25\"; expected a whole number from 1 to 24");
  EXPECT_THAT(component_error("fixed", "{bits: 8}", Role::kBus),
              testing::StartsWith("f.yaml:1:5: c.bits: unknown key"));
}

TEST(Fixed, APartMayCostNothing) {
  const auto part = component_of("fixed", "{}", Role::kBus);
  EXPECT_EQ(part->energy(Action::kBusBit, 0).value(), 0.0);
  EXPECT_EQ(part->peak_power().value(), 0.0);
  EXPECT_FALSE(part->rate().has_value());
  EXPECT_FALSE(part->capacity().has_value());
}

TEST(Fixed, MistakesAreNamed) {
  const auto error = [](const std::string& fields) {
    return component_error("fixed", "{" + fields + "}", Role::kBus);
  };
  EXPECT_EQ(error("power: 1 mW"),
            "f.yaml:1:12: c.power: found a power without a rate; add \"rate: ...\" (accesses a "
            "second at that power), or give \"energy\" or \"static_power\" instead");
  EXPECT_EQ(error("power: 1 mW, rate: 1 GHz, energy: 1 pJ"),
            "f.yaml:1:39: c.energy: given twice; give either power and rate, or energy");
  EXPECT_EQ(error("energy: 2"),
            "f.yaml:1:13: c.energy: found \"2\"; expected an energy such as \"1.67 pJ\"; add a "
            "unit");
  EXPECT_EQ(error("energy: -2 pJ"),
            "f.yaml:1:13: c.energy: found \"-2 pJ\"; expected an energy of at least 0 J");
  EXPECT_EQ(error("energy: 2 mW"),
            "f.yaml:1:13: c.energy: found \"2 mW\"; expected an energy such as \"1.67 pJ\"; use J, "
            "mJ, uJ, nJ, pJ or fJ");
  EXPECT_EQ(error("rate: 0 Hz"),
            "f.yaml:1:11: c.rate: found \"0 Hz\"; expected a frequency of at least 1 Hz");
  EXPECT_EQ(error("width: 0 b"),
            "f.yaml:1:12: c.width: found \"0 b\"; expected a size from 1 b to 128 KiB");
  EXPECT_EQ(error("ports: 0"),
            "f.yaml:1:12: c.ports: found \"0\"; expected a whole number from 1 to 1024");
  EXPECT_EQ(error("enregy: 2 pJ"), "f.yaml:1:5: c.enregy: unknown key; did you mean \"energy\"?");
  EXPECT_EQ(error("write_energy: 2 pJ"),
            "f.yaml:1:5: c.write_energy: unknown key; known keys: area, energy, kind, ports, "
            "power, rate, "
            "size, static_power, width");
}

}  // namespace
}  // namespace pimento::arch
