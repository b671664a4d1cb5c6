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
