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

// One macro holds a part of both layers, 32 and 20 cells, and each is
// allocated its cells in proportion.
TEST(Mapping, LayersAreAllocatedTheirPartOfSharedMacros) {
  NetworkBuilder b({16});
  b.precision(b.add("large", workloads::Linear{10}), 1, 8);
  b.precision(b.add("small", workloads::Linear{2}), 1, 8);
  const arch::ChipSpec chip =
      make_chip({.rows = 16, .columns = 8, .macros_per_core = 2, .cores_per_tile = 3});
  const MappingProblem problem{b.network, chip};
  Mapping mapping = map_network(problem, "dense");
  ASSERT_EQ(mapping.layers[0].groups[1].macro, 1);
  mapping.layers[1].groups[0].macro = 1;
  mapping.layers[1].groups[0].at_column = 2;
  mapping.macros = 2;
  verify(mapping, problem);
  const Utilization use = utilization(mapping, chip);
  EXPECT_EQ(use.used_cells, 160 + 20);
  EXPECT_EQ(use.used_macros, 2);
  EXPECT_EQ(use.allocated_cells, 256);
  ASSERT_EQ(use.allocated_to_layers.size(), 2U);
  EXPECT_DOUBLE_EQ(use.allocated_to_layers[0], 128 + 128 * 32.0 / 52);
  EXPECT_DOUBLE_EQ(use.allocated_to_layers[1], 128 * 20.0 / 52);
  EXPECT_DOUBLE_EQ(use.layer_mean, (160 / (128 + 128 * 32.0 / 52) + 52.0 / 128) / 2);
  EXPECT_DOUBLE_EQ(use.macro_share(), 1.0);
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

TEST(MappingProblem, SlicesMustHoldTheBitsOfAWeight) {
  NetworkBuilder b({4});
  b.precision(b.add("fc", workloads::Linear{2}), 8, 8);
  const arch::ChipSpec chip = make_chip({.cell_bits = 4});
  const auto fault = [&](std::vector<int> slices) {
    b.network.layers[0].weight_slices = std::move(slices);
    return message_of<InputError>([&] { MappingProblem{b.network, chip}.check(); });
  };
  EXPECT_EQ(fault({4, 2, 2}), "nothing thrown");
  EXPECT_EQ(fault({4, 2}),
            "layer \"fc\": its weight_slices hold 6 bits, the widest 4; expected 8 bits in all, "
            "which weights of 8 bits take in twos_complement, and at most 4, which a cell holds");
  EXPECT_EQ(fault({5, 3}),
            "layer \"fc\": its weight_slices hold 8 bits, the widest 5; expected 8 bits in all, "
            "which weights of 8 bits take in twos_complement, and at most 4, which a cell holds");
}

}  // namespace
}  // namespace pimento::mapper
