// SPDX-License-Identifier: Apache-2.0
#include "arch/timing.h"

#include <gtest/gtest.h>

#include "tests/sim/model/support.h"

namespace pimento::arch {
namespace {

using sim::testing::chip_of;
using sim::testing::nanoseconds;

TEST(Timing, MeshDistances) {
  const ChipSpec chip = chip_of({});
  const Timing timing(chip, 12);  // 4 wide
  EXPECT_EQ(timing.routers_between(0, 0), 0);
  EXPECT_EQ(timing.routers_between(0, 1), 2);
  EXPECT_EQ(timing.routers_between(0, 4), 2);
  EXPECT_EQ(timing.routers_between(0, 11), 6);
  EXPECT_EQ(timing.routers_between(11, 0), 6);
}

TEST(Timing, ConversionTakesTheColumnsOfOneAdc) {
  const ChipSpec chip = chip_of({.columns_per_adc = 32});  // 4 ADCs
  const Timing timing(chip, 1);
  EXPECT_NEAR(nanoseconds(timing.conversion_time(4)), 1.0, 1e-9);
  EXPECT_NEAR(nanoseconds(timing.conversion_time(5)), 2.0, 1e-9);
  EXPECT_NEAR(nanoseconds(timing.conversion_time(128)), 32.0, 1e-9);
}

TEST(Timing, WordsAreWhole) {
  const ChipSpec chip =
      chip_of({.tile_components =
                   "bus: {kind: fixed, energy: 1 pJ, width: 8 b, rate: 1 GHz, source: none}"});
  const Timing timing(chip, 1);
  EXPECT_NEAR(nanoseconds(timing.bus_time(Bits(8))), 1.0, 1e-9);
  EXPECT_NEAR(nanoseconds(timing.bus_time(Bits(9))), 2.0, 1e-9);
  EXPECT_NEAR(nanoseconds(timing.bus_time(Bits(0))), 0.0, 1e-9);
}

TEST(Timing, AMissingComponentTakesNoTime) {
  const ChipSpec chip = chip_of({});
  const Timing timing(chip, 1);
  EXPECT_EQ(timing.bus_time(Bits(1000)).value(), 0.0);
  EXPECT_EQ(timing.vector_time(1000).value(), 0.0);
}

}  // namespace
}  // namespace pimento::arch
