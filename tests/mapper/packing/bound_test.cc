// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/bound.h"

#include <gtest/gtest.h>

namespace pimento::mapper::packing {
namespace {

TEST(PackingBound, AreaIsRoundedUp) {
  EXPECT_EQ(area_bound({.rows = 4, .columns = 4, .items = {{4, 4}}}), 1);
  EXPECT_EQ(area_bound({.rows = 4, .columns = 4, .items = {{4, 4}, {1, 1}}}), 2);
  EXPECT_EQ(area_bound({.rows = 4, .columns = 4, .items = {{6, 8}, {2, 8}}}), 4);
}

TEST(PackingBound, RowsCountInBands) {
  // 5 rows are 2 of the array's 2 bands, 4 rows are 1.
  EXPECT_EQ(area_bound({.rows = 8, .columns = 1, .row_unit = 4, .items = {{5, 1}, {4, 1}}}), 2);
  EXPECT_EQ(area_bound({.rows = 8, .columns = 1, .row_unit = 4, .items = {{4, 1}, {4, 1}}}), 1);
}

TEST(PackingBound, AnIncompleteBandCountsForPiecesOfAllBandsOnly) {
  // 10 rows: bands of 4, 4 and 2. One piece may have 10 rows, two have 4 each, three need two bins.
  const auto bound = [](std::vector<Item> items) {
    return area_bound({.rows = 10, .columns = 1, .row_unit = 4, .items = std::move(items)});
  };
  EXPECT_EQ(bound({{10, 1}}), 1);
  EXPECT_EQ(bound({{20, 1}}), 2);
  EXPECT_EQ(bound({{4, 1}, {4, 1}}), 1);
  EXPECT_EQ(bound({{4, 1}, {4, 1}, {2, 1}}), 2);
  EXPECT_EQ(bound({{14, 1}, {4, 1}}), 2);
  EXPECT_EQ(bound({{14, 1}, {5, 1}}), 3);
}

std::int64_t of_whole_tiles(std::vector<Item> items) {
  const Problem problem{.rows = 10, .columns = 10, .items = std::move(items)};
  return whole_tiles_bound(tile(problem), problem);
}

TEST(PackingBound, WholeTilesThatCannotMeetNeedBinsOfTheirOwn) {
  EXPECT_EQ(of_whole_tiles({{6, 6}, {6, 6}, {6, 6}}), 3);     // both sides above a half
  EXPECT_EQ(of_whole_tiles({{6, 10}, {6, 10}, {6, 10}}), 3);  // one side full
  EXPECT_EQ(of_whole_tiles({{5, 5}, {5, 5}, {5, 5}, {5, 5}}), 1);
  EXPECT_EQ(of_whole_tiles({{7, 7}, {3, 10}}), 1);
  EXPECT_EQ(of_whole_tiles({{7, 10}, {4, 10}}), 2);          // 4 do not fit beside 7
  EXPECT_EQ(of_whole_tiles({{20, 10}, {6, 6}, {6, 6}}), 4);  // beside the full tiles
}

}  // namespace
}  // namespace pimento::mapper::packing
