// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/tiling.h"

#include <gtest/gtest.h>

namespace pimento::mapper::packing {
namespace {

TEST(PackingTiling, LeavesStripsAndACorner) {
  const Tiling tiling = tile({.rows = 4, .columns = 8, .items = {{9, 19, 8}}});
  ASSERT_EQ(tiling.full.size(), 4U);
  EXPECT_EQ(tiling.full[3], (Place{{0, {4, 8}, {8, 16}}, {3, 0, 0}}));
  const Stock expected = {
      {{{1, 3}, 8, 0}, {{0, {8, 9}, {16, 19}}}},
      {{{1, 8}, 8, 0}, {{0, {8, 9}, {0, 8}}, {0, {8, 9}, {8, 16}}}},
      {{{4, 3}, 8, 0}, {{0, {0, 4}, {16, 19}}, {0, {4, 8}, {16, 19}}}},
  };
  EXPECT_EQ(tiling.rest, expected);
}

TEST(PackingTiling, KindsTellWhereAUnitBegins) {
  const Problem problem{.rows = 4, .columns = 10, .items = {{4, 20, 8}}};
  EXPECT_EQ(kind_of({0, {0, 2}, {10, 13}}, problem), (Kind{{2, 3}, 8, 2}));
}

TEST(PackingTiling, HeightsAreWholeBandsUpToTheArray) {
  const Problem problem{.rows = 10, .columns = 4, .row_unit = 4, .items = {{10, 4}}};
  const auto rows = [&](std::int64_t height) {
    return kind_of({0, {0, height}, {0, 1}}, problem).size.rows;
  };
  EXPECT_EQ(rows(1), 4);
  EXPECT_EQ(rows(4), 4);
  EXPECT_EQ(rows(5), 8);
  EXPECT_EQ(rows(8), 8);
  EXPECT_EQ(rows(9), 10);
  EXPECT_EQ(rows(10), 10);
}

}  // namespace
}  // namespace pimento::mapper::packing
