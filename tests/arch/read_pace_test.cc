// SPDX-License-Identifier: Apache-2.0
#include "arch/read_pace.h"

#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

// Four ADCs of 1 GHz beside reads of 100 ns: conversion is the longer step beyond 400 columns.
TEST(ReadPace, TheLongerStepSetsTheInterval) {
  const ChipSpec chip = chip_of(kTinyChip);
  EXPECT_DOUBLE_EQ(conversion_time(chip, 64).value(), 16e-9);
  EXPECT_DOUBLE_EQ(conversion_time(chip, 65).value(), 17e-9);
  EXPECT_DOUBLE_EQ(read_pace(chip, 3, 64).interval.value(), 300e-9);
  EXPECT_EQ(read_pace(chip, 0, 64).interval, Time{});
  EXPECT_EQ(read_pace(chip, 0, 64).latency, Time{});
  EXPECT_DOUBLE_EQ(read_pace(chip, 3, 64).latency.value(), (100 + 2 * 100 + 16) * 1e-9);
  EXPECT_DOUBLE_EQ(read_pace(chip, 3, 800).interval.value(), 600e-9);
  EXPECT_DOUBLE_EQ(read_pace(chip, 3, 800).latency.value(), (100 + 2 * 200 + 200) * 1e-9);
}

TEST(ReadPace, WithoutAdcsOnlyReadsTakeTime) {
  const std::string digital =
      replaced(kTinyChip, "  columns_per_adc: 16\n", "  readout: digital\n");
  const ChipSpec chip = chip_of(replaced(digital, "    adc: {", "    array: {"));
  EXPECT_DOUBLE_EQ(conversion_time(chip, 64).value(), 0.0);
  EXPECT_DOUBLE_EQ(read_pace(chip, 3, 64).latency.value(), 300e-9);
}

}  // namespace
}  // namespace pimento::arch
