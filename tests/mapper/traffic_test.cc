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

// Of 25 tiles in a mesh of 5 x 5 a line of five and the way back are best without the last four.
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

// The first tile of the layer has one core of it, the second has three: 4 sums against 12.
TEST(PlaceTiles, SumsMeetWhereMostOfThemAre) {
  NetworkBuilder b({40, 2, 2});
  b.precision(b.conv("a", 8, 1), 8, 8);  // 3 x 2 macros
  b.precision(b.conv("b", 4, 1), 8, 8);
  const arch::ChipSpec chip = make_chip(
      {.rows = 16, .columns = 32, .macros_per_core = 1, .cores_per_tile = 5, .tiles = "auto"});
  const MappingProblem problem{b.network, chip};
  Mapping mapping = map_dense(problem);
  // "a" has 5 macros of tile 0 and one of tile 1, "b" one of tile 1: nothing to gain.
  place_tiles(problem, mapping);
  EXPECT_FALSE(mapping.layers[0].home_tile.has_value());
  // Behind four cores of another layer it has one of tile 0 and five of tile 1.
  NetworkBuilder c({64, 2, 2});
  c.precision(c.conv("z", 4, 1), 8, 8);
  c.precision(c.conv("grow", 40, 1), 8, 8);
  c.precision(c.conv("a", 4, 1), 8, 8);
  const MappingProblem other{c.network, chip};
  Mapping second = map_dense(other);
  place_tiles(other, second);
  verify(second, other);
  const arch::Program program = lower(other, second).program;
  EXPECT_EQ(traffic_cost(program, chip), second.traffic->after);
  EXPECT_LT(second.traffic->after, second.traffic->before);
  ASSERT_TRUE(second.layers[1].home_tile.has_value());
  EXPECT_EQ(program.stages[1].home_tile, *second.layers[1].home_tile);
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

TEST(Verify, AHomeBeyondTheChipIsAFault) {
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
