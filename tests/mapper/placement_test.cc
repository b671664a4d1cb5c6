// SPDX-License-Identifier: Apache-2.0
#include "mapper/placement.h"

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

const arch::SlicePlan kOneColumn = arch::plan_slices(arch::Encoding::kTwosComplement, 1, 1);

// 30 columns of 10 rows on arrays of 4 x 8.
TEST(Placement, CutsWhereTheArrayEnds) {
  const arch::ChipSpec chip = make_chip({.rows = 4, .columns = 8});
  const MatrixTiles tiles =
      array_tiles({.groups = 3, .rows = 10, .columns = 30, .positions = 1}, kOneColumn, chip.macro);
  EXPECT_EQ(tiles.row_tiles(), 3);
  EXPECT_EQ(tiles.column_tiles(), 4);
  EXPECT_EQ(tiles.macros(), 3 * 12);
  EXPECT_EQ(tiles.groups(), 3 * 12);
  EXPECT_EQ(tiles.rows_of(2), Indices(8, 10));
  EXPECT_EQ(tiles.stored_rows(2), 2);
  EXPECT_EQ(tiles.columns_of(3), (Range{24, 30}));
}

// 9 rows take 10 of operation units of 5; the last block needs no room behind it.
TEST(Placement, BlocksOnTheDiagonalShareNoOperationUnit) {
  const auto blocks_on = [](int rows, const std::string& more) {
    const arch::ChipSpec chip = make_chip({.rows = rows, .columns = 8, .more = more});
    return array_tiles({.groups = 5, .rows = 9, .columns = 2, .positions = 1}, kOneColumn,
                       chip.macro)
        .blocks_a_macro;
  };
  EXPECT_EQ(blocks_on(9, ""), 1);
  EXPECT_EQ(blocks_on(17, ""), 1);
  EXPECT_EQ(blocks_on(18, ""), 2);
  EXPECT_EQ(blocks_on(90, ""), 4);  // columns run out
  EXPECT_EQ(blocks_on(9, "operation_unit: {rows: 5}, "), 1);
  EXPECT_EQ(blocks_on(19, "operation_unit: {rows: 5}, "), 1);
  EXPECT_EQ(blocks_on(20, "operation_unit: {rows: 5}, "), 2);
}

// Rows 0 and 2 of every three.
TEST(Placement, RowsThatAreNotKeptAreStoredNowhere) {
  NetworkBuilder b({9});
  b.precision(b.add("fc", workloads::Linear{2}), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 4, .columns = 2});
  MatrixTiles tiles;
  tiles.rows = 9;
  tiles.columns = 2;
  tiles.rows_a_tile = 6;
  tiles.columns_a_tile = 2;
  tiles.kept = {0, 2};
  tiles.period = 3;
  EXPECT_EQ(tiles.stored_rows(0), 4);
  EXPECT_EQ(tiles.stored_rows(1), 2);
  FreshMacros macros({b.network, chip});
  LayerMapping layer = unplaced_layer({b.network, chip}, 0);
  EXPECT_EQ(layer.plan, kOneColumn);
  macros.place(layer, tiles);
  EXPECT_EQ(layer.macros, 2);
  EXPECT_EQ(layer.groups,
            (std::vector<ColumnGroup>{{0, Indices::listed({0, 2, 3, 5}), {0, 2}, 0, 0, 0},
                                      {0, Indices::listed({6, 8}), {0, 2}, 1, 0, 0}}));
  EXPECT_EQ(macros.count(), 2);
  macros.start_core();  // of eight macros
  EXPECT_EQ(macros.count(), 8);
  macros.start_core();
  EXPECT_EQ(macros.count(), 8);
}

// Room is taken by place(), not by asking for it; column groups add up.
TEST(Placement, RoomIsAskedForBeforeItIsTaken) {
  NetworkBuilder b({9});
  b.add("fc", workloads::Linear{2});
  const arch::ChipSpec chip = make_chip({.macros_per_core = 2, .cores_per_tile = 1, .tiles = "2"});
  FreshMacros macros({b.network, chip});
  EXPECT_NO_THROW(macros.reserve(0, 4, 1));
  EXPECT_EQ(message_of<InputError>([&] { macros.reserve(0, 5, 1); }),
            "chip.yaml: the network does not fit: layer \"fc\" needs macros up to number 5, the "
            "chip has 4; raise chip.tiles, enlarge the arrays, or lower the precision");
  EXPECT_NO_THROW(macros.reserve(0, 4, (1 << 23) - 2));
  EXPECT_EQ(message_of<InputError>([&] { macros.reserve(0, 1, 1); }),
            "chip.yaml: the network needs more than 8388608 column groups up to layer \"fc\"; "
            "enlarge the arrays, or lower the precision");
  EXPECT_EQ(macros.count(), 0);
}

}  // namespace
}  // namespace pimento::mapper
