// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/row_groups.h"

#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "base/error.h"

namespace pimento::kernels {
namespace {

TEST(RowGroups, WholeArrayIsOneRead) {
  const RowGroups groups(128, 128);
  EXPECT_EQ(groups.reads(), 1);
  EXPECT_EQ(groups.groups(), 32);
  EXPECT_EQ(groups.group_of(127), 31);
  EXPECT_EQ(groups.place_of(127), 3);
}

TEST(RowGroups, NineRowsTakeThreeGroups) {
  const RowGroups groups(128, 9);
  EXPECT_EQ(groups.reads(), 15);  // 14 of nine rows and one of two
  EXPECT_EQ(groups.groups_of_read(), 3);
  EXPECT_EQ(groups.group_of(8), 2);
  EXPECT_EQ(groups.group_of(9), 3);
  EXPECT_EQ(groups.group_of(127), 14 * 3);
  EXPECT_EQ(groups.place_of(127), 1);
}

TEST(RowGroups, EveryRowHasAPlaceOfItsOwnInItsRead) {
  for (const int rows : {1, 16, 100, 128, 1024}) {
    for (const int unit : {1, 4, 8, 9, 16, 33, 128, 1024}) {
      const RowGroups groups(rows, unit);
      std::set<std::pair<int, int>> places;
      for (int row = 0; row < rows; ++row) {
        EXPECT_TRUE(places.emplace(groups.group_of(row), groups.place_of(row)).second);
        EXPECT_LT(groups.group_of(row), groups.groups());
        EXPECT_EQ(groups.group_of(row) / groups.groups_of_read(), groups.read_of(row));
      }
    }
  }
}

TEST(RowGroups, RefusesArraysWithoutRows) {
  EXPECT_THROW(RowGroups(0, 1), InternalError);
  EXPECT_THROW(RowGroups(1, 0), InternalError);
}

}  // namespace
}  // namespace pimento::kernels
