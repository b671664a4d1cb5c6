// SPDX-License-Identifier: Apache-2.0
#include "mapper/mapping.h"

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// A layer that fills one macro of 16x8, and one that fills an eighth of one.
workloads::Network two_layers() {
  NetworkBuilder b({16});
  b.precision(b.add("full", workloads::Linear{8}), 1, 8);
  b.precision(b.add("small", workloads::Linear{2}), 1, 8);
  return b.network;
}

TEST(Mapping, UtilizationHasTwoAveragingRules) {
  const workloads::Network network = two_layers();
  const arch::ChipSpec chip =
      make_chip({.rows = 16, .columns = 8, .macros_per_core = 2, .cores_per_tile = 3});
  const Mapping mapping = map_network({network, chip}, "dense");
  EXPECT_EQ(used_cells(mapping.layers[0]), 128);
  EXPECT_EQ(used_cells(mapping.layers[1]), 16);
  const Utilization use = utilization(mapping, chip);
  EXPECT_EQ(use.used_cells, 144);
  EXPECT_EQ(use.allocated_cells, 256);
  EXPECT_DOUBLE_EQ(use.cell_share(), 144.0 / 256);
  EXPECT_DOUBLE_EQ(use.layer_mean, (1.0 + 0.125) / 2);
  EXPECT_DOUBLE_EQ(use.macro_share(), 2.0 / 4);  // each layer on one macro of a core of two
  EXPECT_DOUBLE_EQ(use.chip_share, 2.0 / 6);
}

TEST(Mapping, ChipShareIsOfTheWholeChip) {
  const workloads::Network network = two_layers();
  const arch::ChipSpec chip = make_chip(
      {.rows = 16, .columns = 8, .macros_per_core = 2, .cores_per_tile = 3, .tiles = "10"});
  EXPECT_DOUBLE_EQ(utilization(map_network({network, chip}, "dense"), chip).chip_share, 2.0 / 60);
}

TEST(Mapping, TilesAreCountedUpToTheLastMacro) {
  const arch::ChipSpec chip = make_chip({.macros_per_core = 2, .cores_per_tile = 3});
  const auto tiles = [&](std::int64_t macros) {
    Mapping mapping;
    mapping.macros = macros;
    return tiles_needed(mapping, chip);
  };
  EXPECT_EQ(tiles(0), 1);
  EXPECT_EQ(tiles(6), 1);
  EXPECT_EQ(tiles(7), 2);
  EXPECT_EQ(tiles(12), 2);
  EXPECT_EQ(tiles(13), 3);
}

TEST(Mapping, NothingUsesNothing) {
  EXPECT_EQ(Utilization{}.cell_share(), 0.0);
}

}  // namespace
}  // namespace pimento::mapper
