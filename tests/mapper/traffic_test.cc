// SPDX-License-Identifier: Apache-2.0
#include "mapper/traffic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
#include "mapper/lower.h"
#include "mapper/strategies/dense.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// On a mesh of 2 x 2.
arch::Program two_stages() {
  arch::Program program;
  program.tiles = 4;
  arch::Stage first;
  first.grid = {2, 3};
  first.sum_bits = Bits(10);
  first.tiles.push_back({0, {}, 4, 0});
  first.tiles.push_back({3, {}, 5, 0});  // two steps from home, three routers
  arch::Stage second;
  second.home_tile = 1;  // one step, two routers
  second.inputs.push_back({0, first.grid, {}, Bits(7), 6});
  program.stages = {first, second};
  return program;
}

TEST(TrafficCost, CountsSumsAndPixels) {
  EXPECT_EQ(traffic_cost(two_stages(), make_chip({})), (6 * 5 * 10 * 3) + (6 * 7 * 2));
}

TEST(TrafficCost, ACopyCountsItsShareOfTheSteps) {
  arch::Program program = two_stages();
  program.stages[0].grid = {1, 5};
  program.stages[0].tiles[1].replica = 1;  // steps 1 and 3
  EXPECT_EQ(traffic_cost(program, make_chip({})), (2 * 5 * 10 * 3) + (5 * 7 * 2));
}

TEST(TrafficCost, OneTileIsFree) {
  arch::Program program = two_stages();
  program.stages[1].home_tile = 0;
  program.stages[0].tiles[1].tile = 0;
  EXPECT_EQ(traffic_cost(program, make_chip({})), 0);
}

// ---- Placing

// Nine layers behind each other, a tile each: 16 pixels of 32 bits go from one to the next.
workloads::Network chain() {
  NetworkBuilder b({4, 4, 4});
  for (int i = 0; i < 9; ++i) b.precision(b.conv(fmt::format("l{}", i), 4, 1), 8, 8);
  return b.network;
}

arch::ChipSpec chip_of_small_tiles(const std::string& tiles) {
  return make_chip(
      {.rows = 16, .columns = 32, .macros_per_core = 1, .cores_per_tile = 1, .tiles = tiles});
}

// Row by row on 3 x 3, six ways pass two routers and two pass four. A snake passes two on each.
TEST(PlaceTiles, AChainBecomesASnake) {
  const workloads::Network network = chain();
  const arch::ChipSpec chip = chip_of_small_tiles("auto");
  const MappingProblem problem{network, chip};
  Mapping mapping = map_dense(problem);
  place_tiles(problem, mapping);
  verify(mapping, problem);
  EXPECT_EQ(mapping.traffic, (TrafficSummary{512 * (6 * 2 + 2 * 4), 512 * 8 * 2}));
  EXPECT_EQ(traffic_cost(lower(problem, mapping).program, chip), 512 * 8 * 2);
  EXPECT_EQ(mapping.macros, 9);
}

// On 5 x 5 the one way to the next row of routers is five steps long.
TEST(PlaceTiles, SpareTilesMayBeUsed) {
  const workloads::Network network = chain();
  const arch::ChipSpec chip = chip_of_small_tiles("25");
  const MappingProblem problem{network, chip};
  Mapping mapping = map_dense(problem);
  place_tiles(problem, mapping);
  verify(mapping, problem);
  EXPECT_EQ(mapping.traffic, (TrafficSummary{512 * (7 * 2 + 6), 512 * 8 * 2}));
}

TEST(PlaceTiles, WhatCannotBecomeLessStays) {
  NetworkBuilder b({4, 4, 4});
  b.precision(b.conv("a", 4, 1), 8, 8);
  b.precision(b.conv("b", 4, 1), 8, 8);
  const arch::ChipSpec chip = chip_of_small_tiles("auto");
  const MappingProblem problem{b.network, chip};
  Mapping mapping = map_dense(problem);
  const Mapping before = mapping;
  place_tiles(problem, mapping);
  EXPECT_EQ(mapping.traffic, (TrafficSummary{512 * 2, 512 * 2}));
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_EQ(mapping.layers[l].groups, before.layers[l].groups);
    EXPECT_FALSE(mapping.layers[l].home_tile.has_value());
  }
}

// Tiles of five macros: "z" has 4 of tile 0, "grow" 1 of tile 0, 5 of tile 1 and 4 of tile 2, "a" 1
// of tile 2 and 2 of tile 3; on 2 x 2 routers. Of 4 pixels each, "grow" makes 4 sums of 18 bits a
// macro, "a" 4 of 22 bits a tile; pixels have 32 and 320 bits.
TEST(PlaceTiles, SumsMeetWhereMostOfThemAre) {
  NetworkBuilder b({64, 2, 2});
  b.precision(b.conv("z", 4, 1), 8, 8);
  b.precision(b.conv("grow", 40, 1), 8, 8);
  b.precision(b.conv("a", 4, 1), 8, 8);
  const arch::ChipSpec chip = make_chip(
      {.rows = 16, .columns = 32, .macros_per_core = 1, .cores_per_tile = 5, .tiles = "auto"});
  const MappingProblem problem{b.network, chip};
  Mapping mapping = map_dense(problem);
  place_tiles(problem, mapping);
  verify(mapping, problem);
  constexpr std::int64_t kSums = 4 * 18;  // of a channel of "grow"
  constexpr std::int64_t kLast = 4 * 4 * 22;
  // Home in tile 0: 20 and 16 channels come, all through two routers.
  const std::int64_t before = 2 * ((20 + 16) * kSums + 4 * 320 + kLast);
  // In tile 1 with tile 2 beside it, and tile 3 beside tile 2: 4 and 16 channels come.
  const std::int64_t after = 2 * (4 * 32 + (4 + 16) * kSums + 4 * 320 + kLast);
  EXPECT_EQ(mapping.traffic, (TrafficSummary{before, after}));
  const arch::Program program = lower(problem, mapping).program;
  EXPECT_EQ(traffic_cost(program, chip), after);
  EXPECT_EQ(program.stages[1].home_tile, mapping.layers[1].home_tile);
  std::int64_t at_home = 0;
  for (const arch::TileWork& work : program.stages[1].tiles) {
    if (work.tile == program.stages[1].home_tile) at_home += work.partial_sums;
  }
  EXPECT_EQ(at_home, 20);
}

// Only ways change: everything else that a program counts is the same.
TEST(PlaceTiles, WorkStaysTheSame) {
  const workloads::Network network = shipped_network("resnet20_cifar", "uniform8");
  const arch::ChipSpec chip = shipped_chip("reram_128x128_1b");
  const MappingProblem problem{network, chip};
  Mapping mapping = map_dense(problem);
  const arch::Program before = lower(problem, mapping).program;
  place_tiles(problem, mapping);
  verify(mapping, problem);
  const arch::Program after = lower(problem, mapping).program;
  ASSERT_EQ(before.stages.size(), after.stages.size());
  for (std::size_t s = 0; s < before.stages.size(); ++s) {
    EXPECT_EQ(arch::static_counts(before, static_cast<int>(s), chip),
              arch::static_counts(after, static_cast<int>(s), chip));
  }
  EXPECT_EQ(mapping.traffic->before, traffic_cost(before, chip));
  EXPECT_EQ(mapping.traffic->after, traffic_cost(after, chip));
}

TEST(HomeTile, BeyondTheChipIsAFault) {
  const workloads::Network network = chain();
  const arch::ChipSpec chip = chip_of_small_tiles("auto");
  const MappingProblem problem{network, chip};
  Mapping mapping = map_dense(problem);
  mapping.layers[1].home_tile = 8;
  verify(mapping, problem);
  mapping.layers[1].home_tile = 9;
  EXPECT_THAT(message_of<InternalError>([&] { verify(mapping, problem); }),
              ::testing::HasSubstr("its home is tile 9; the chip has 9"));
}

}  // namespace
}  // namespace pimento::mapper
