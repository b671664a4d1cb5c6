// SPDX-License-Identifier: Apache-2.0
#include "mapper/turns.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "tests/mapper/packing/support.h"

namespace pimento::mapper {
namespace {

ColumnGroup group(std::int64_t block, Range rows, Range columns, std::int64_t at_row,
                  std::int64_t at_column) {
  ColumnGroup result;
  result.block = block;
  result.rows = rows;
  result.columns = columns;
  result.at_row = at_row;
  result.at_column = at_column;
  return result;
}

LayerMapping layer_of(std::vector<ColumnGroup> groups,
                      arch::Encoding encoding = arch::Encoding::kTwosComplement) {
  LayerMapping layer;
  layer.plan = plan_slices(encoding, 8, 1);
  layer.groups = std::move(groups);
  return layer;
}

std::vector<int> turns_of(LayerMapping layer) {
  assign_turns(layer);
  std::vector<int> turns;
  turns.reserve(layer.groups.size());
  for (const ColumnGroup& group : layer.groups) turns.push_back(group.turn);
  return turns;
}

std::vector<const ColumnGroup*> pointers(const std::vector<ColumnGroup>& groups) {
  std::vector<const ColumnGroup*> result;
  result.reserve(groups.size());
  for (const ColumnGroup& group : groups) result.push_back(&group);
  return result;
}

TEST(Turns, GroupsApartAreReadTogether) {
  EXPECT_EQ(turns_of(layer_of({group(0, {0, 4}, {0, 4}, 0, 0), group(1, {0, 4}, {0, 4}, 4, 4)})),
            (std::vector<int>{0, 0}));
}

TEST(Turns, SharedColumnsTakeTwo) {
  EXPECT_EQ(turns_of(layer_of({group(0, {0, 4}, {0, 4}, 0, 0), group(1, {0, 4}, {0, 4}, 4, 3)})),
            (std::vector<int>{0, 1}));
}

TEST(Turns, PairsOfLinesAreTwiceAsWide) {
  const std::vector<ColumnGroup> groups{group(0, {0, 4}, {0, 4}, 0, 0),
                                        group(1, {0, 4}, {0, 4}, 4, 7)};
  EXPECT_EQ(turns_of(layer_of(groups)), (std::vector<int>{0, 0}));
  EXPECT_EQ(turns_of(layer_of(groups, arch::Encoding::kSignMagnitude)), (std::vector<int>{0, 1}));
}

TEST(Turns, RowsAreSharedByThoseThatTakeTheSameInputs) {
  const ColumnGroup first = group(0, {0, 4}, {0, 4}, 2, 0);
  EXPECT_EQ(turns_of(layer_of({first, group(0, {1, 4}, {4, 8}, 3, 4)})), (std::vector<int>{0, 0}));
  EXPECT_EQ(turns_of(layer_of({first, group(0, {1, 4}, {4, 8}, 2, 4)})), (std::vector<int>{0, 1}));
  EXPECT_EQ(turns_of(layer_of({first, group(1, {1, 4}, {4, 8}, 3, 4)})), (std::vector<int>{0, 1}));
}

// Of the rows of the third, one half is driven as it wants, the other is not.
TEST(Turns, SharingRowsWithOneDoesNotExcuseTheOther) {
  EXPECT_EQ(turns_of(layer_of({group(0, {0, 2}, {0, 4}, 0, 0), group(1, {0, 2}, {0, 4}, 2, 4),
                               group(0, {0, 4}, {4, 8}, 0, 8)})),
            (std::vector<int>{0, 0, 1}));
}

TEST(Turns, EachMacroCountsForItself) {
  LayerMapping layer = layer_of({group(0, {0, 4}, {0, 4}, 0, 0), group(1, {0, 4}, {0, 4}, 4, 0),
                                 group(2, {0, 4}, {0, 4}, 4, 0)});
  layer.groups[2].macro = 1;
  EXPECT_EQ(turns_of(layer), (std::vector<int>{0, 1, 0}));
}

// Equal blocks in rows and columns, each with inputs of its own: a Latin square.
TEST(Turns, AGridTakesAsManyAsItsLongerSide) {
  for (const auto& [down, across] :
       {std::pair{14, 12}, {12, 14}, {1, 5}, {5, 1}, {7, 7}, {3, 70}}) {
    std::vector<ColumnGroup> groups;
    for (std::int64_t i = 0; i < down; ++i) {
      for (std::int64_t j = 0; j < across; ++j) {
        groups.push_back(group(i * across + j, {0, 9}, {0, 8}, 9 * i, 8 * j));
      }
    }
    EXPECT_EQ(least_turns(pointers(groups), 1), std::max(down, across));
    const std::vector<int> turns = turns_of(layer_of(groups));
    EXPECT_EQ(1 + *std::max_element(turns.begin(), turns.end()), std::max(down, across));
  }
}

// Row by row, without the classes of the assignment.
bool together(const ColumnGroup& a, const ColumnGroup& b) {
  for (std::int64_t i = 0; i < a.columns.size(); ++i) {
    for (std::int64_t j = 0; j < b.columns.size(); ++j) {
      if (a.at_column + i == b.at_column + j) return false;
    }
  }
  for (std::int64_t i = 0; i < a.rows.size(); ++i) {
    for (std::int64_t j = 0; j < b.rows.size(); ++j) {
      if (a.at_row + i != b.at_row + j) continue;
      if (a.block != b.block || a.rows[i] != b.rows[j]) return false;
    }
  }
  return true;
}

// The fewest turns there are, by trying all.
int fewest(const std::vector<ColumnGroup>& groups) {
  int best = static_cast<int>(groups.size());
  std::vector<int> turns(groups.size(), 0);
  const std::function<void(std::size_t, int)> go = [&](std::size_t next, int used) {
    if (used >= best) return;
    if (next == groups.size()) {
      best = used;
      return;
    }
    for (int turn = 0; turn <= used; ++turn) {
      bool fits = true;
      for (std::size_t other = 0; other < next; ++other) {
        fits = fits && (turns[other] != turn || together(groups[other], groups[next]));
      }
      if (!fits) continue;
      turns[next] = turn;
      go(next + 1, std::max(used, turn + 1));
    }
  };
  go(0, 0);
  return best;
}

TEST(Turns, OfRandomPackingsFitTogetherAndAreHardlyMoreThanTheFewest) {
  int cases = 0;
  int more = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    packing::Draw draw(seed);
    const packing::Problem problem =
        packing::random_problem(draw, {.largest_array = 12, .largest_item = 8, .most_items = 9});
    std::map<std::int64_t, std::vector<ColumnGroup>> bins;
    for (const packing::Place& place : packing::pack(problem).places) {
      bins[place.at.bin].push_back(group(place.piece.item / 2, place.piece.rows,
                                         place.piece.columns, place.at.row, place.at.column));
    }
    for (auto& [bin, groups] : bins) {
      if (groups.size() < 2 || groups.size() > 9) continue;
      LayerMapping layer = layer_of(groups);
      assign_turns(layer);
      int turns = 0;
      for (std::size_t i = 0; i < groups.size(); ++i) {
        turns = std::max(turns, layer.groups[i].turn + 1);
        for (std::size_t j = 0; j < i; ++j) {
          ASSERT_TRUE(layer.groups[i].turn != layer.groups[j].turn ||
                      together(groups[i], groups[j]))
              << "seed " << seed;
        }
      }
      ++cases;
      const int best = fewest(groups);
      ASSERT_LE(least_turns(pointers(groups), 1), best) << "seed " << seed;
      if (turns > best) ++more;
    }
  }
  EXPECT_GT(cases, 100);
  EXPECT_EQ(more, 0);
}

}  // namespace
}  // namespace pimento::mapper
