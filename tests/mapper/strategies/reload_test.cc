// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/reload.h"

#include <gtest/gtest.h>

#include "mapper/buffers.h"
#include "mapper/lower.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// Layers of 4, 2 and 6 macros of 4 rows and 4 columns, with work between them.
workloads::Network network_of_12_macros() {
  NetworkBuilder b({8});
  b.precision(b.add("a", workloads::Linear{8}), 1, 8);
  b.add("relu", workloads::Relu{});
  b.precision(b.add("b", workloads::Linear{4}), 1, 8);
  b.add("softmax", workloads::Softmax{});
  b.precision(b.add("c", workloads::Linear{24}), 1, 8);
  return b.network;
}

arch::ChipSpec chip_of(int macros) {
  return make_chip(
      {.rows = 4, .columns = 4, .macros_per_core = 1, .cores_per_tile = macros, .tiles = "1"});
}

std::vector<int> rounds_of(const Mapping& mapping) {
  std::vector<int> rounds;
  for (const LayerMapping& layer : mapping.layers) {
    for (const ColumnGroup& group : layer.groups) {
      EXPECT_EQ(group.round, layer.groups.front().round);
    }
    rounds.push_back(layer.groups.front().round);
  }
  return rounds;
}

TEST(Reload, IsDenseWhereTheNetworkJustFits) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = chip_of(12);
  const MappingProblem problem{network, chip};
  const Mapping mapping = map_network(problem, "reload");
  const Mapping dense = map_network(problem, "dense");
  EXPECT_EQ(mapping.macros, 12);
  EXPECT_EQ(mapping.rewriting, Rewriting{});
  EXPECT_EQ(to_text(lower(problem, mapping).program), to_text(lower(problem, dense).program));
}

TEST(Reload, TakesTwoRoundsWithAMacroLess) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = chip_of(11);
  const Mapping mapping = map_network({network, chip}, "reload");
  EXPECT_EQ(rounds_of(mapping), (std::vector{0, 0, 1}));
  EXPECT_EQ(mapping.macros, 6);
  EXPECT_EQ(mapping.layers[1].groups.front().macro, 4);
  EXPECT_EQ(mapping.layers[2].groups.front().macro, 0);
  EXPECT_FALSE(mapping.rewriting.writes.empty());
}

TEST(Reload, BeginsARoundForEachLayerWhereNoTwoFit) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec five = chip_of(6);
  EXPECT_EQ(rounds_of(map_network({network, five}, "reload")), (std::vector{0, 0, 1}));
  NetworkBuilder b({8});
  for (const char* name : {"a", "b", "c"}) b.precision(b.add(name, workloads::Linear{8}), 1, 8);
  const arch::ChipSpec chip = chip_of(5);
  EXPECT_EQ(rounds_of(map_network({b.network, chip}, "reload")), (std::vector{0, 1, 2}));
}

TEST(Reload, IsDenseOnAChipAsLargeAsTheNetworkNeeds) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = make_chip({.rows = 4, .columns = 4});
  EXPECT_EQ(rounds_of(map_network({network, chip}, "reload")), (std::vector{0, 0, 0}));
}

// A layer as large as the chip is taken, one macro more is not.
TEST(Reload, RefusesALayerLargerThanTheChip) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = chip_of(6);
  EXPECT_NO_THROW((void)map_network({network, chip}, "reload"));
  const arch::ChipSpec small = chip_of(5);
  EXPECT_EQ(
      message_of<InputError>([&] { (void)map_network({network, small}, "reload"); }),
      "chip.yaml: layer \"c\" needs 6 macros, the whole chip has 5; a layer is not split over "
      "rounds: raise chip.tiles, enlarge the arrays, or lower the precision");
}

TEST(Reload, StagesHaveTheirLayersRound) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = chip_of(11);
  const MappingProblem problem{network, chip};
  const Mapping mapping = map_network(problem, "reload");
  const arch::Program program = lower(problem, mapping).program;
  std::vector<int> rounds;
  for (const arch::Stage& stage : program.stages) rounds.push_back(stage.round);
  EXPECT_EQ(rounds, (std::vector{0, 0, 1}));  // element-wise work is done where its input is made
  EXPECT_EQ(program.writes, mapping.rewriting.writes);
  EXPECT_EQ(program.tiles, 1);
}

// A macro that is written twice stands for two: shares stay below one.
TEST(Reload, CellsInUseAreCountedOnceARound) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = chip_of(6);
  const Mapping mapping = map_network({network, chip}, "reload");
  const Utilization found = utilization(mapping, chip);
  EXPECT_EQ(found.used_macros, 6);
  EXPECT_EQ(found.used_cells, 64 + 32 + 96);
  EXPECT_EQ(found.allocated_cells, 12 * 16);
  EXPECT_DOUBLE_EQ(found.cell_share(), 1.0);
  EXPECT_DOUBLE_EQ(found.macro_share(), 1.0);
  EXPECT_DOUBLE_EQ(found.chip_share, 1.0);
}

// What comes from an earlier round is taken as the network's input is: its buffer does not have to
// hold what a branch around several layers waits for.
TEST(Reload, BuffersOfLaterRoundsDoNotWaitForEarlierOnes) {
  NetworkBuilder b({4, 8, 8});
  const int a = b.conv("a", 4, 3, 1, 1);
  b.conv("b", 4, 3, 1, 1);
  const int c = b.conv("c", 4, 3, 1, 1);
  b.add("add", workloads::Add{}, {a, c});
  b.conv("d", 4, 1);
  for (const int layer : b.network.weight_layers()) b.precision(layer, 4, 4);
  const auto capacity = [&](const std::string& tiles) {
    const arch::ChipSpec chip = make_chip(
        {.rows = 36, .columns = 16, .macros_per_core = 1, .cores_per_tile = 1, .tiles = tiles});
    const MappingProblem problem{b.network, chip};
    const arch::Program program = lower(problem, map_network(problem, "reload")).program;
    check_buffers(program);
    EXPECT_EQ(program.stages[3].name, "add");
    return program.stages[3].inputs[0].capacity;
  };
  EXPECT_LT(capacity("1"), capacity("4"));
}

}  // namespace
}  // namespace pimento::mapper
