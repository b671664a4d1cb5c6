// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/macro_contents.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/sim/app/hand_made_mapping.h"

namespace pimento::app {
namespace {

arch::MacroSpec macro_of(int rows, int columns, int unit_rows = 0) {
  arch::MacroSpec macro;
  macro.rows = rows;
  macro.columns = columns;
  macro.unit = {unit_rows, unit_rows == 0 ? 0 : columns};
  return macro;
}

struct Blocks {
  std::vector<arch::ColumnGroup> groups;
  std::vector<arch::Range> rows;
  std::vector<arch::Range> columns;
  void add(std::int64_t block, const arch::Range& at_rows, const arch::Range& at_columns) {
    arch::ColumnGroup group;
    group.block = block;
    groups.push_back(group);
    rows.push_back(at_rows);
    columns.push_back(at_columns);
  }
  [[nodiscard]] EmptyCells empty(const arch::MacroSpec& macro) const {
    std::vector<PlacedGroup> placed;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      placed.push_back({0, &groups[i], rows[i], columns[i]});
    }
    return empty_cells(placed, macro);
  }
};

TEST(EmptyCellsOfAMacro, NoneWhereOneGroupFillsIt) {
  Blocks blocks;
  blocks.add(0, {0, 16}, {0, 8});
  EXPECT_EQ(blocks.empty(macro_of(16, 8)), EmptyCells{});
}

TEST(EmptyCellsOfAMacro, BelowAndBesideOneGroup) {
  Blocks blocks;
  blocks.add(0, {0, 10}, {0, 5});
  EXPECT_EQ(blocks.empty(macro_of(16, 8)), (EmptyCells{.rows_below = 48, .columns_beside = 30}));
}

TEST(EmptyCellsOfAMacro, OffTheDiagonalOfBlocks) {
  Blocks blocks;
  blocks.add(0, {0, 3}, {0, 2});
  blocks.add(1, {3, 6}, {2, 4});
  EXPECT_EQ(blocks.empty(macro_of(16, 16)),
            (EmptyCells{.rows_below = 160, .columns_beside = 72, .other_blocks = 12}));
}

TEST(EmptyCellsOfAMacro, RowsThatAnOperationUnitRoundsUp) {
  Blocks blocks;
  blocks.add(0, {0, 3}, {0, 2});
  blocks.add(1, {4, 7}, {2, 4});
  // Row 3 is nobody's, in all four columns; row 7 is below the last row in use.
  EXPECT_EQ(blocks.empty(macro_of(16, 16, 4)),
            (EmptyCells{
                .rows_below = 144, .columns_beside = 84, .unit_remainder = 4, .other_blocks = 12}));
  // Without units it is a gap.
  EXPECT_EQ(blocks.empty(macro_of(16, 16)).gaps, 4);
}

TEST(EmptyCellsOfAMacro, OneBlockBesideAnotherPartOfItLeavesAGap) {
  Blocks blocks;
  blocks.add(0, {0, 6}, {0, 2});
  blocks.add(0, {0, 2}, {2, 4});
  EXPECT_EQ(blocks.empty(macro_of(6, 4)), (EmptyCells{.gaps = 8}));
}

// Cell by cell, as the header says it.
EmptyCells by_cells(const Blocks& blocks, const arch::MacroSpec& macro) {
  const auto has = [](const arch::Range& range, std::int64_t i) {
    return range.begin <= i && i < range.end;
  };
  std::int64_t height = 0;
  std::int64_t width = 0;
  for (std::size_t i = 0; i < blocks.groups.size(); ++i) {
    height = std::max(height, blocks.rows[i].end);
    width = std::max(width, blocks.columns[i].end);
  }
  EmptyCells cells;
  for (std::int64_t r = 0; r < macro.rows; ++r) {
    for (std::int64_t c = 0; c < macro.columns; ++c) {
      bool used = false;
      bool row_is_used = false;
      bool under_its_own = false;
      bool under_any = false;
      std::set<std::int64_t> of_row;
      std::set<std::int64_t> of_column;
      for (std::size_t i = 0; i < blocks.groups.size(); ++i) {
        const arch::Range& rows = blocks.rows[i];
        const bool in_row = has(rows, r);
        const bool in_column = has(blocks.columns[i], c);
        used |= in_row && in_column;
        row_is_used |= in_row;
        if (in_row) of_row.insert(blocks.groups[i].block);
        if (in_column) of_column.insert(blocks.groups[i].block);
        const bool under = r >= rows.end && r / macro.unit.rows == (rows.end - 1) / macro.unit.rows;
        under_any |= under;
        under_its_own |= under && in_column;
      }
      if (used) continue;
      const bool crosses = !of_row.empty() && !of_column.empty() &&
                           (of_row.size() > 1 || of_column.size() > 1 || of_row != of_column);
      ++(r >= height                                    ? cells.rows_below
         : c >= width                                   ? cells.columns_beside
         : under_its_own || (under_any && !row_is_used) ? cells.unit_remainder
         : crosses                                      ? cells.other_blocks
                                                        : cells.gaps);
    }
  }
  return cells;
}

TEST(EmptyCellsOfAMacro, EachIsCountedOnceAsCellByCell) {
  std::mt19937 random(7);
  const auto below = [&](int n) { return static_cast<std::int64_t>(random() % unsigned(n)); };
  EmptyCells seen;
  for (int trial = 0; trial < 300; ++trial) {
    const arch::MacroSpec macro = macro_of(12, 10, 1 + static_cast<int>(below(5)));
    Blocks blocks;
    std::set<std::pair<std::int64_t, std::int64_t>> taken;
    for (int tries = 0; tries < 6; ++tries) {
      const std::int64_t row = below(10);
      const std::int64_t column = below(8);
      const arch::Range rows{row, std::min<std::int64_t>(12, row + 1 + below(4))};
      const arch::Range columns{column, std::min<std::int64_t>(10, column + 1 + below(4))};
      std::set<std::pair<std::int64_t, std::int64_t>> cells;
      bool is_free = true;
      for (std::int64_t r = rows.begin; r < rows.end; ++r) {
        for (std::int64_t c = columns.begin; c < columns.end; ++c) {
          cells.emplace(r, c);
          is_free = is_free && !taken.contains({r, c});
        }
      }
      if (!is_free) continue;
      taken.merge(cells);
      blocks.add(below(2), rows, columns);
    }
    const EmptyCells found = blocks.empty(macro);
    EXPECT_EQ(found, by_cells(blocks, macro)) << "trial " << trial;
    EXPECT_EQ(found.total() + std::ssize(taken), 12 * 10);
    seen += found;
  }
  EXPECT_GT(seen.unit_remainder, 0);
  EXPECT_GT(seen.other_blocks, 0);
  EXPECT_GT(seen.gaps, 0);
}

TEST(MacroContents, GathersGroupsOfSharedMacros) {
  const HandMade made;
  const MacroContents contents(made.mapping);
  ASSERT_EQ(contents.writings().size(), 2U);
  const MacroContents::Writing& second = contents.writings()[1];
  EXPECT_EQ(second.macro, 2);
  EXPECT_EQ(contents.layers(second), (std::vector<int>{0, 1}));
  EXPECT_EQ(contents.used_cells(second), 60 + 24);
  EXPECT_EQ(contents.groups(second).back().rows, (arch::Range{6, 8}));
}

TEST(MacroContents, EachRoundIsAWriting) {
  HandMade made;
  made.mapping.layers[1].groups[1].macro = 0;
  made.mapping.layers[1].groups[1].round = 1;
  const MacroContents contents(made.mapping);
  ASSERT_EQ(contents.writings().size(), 3U);
  EXPECT_EQ(contents.writings()[1].macro, 0);
  EXPECT_EQ(contents.writings()[1].round, 1);
  EXPECT_EQ(contents.used_cells(contents.writings()[1]), 24);
}

EmptyMacros empty_macros_where(const std::vector<std::vector<int>>& macros_of_layers, int tiles) {
  mapper::Mapping mapping;
  for (const std::vector<int>& macros : macros_of_layers) {
    mapper::LayerMapping layer;
    layer.plan = arch::plan_slices(arch::Encoding::kTwosComplement, 1, 1);
    for (const int macro : macros) {
      arch::ColumnGroup group;
      group.rows = {0, 1};
      group.columns = {0, 1};
      group.macro = macro;
      layer.groups.push_back(group);
    }
    mapping.layers.push_back(layer);
  }
  const arch::ChipSpec chip =
      mapper::make_chip({.macros_per_core = 4, .cores_per_tile = 2, .more = {}});
  return empty_macros(MacroContents(mapping), chip, tiles);
}

TEST(EmptyMacrosOfAChip, WhereLayersStartCores) {
  EXPECT_EQ(empty_macros_where({{0}, {4, 5}, {8}}, 3), (EmptyMacros{.before_next_layer = 3 + 2,
                                                                    .behind_last_layer = 3,
                                                                    .in_unused_cores = 4,
                                                                    .in_unused_tiles = 8}));
}

TEST(EmptyMacrosOfAChip, WhereALayerPassesSomeOver) {
  EXPECT_EQ(empty_macros_where({{1, 3, 6}}, 1),
            (EmptyMacros{.behind_last_layer = 1, .skipped = 1 + 1 + 2}));
  EXPECT_EQ(empty_macros_where({{0, 1, 5}}, 1),
            (EmptyMacros{.behind_last_layer = 2, .skipped = 2 + 1}));
}

}  // namespace
}  // namespace pimento::app
