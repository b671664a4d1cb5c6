// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/plan.h"

#include <gtest/gtest.h>

namespace pimento::mapper::packing {
namespace {

Problem array(std::int64_t rows, std::int64_t columns, std::int64_t row_unit = 1) {
  return {.rows = rows, .columns = columns, .row_unit = row_unit, .items = {}};
}

TEST(PackingPlan, AsManyStepsForManyArraysAsForOne) {
  const Kind large{{60, 128}};
  const Kind small{{9, 8}};
  const auto steps = [&](std::int64_t arrays) {
    const std::optional<Plan> plan = make_plan({{large, 2 * arrays}, {small, 3 * arrays}},
                                               array(128, 128), {}, {.bins = 2 * arrays});
    EXPECT_TRUE(plan.has_value());
    return plan ? std::pair{plan->bins, plan->steps.size()}
                : std::pair{std::int64_t{-1}, std::size_t{0}};
  };
  const auto [bins, few] = steps(100);
  const auto [more_bins, many] = steps(1'000'000);
  EXPECT_EQ(bins, 102);  // eight rows are left beneath the large ones; 224 small ones fill a bin
  EXPECT_EQ(more_bins, 1'013'393);
  EXPECT_LE(few, 8U);
  EXPECT_LE(many, few + 2);
}

TEST(PackingPlan, GivesUpBeyondItsLimits) {
  const Counts strips = {{{{2, 4}}, 3}};
  Rule rule;
  EXPECT_FALSE(make_plan(strips, array(3, 4), rule, {.bins = 2}).has_value());
  EXPECT_TRUE(make_plan(strips, array(3, 4), rule, {.bins = 3}).has_value());
  rule.cutting = Cutting::kAnywhere;
  EXPECT_FALSE(make_plan(strips, array(3, 4), rule, {.bins = 1, .cuts = 100}).has_value());
  EXPECT_FALSE(make_plan(strips, array(3, 4), rule, {.bins = 2, .cuts = 0}).has_value());
  EXPECT_TRUE(make_plan(strips, array(3, 4), rule, {.bins = 2, .cuts = 1}).has_value());
}

TEST(PackingPlan, CutsBetweenUnitsOnlyWhereTold) {
  const Counts strips = {{{{1, 4}, 4, 0}, 3}};
  Rule rule;
  rule.cutting = Cutting::kBetweenUnits;
  EXPECT_FALSE(make_plan(strips, array(1, 6), rule, {.bins = 2, .cuts = 9}).has_value());
  // A piece that starts two columns into a unit may be cut two columns on.
  const Counts shifted = {{{{1, 4}, 4, 2}, 3}};
  EXPECT_TRUE(make_plan(shifted, array(1, 6), rule, {.bins = 2, .cuts = 1}).has_value());
}

TEST(PackingPlan, PartsKeepBandsAndPhases) {
  // 10 rows in bands of 4: a piece of all bands, cut after two, leaves one whole band.
  const Parts rows = cut_rows({{10, 3}, 8, 5}, 8, array(10, 4, 4));
  EXPECT_EQ(rows.first, (Kind{{8, 3}, 8, 5}));
  EXPECT_EQ(rows.rest, (Kind{{4, 3}, 8, 5}));
  const Parts columns = cut_columns({{4, 9}, 8, 5}, 4);
  EXPECT_EQ(columns.first, (Kind{{4, 4}, 8, 5}));
  EXPECT_EQ(columns.rest, (Kind{{4, 5}, 8, 1}));
}

TEST(PackingPlan, WhatAGridLeaves) {
  const Leftover wide = leftover({10, 12}, {4, 5}, true);
  EXPECT_EQ(wide.below, (Size{6, 12}));
  EXPECT_EQ(wide.right, (Size{4, 7}));
  const Leftover tall = leftover({10, 12}, {4, 5}, false);
  EXPECT_EQ(tall.below, (Size{6, 5}));
  EXPECT_EQ(tall.right, (Size{10, 7}));
}

}  // namespace
}  // namespace pimento::mapper::packing
