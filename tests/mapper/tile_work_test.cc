// SPDX-License-Identifier: Apache-2.0
#include "mapper/tile_work.h"

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

TEST(TileWork, PartialSumsAreWideEnoughForAllRows) {
  const workloads::Precision p{5, 3};
  EXPECT_EQ(partial_sum_bits(p, 1), 8);
  EXPECT_EQ(partial_sum_bits(p, 2), 9);
  EXPECT_EQ(partial_sum_bits(p, 3), 10);
  EXPECT_EQ(partial_sum_bits(p, 4), 10);
  EXPECT_EQ(partial_sum_bits(p, 128), 15);
  EXPECT_EQ(partial_sum_bits(p, 129), 16);
}

// 10 rows and 5 outputs of 3 slices on arrays of 4x8: six macros (see dense_test.cc), four on the
// first core. Outputs straddle macros: columns 0..8 hold outputs 0..2 (the last one in part).
TEST(TileWork, AddsUpMacrosOfACore) {
  NetworkBuilder b({10});
  b.precision(b.add("fc", workloads::Linear{5}), 3, 7);
  const arch::ChipSpec chip =
      make_chip({.rows = 4, .columns = 8, .macros_per_core = 4, .cores_per_tile = 2});
  const MappingProblem problem{b.network, chip};
  const std::vector<arch::TileWork> work =
      tile_work(map_network(problem, "dense").layers[0], problem);
  ASSERT_EQ(work.size(), 1U);
  EXPECT_EQ(work[0].tile, 0);
  EXPECT_EQ(work[0].partial_sums, 5);
  EXPECT_EQ(work[0].cores, (std::vector<arch::CoreWork>{
                               {0, 4, 4 + 4 + 4 + 4, 8 + 7 + 8 + 7, 4 * 30, 8, Bits(8 * 7), 5},
                               {1, 2, 2 + 2, 8 + 7, 2 * 15, 8, Bits(2 * 7), 5}}));
}

// The same on operation units of 3 x 4: an array of 4 rows has two, of 8 columns two.
TEST(TileWork, OperationUnitsAreReadOneAfterTheOther) {
  NetworkBuilder b({10});
  b.precision(b.add("fc", workloads::Linear{5}), 3, 7);
  const arch::ChipSpec chip = make_chip({.rows = 4,
                                         .columns = 8,
                                         .macros_per_core = 6,
                                         .cores_per_tile = 1,
                                         .more = "operation_unit: {rows: 3, columns: 4}, "});
  const MappingProblem problem{b.network, chip};
  const std::vector<arch::TileWork> work =
      tile_work(map_network(problem, "dense").layers[0], problem);
  ASSERT_EQ(work.size(), 1U);
  ASSERT_EQ(work[0].cores.size(), 1U);
  const arch::CoreWork& core = work[0].cores[0];
  EXPECT_EQ(core.macros, 6);
  EXPECT_EQ(core.reads, 2 * 2);
  EXPECT_EQ(core.max_columns, 4);
  EXPECT_EQ(core.rows, 2 * 2 * (4 + 4 + 2));                // for the unit beside the first again
  EXPECT_EQ(core.columns, 2 * (8 + 7) + 2 * (8 + 7) + 15);  // the last two rows are one unit
  EXPECT_EQ(core.cells, 10 * 15);
}

// Pairs take two columns of the array, and one conversion.
TEST(TileWork, PairsOfLinesAreConvertedOnce) {
  NetworkBuilder b({4});
  b.precision(b.add("fc", workloads::Linear{2}), 4, 7);
  const arch::ChipSpec chip =
      make_chip({.rows = 4, .columns = 12, .encoding = arch::Encoding::kSignMagnitude});
  const MappingProblem problem{b.network, chip};
  const Mapping mapping = map_network(problem, "dense");
  EXPECT_EQ(mapping.layers[0].macros, 1);
  EXPECT_EQ(used_cells(mapping.layers[0]), 4 * 2 * 3 * 2);
  const arch::CoreWork core = tile_work(mapping.layers[0], problem)[0].cores[0];
  EXPECT_EQ(core.columns, 2 * 3);
  EXPECT_EQ(core.cells, 4 * 2 * 3 * 2);
  // One column of the array less, and it takes two.
  const arch::ChipSpec narrow =
      make_chip({.rows = 4, .columns = 11, .encoding = arch::Encoding::kSignMagnitude});
  EXPECT_EQ(map_network({b.network, narrow}, "dense").layers[0].macros, 2);
}

TEST(TileWork, TilesAddWhatTheirOwnCoresShare) {
  NetworkBuilder b({10});
  b.precision(b.add("fc", workloads::Linear{5}), 3, 7);
  const arch::ChipSpec chip =
      make_chip({.rows = 4, .columns = 8, .macros_per_core = 1, .cores_per_tile = 3});
  const MappingProblem problem{b.network, chip};
  const std::vector<arch::TileWork> work =
      tile_work(map_network(problem, "dense").layers[0], problem);
  ASSERT_EQ(work.size(), 2U);
  // Macros 0, 1, 2 and 3, 4, 5: outputs {0,1,2}, {2,3,4}, {0,1,2} and {2,3,4}, {0,1,2}, {2,3,4}.
  EXPECT_EQ(work[0].core_sums(), 9);
  EXPECT_EQ(work[0].partial_sums, 5);
  EXPECT_EQ(work[1].core_sums(), 9);
  EXPECT_EQ(work[1].partial_sums, 5);
  EXPECT_EQ(work[1].cores[1].core, 1);
  EXPECT_EQ(work[0].input_bits(), Bits((4 + 4 + 4) * 7));
}

TEST(TileWork, BlocksShareNeitherInputsNorOutputs) {
  NetworkBuilder b({5, 4, 4});
  b.precision(b.conv("dw", 5, 3, 1, 1, 5), 2, 8);
  const arch::ChipSpec chip = make_chip({.rows = 20, .columns = 16});
  const MappingProblem problem{b.network, chip};
  const std::vector<arch::TileWork> work =
      tile_work(map_network(problem, "dense").layers[0], problem);
  ASSERT_EQ(work.size(), 1U);
  EXPECT_EQ(work[0].cores, (std::vector<arch::CoreWork>{{0, 3, 45, 10, 90, 4, Bits(45 * 8), 5}}));
}

}  // namespace
}  // namespace pimento::mapper
