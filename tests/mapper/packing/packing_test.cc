// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/packing.h"

#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "base/error.h"
#include "mapper/packing/tiling.h"
#include "tests/mapper/packing/support.h"
#include "tests/mapper/support.h"

namespace pimento::mapper::packing {
namespace {

// ---- Exact cases

TEST(Packing, NothingNeedsNoBins) {
  const Packing packing = pack({.rows = 4, .columns = 4, .items = {}});
  EXPECT_EQ(packing.bins, 0);
  EXPECT_EQ(packing.lower_bound, 0);
  EXPECT_TRUE(packing.places.empty());
}

TEST(Packing, AMatrixOfWholeTilesIsTiled) {
  const Packing packing = pack({.rows = 2, .columns = 3, .items = {{4, 6}}});
  const std::vector<Place> expected = {{{0, {0, 2}, {0, 3}}, {0, 0, 0}},
                                       {{0, {0, 2}, {3, 6}}, {1, 0, 0}},
                                       {{0, {2, 4}, {0, 3}}, {2, 0, 0}},
                                       {{0, {2, 4}, {3, 6}}, {3, 0, 0}}};
  EXPECT_EQ(packing.places, expected);
  EXPECT_EQ(packing.bins, 4);
  EXPECT_EQ(packing.lower_bound, 4);
  EXPECT_EQ(packing.cuts(), 0);
}

TEST(Packing, TwoItemsShareABin) {
  const Problem problem{.rows = 4, .columns = 4, .items = {{3, 4}, {1, 4}}};
  const Packing packing = pack(problem);
  const std::vector<Place> expected = {{{0, {0, 3}, {0, 4}}, {0, 0, 0}},
                                       {{1, {0, 1}, {0, 4}}, {0, 3, 0}}};
  EXPECT_EQ(packing.places, expected);
  EXPECT_EQ(packing.bins, 1);
}

// Three strips of 2 of 3 rows: whole they take a bin each, and two bins if one is cut by row.
TEST(Packing, OneCutSavesOneBinOfThree) {
  Problem problem{.rows = 3, .columns = 4, .items = {{2, 4}, {2, 4}, {2, 4}}};
  const Packing cut = pack(problem);
  EXPECT_EQ(fault(cut, problem), "");
  EXPECT_EQ(cut.bins, 2);
  EXPECT_EQ(cut.row_cuts, 1);
  EXPECT_EQ(cut.column_cuts, 0);
  problem.allow_cuts = false;
  const Packing whole = pack(problem);
  EXPECT_EQ(fault(whole, problem), "");
  EXPECT_EQ(whole.bins, 3);
  EXPECT_EQ(whole.lower_bound, 3);
  EXPECT_EQ(whole.cuts(), 0);
}

TEST(Packing, CutsEndWithinTheSpareShare) {
  // 100 strips of 51 of 100 rows: 51 bins by area, 100 whole.
  Problem problem{.rows = 100, .columns = 1, .items = std::vector<Item>(100, Item{51, 1})};
  problem.spare_share = 0.5;
  const Packing packing = pack(problem);
  EXPECT_EQ(packing.lower_bound, 51);
  EXPECT_EQ(packing.bins, 76);  // 1.5 x 51 = 76.5
  // 76 bins hold 76 strips whole, and each of the other 24 in two of the gaps of 49.
  EXPECT_EQ(packing.cuts(), 24);
  EXPECT_EQ(fault(packing, problem), "");
  problem.spare_share = 1.0;
  EXPECT_EQ(pack(problem).cuts(), 0);
  problem.spare_share = 0.0;
  EXPECT_EQ(pack(problem).bins, 51);
}

TEST(Packing, WeightsStayWholeIfTheyCan) {
  // Arrays of 3 weights, items of 2: the third item is cut between its weights.
  const Problem problem{.rows = 1, .columns = 12, .items = std::vector<Item>(3, Item{1, 8, 4})};
  const Packing packing = pack(problem);
  EXPECT_EQ(packing.bins, 2);
  EXPECT_EQ(packing.column_cuts, 1);
  for (const Place& place : packing.places) EXPECT_EQ(place.piece.columns.begin % 4, 0);
}

TEST(Packing, WeightsAreCutIfNothingElseReachesTheGoal) {
  const Problem problem{.rows = 1, .columns = 6, .items = std::vector<Item>(3, Item{1, 4, 4})};
  const Packing packing = pack(problem);
  EXPECT_EQ(fault(packing, problem), "");
  EXPECT_EQ(packing.bins, 2);
  EXPECT_EQ(packing.column_cuts, 1);
}

TEST(Packing, ItemsShareNoBandOfRows) {
  // Two bands of 4 rows: 3 rows take one whole.
  const Problem problem{.rows = 8, .columns = 2, .row_unit = 4, .items = {{3, 2}, {1, 2}, {2, 2}}};
  const Packing packing = pack(problem);
  EXPECT_EQ(fault(packing, problem), "");
  EXPECT_EQ(packing.cells, 12);
  EXPECT_EQ(packing.lower_bound, 2);
  EXPECT_EQ(packing.bins, 2);
}

TEST(Packing, AnIncompleteBandServesPiecesOfAllBands) {
  // Arrays of 5 rows in bands of 2: five rows fit, and so do two times two, but not 2 and 2 and 1.
  Problem problem{.rows = 5, .columns = 1, .row_unit = 2, .items = {{5, 1}, {2, 1}, {2, 1}}};
  EXPECT_EQ(fault(pack(problem), problem), "");
  EXPECT_EQ(pack(problem).bins, 2);
  problem.items.push_back({1, 1});
  EXPECT_EQ(pack(problem).bins, 3);
  EXPECT_EQ(pack(problem).lower_bound, 3);
}

TEST(Packing, RefusesWhatHasNoCells) {
  const auto message = [](const Problem& problem) {
    return message_of<InternalError>([&] { (void)pack(problem); });
  };
  EXPECT_EQ(message({.rows = 0, .columns = 4, .items = {}}), "packing: an array without cells");
  EXPECT_EQ(message({.rows = 4, .columns = 4, .row_unit = 5, .items = {}}),
            "packing: a band of rows does not fit an array");
  EXPECT_EQ(message({.rows = 4, .columns = 4, .items = {{0, 1}}}),
            "packing: an item without cells");
  EXPECT_EQ(message({.rows = 4, .columns = 4, .items = {{1, 1, 0}}}),
            "packing: an item with units of no columns");
  EXPECT_EQ(message({.rows = 4, .columns = 4, .items = {}, .spare_share = -0.1}),
            "packing: a negative share of spare cells");
}

// ---- Properties

// Pieces of a tiling by arrays, as many as there must be at least.
std::int64_t tiles(const Problem& problem) {
  std::int64_t tiles = 0;
  for (const Item& item : problem.items) {
    tiles += (item.rows + problem.rows - 1) / problem.rows *
             ((item.columns + problem.columns - 1) / problem.columns);
  }
  return tiles;
}

TEST(PackingProperties, EveryCellLiesSomewhereOnce) {
  Draw draw(1);
  for (int i = 0; i < 400; ++i) {
    Problem problem =
        random_problem(draw, {.largest_array = 24, .largest_item = 60, .most_items = 12});
    problem.row_unit = draw.between(1, std::min<std::int64_t>(5, problem.rows));
    problem.allow_cuts = draw.between(0, 3) != 0;
    problem.spare_share = draw.between(0, 1) == 0 ? 0.0 : 0.05;
    for (Item& item : problem.items) item.column_unit = draw.between(1, 8);
    const Packing packing = pack(problem);
    ASSERT_EQ(fault(packing, problem), "") << i;
    ASSERT_EQ(std::ssize(packing.places), tiles(problem) + packing.cuts()) << i;
    ASSERT_TRUE(problem.allow_cuts || packing.cuts() == 0) << i;
    ASSERT_EQ(pack(problem).places, packing.places) << i;
  }
}

// Cells can go anywhere, if need be one by one, so cuts always reach the area bound where bands
// fill the arrays.
TEST(PackingProperties, CutsReachTheBound) {
  Draw draw(2);
  for (int i = 0; i < 300; ++i) {
    Problem problem =
        random_problem(draw, {.largest_array = 24, .largest_item = 60, .most_items = 12});
    problem.row_unit = draw.between(1, 4);
    problem.rows *= problem.row_unit;
    problem.spare_share = 0.0;
    for (Item& item : problem.items) item.column_unit = draw.between(1, 8);
    const Packing packing = pack(problem);
    ASSERT_EQ(packing.bins, packing.lower_bound) << i;
    ASSERT_EQ(fault(packing, problem), "") << i;
  }
}

// ---- Brute force: whole tiles in all places of all bins

class Exhaustive {
 public:
  Exhaustive(const Problem& problem, std::int64_t bins)
      : problem_(problem), bins_(static_cast<std::size_t>(bins), 0) {}
  bool fits(std::size_t item = 0) {
    if (item == problem_.items.size()) return true;
    for (std::uint32_t& bin : bins_) {
      for (std::int64_t row = 0; row < problem_.rows; ++row) {
        for (std::int64_t column = 0; column < problem_.columns; ++column) {
          const std::uint32_t mask = mask_of(problem_.items[item], row, column);
          if (mask == 0 || (bin & mask) != 0) continue;
          bin |= mask;
          const bool fit = fits(item + 1);
          bin &= ~mask;
          if (fit) return true;
        }
      }
      if (bin == 0) return false;  // no other empty bin does better
    }
    return false;
  }

 private:
  // 0 if it does not fit there.
  [[nodiscard]] std::uint32_t mask_of(const Item& item, std::int64_t row,
                                      std::int64_t column) const {
    if (row + item.rows > problem_.rows || column + item.columns > problem_.columns) return 0;
    std::uint32_t mask = 0;
    for (std::int64_t i = row; i < row + item.rows; ++i) {
      for (std::int64_t j = column; j < column + item.columns; ++j) {
        mask |= std::uint32_t{1} << static_cast<unsigned>(i * problem_.columns + j);
      }
    }
    return mask;
  }
  const Problem& problem_;
  std::vector<std::uint32_t> bins_;
};

TEST(PackingBruteForce, WholeTilesTakeTheFewestBinsOfTinyProblems) {
  Draw draw(3);
  int above_the_bound = 0;
  for (int i = 0; i < 2000; ++i) {
    Problem problem;
    problem.rows = draw.between(1, 5);
    problem.columns = draw.between(1, 5);
    problem.allow_cuts = false;
    for (std::int64_t n = draw.between(1, 7); n > 0; --n) {
      problem.items.push_back({draw.between(1, problem.rows), draw.between(1, problem.columns)});
    }
    const Packing packing = pack(problem);
    ASSERT_EQ(fault(packing, problem), "") << i;
    ASSERT_TRUE(Exhaustive(problem, packing.bins).fits()) << i;
    // The bound is one: nothing fits into a bin less.
    ASSERT_FALSE(Exhaustive(problem, packing.lower_bound - 1).fits()) << i;
    if (packing.bins == packing.lower_bound) continue;
    ++above_the_bound;
    ASSERT_FALSE(Exhaustive(problem, packing.bins - 1).fits()) << i;
  }
  EXPECT_EQ(above_the_bound, 83);  // where the bound is not the best either
}

}  // namespace
}  // namespace pimento::mapper::packing
