// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/pricing.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "arch/dynamic_energy.h"
#include "tests/sim/model/support.h"

namespace pimento::sim::testing {
namespace {

arch::ChipSpec priced_chip() {
  return chip_of({.columns_per_adc = 64,
                  .tile_components =
                      "buffer: {kind: fixed, energy: 8 pJ, write_energy: 16 pJ, width: 8 b, "
                      "area: 100 um2, static_power: 2 mW, source: none}"});
}

const BillItem& item(const Bill& bill, const std::string& name) {
  const auto it = std::find_if(bill.items.begin(), bill.items.end(),
                               [&](const BillItem& candidate) { return candidate.name == name; });
  EXPECT_NE(it, bill.items.end()) << name;
  return *it;
}

TEST(Pricing, EnergyIsCountTimesPrice) {
  arch::Counts counts;
  counts.record(arch::Action::kAdcConversion, 1000);
  counts.record(arch::Action::kBufferReadBit, 80);
  counts.record(arch::Action::kBufferWriteBit, 40);
  const Bill bill = price(priced_chip(), 3, counts, from_si<Time>(1e-6));
  EXPECT_DOUBLE_EQ(item(bill, "macro.adc").energy.value(), 1000e-12);
  EXPECT_DOUBLE_EQ(item(bill, "tile.buffer:read_bit").energy.value(), 80e-12);
  EXPECT_DOUBLE_EQ(item(bill, "tile.buffer:write_bit").energy.value(), 80e-12);
  EXPECT_DOUBLE_EQ(item(bill, "tile.buffer:static").energy.value(), 3 * 2e-3 * 1e-6);
  EXPECT_DOUBLE_EQ(bill.static_energy().value(), 6e-9);
  EXPECT_DOUBLE_EQ(bill.energy().value(), 1000e-12 + 160e-12 + 6e-9);
}

TEST(Pricing, AreaIsCountedOnceAComponent) {
  arch::Counts counts;
  counts.record(arch::Action::kBufferReadBit, 1);
  counts.record(arch::Action::kBufferWriteBit, 1);
  const Bill bill = price(priced_chip(), 3, counts, Time{});
  EXPECT_DOUBLE_EQ(bill.area().value(), 3 * 100e-12);
  EXPECT_EQ(item(bill, "macro.adc").instances, 2.0 * 96 * 3);
}

TEST(Pricing, WhatNobodyPricesIsNamed) {
  arch::Counts counts;
  counts.record(arch::Action::kInputSum, 7);
  const Bill bill = price(priced_chip(), 1, counts, Time{});
  ASSERT_EQ(bill.unpriced.size(), 1U);
  EXPECT_EQ(bill.unpriced[0].component, "macro.unit_column");
  EXPECT_EQ(bill.unpriced[0].action, "input_sum");
  EXPECT_EQ(bill.unpriced[0].count, 7);
}

TEST(Pricing, DynamicEnergyLeavesStaticPowerOut) {
  arch::Counts counts;
  counts.record(arch::Action::kAdcConversion, 5);
  EXPECT_DOUBLE_EQ(arch::dynamic_energy(priced_chip(), counts).value(), 5e-12);
}

}  // namespace
}  // namespace pimento::sim::testing
