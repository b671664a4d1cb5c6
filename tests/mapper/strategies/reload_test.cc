// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/reload.h"

#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
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

// A layer as large as the chip is whole; with a macro less it is made in parts. c has six tiles of
// columns, and four of its inputs fill the rows.
TEST(Reload, CutsALayerLargerThanTheChip) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec six = chip_of(6);
  EXPECT_EQ(map_network({network, six}, "reload").reason,
            "layer-stationary: 3 whole layers in 2 rounds of at most 6 macros");
  const arch::ChipSpec five = chip_of(5);
  const Mapping mapping = map_network({network, five}, "reload");
  EXPECT_EQ(mapping.reason,
            "tile-stationary: layers that are larger than a round are made in parts (1 of 3: \"c\" "
            "in 2 rounds); 3 rounds of at most 5 macros");
  std::vector<int> rounds;
  for (const ColumnGroup& group : mapping.layers[2].groups) rounds.push_back(group.round);
  EXPECT_EQ(rounds, (std::vector{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(mapping.layers[2].macros, 5);
  EXPECT_EQ(mapping.layers[2].passes.back().pass.substr(0, 24), "reload in rounds 1 to 2:");
}

TEST(Reload, SaysWhereNothingIsWritten) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = chip_of(12);
  EXPECT_EQ(map_network({network, chip}, "reload").reason,
            "model-stationary: everything fits, in one round; nothing is written during a run");
}

// The parts of c make its channels; element-wise work joins each, and who reads has all of them.
TEST(Reload, StagesOfPartsMakeTheirChannels) {
  NetworkBuilder b({4, 5, 5});
  b.conv("a", 24, 1);
  b.add("relu", workloads::Relu{});
  b.conv("b", 4, 1);
  for (const int layer : b.network.weight_layers()) b.precision(layer, 1, 8);
  const arch::ChipSpec chip = chip_of(5);
  const MappingProblem problem{b.network, chip};
  const Lowered lowered = lower(problem, map_network(problem, "reload"));
  const arch::Program& program = lowered.program;
  EXPECT_EQ(lowered.layer_of_stage, (std::vector{0, 0, 2, 2, 2}));
  ASSERT_EQ(program.stages.size(), 5U);
  EXPECT_EQ(program.stages[0].name, "a, part 1 of 2");
  EXPECT_EQ(program.stages[0].outputs, 20);
  EXPECT_EQ(program.stages[0].vector_ops, 20);
  EXPECT_EQ(program.stages[0].pixel_bits, Bits(160));
  EXPECT_EQ(program.stages[1].outputs, 4);
  EXPECT_EQ(program.stages[1].round, 1);
  // b has six row tiles, of which four have room beside the last of a.
  EXPECT_EQ(program.stages[2].name, "b, part 1 of 2");
  EXPECT_EQ(program.stages[2].round, 1);
  ASSERT_EQ(program.stages[2].inputs.size(), 2U);
  EXPECT_EQ(program.stages[2].inputs[0].pixel_bits, Bits(160));
  EXPECT_EQ(program.stages[2].inputs[1].pixel_bits, Bits(32));
  EXPECT_TRUE(program.comes_onto_chip(program.stages[2], program.stages[2].inputs[0]));
  EXPECT_FALSE(program.comes_onto_chip(program.stages[2], program.stages[2].inputs[1]));
}

// Partial sums of four outputs: they go out as wide as they are, come in again, and are added.
TEST(Reload, RowsInSeveralRoundsAreAddedByTheVectorUnit) {
  NetworkBuilder b({14});
  b.precision(b.add("fc", workloads::Linear{4}), 1, 8);
  b.add("relu", workloads::Relu{});
  b.add("clip", workloads::Clip{});
  const arch::ChipSpec chip = chip_of(3);
  const MappingProblem problem{b.network, chip};
  const arch::Program program = lower(problem, map_network(problem, "reload")).program;
  ASSERT_EQ(program.stages.size(), 3U);
  for (int part = 0; part < 2; ++part) {
    const arch::Stage& stage = program.stages[static_cast<std::size_t>(part)];
    EXPECT_EQ(stage.round, part);
    EXPECT_EQ(stage.outputs, 4);
    EXPECT_EQ(stage.vector_ops, 0);
    EXPECT_EQ(stage.sum_bits, Bits(1 + 8 + 4));
    EXPECT_EQ(stage.pixel_bits, Bits(52));
  }
  const arch::Stage& sum = program.stages[2];
  EXPECT_EQ(sum.name, "fc, sum 1 of 1");
  EXPECT_EQ(sum.round, 1);
  // An addition and the requantization, which the first operator shares; one more for the second.
  EXPECT_EQ(sum.vector_ops, 2 * 4 + 4);
  EXPECT_EQ(sum.pixel_bits, Bits(32));
  EXPECT_EQ(sum.window_bits(), Bits(104));
  const arch::Counts first = arch::static_counts(program, 0, chip);
  EXPECT_EQ(first.total(arch::Action::kOffchipBit), 14 * 8 + 4 * 13);
  const arch::Counts last = arch::static_counts(program, 2, chip);
  EXPECT_EQ(last.total(arch::Action::kOffchipBit), 4 * 13 + 4 * 8);
}

// ---- Halves

arch::ChipSpec buffered_chip_of(int macros) {
  arch::ChipSpec chip = chip_of(macros);
  chip.double_buffering = true;
  return chip;
}

TEST(ReloadInHalves, IsDenseWhereEverythingFits) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = buffered_chip_of(12);
  const Mapping mapping = map_network({network, chip}, "reload");
  EXPECT_EQ(mapping.rewriting, Rewriting{});
  EXPECT_FALSE(lower({network, chip}, mapping).program.writes_ahead);
}

// Eleven macros, five a round: a; b and three tiles of c; three more. The eleventh is idle.
TEST(ReloadInHalves, RoundsTakeTurns) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = buffered_chip_of(11);
  const MappingProblem problem{network, chip};
  const Mapping mapping = map_network(problem, "reload");
  EXPECT_EQ(mapping.reason,
            "tile-stationary: layers that are larger than a round are made in parts (1 of 3: \"c\" "
            "in 2 rounds); 3 rounds of at most 5 macros, on the two halves of the cores in turn: "
            "one is written while the other works");
  EXPECT_EQ(mapping.macros, 10);
  for (const LayerMapping& layer : mapping.layers) {
    for (const ColumnGroup& group : layer.groups) {
      EXPECT_EQ(group.macro >= 5, group.round == 1);
      EXPECT_LT(group.macro, 10);
    }
  }
  EXPECT_TRUE(mapping.rewriting.ahead);
  const arch::Program program = lower(problem, mapping).program;
  EXPECT_TRUE(program.writes_ahead);
  EXPECT_EQ(arch::read_program(ConfigDocument::parse(to_text(program), "p.yaml")), program);
}

// Of three rounds the second has its half to itself: once written, nothing changes there.
TEST(ReloadInHalves, TheSecondOfThreeRoundsStays) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = buffered_chip_of(11);
  const Mapping mapping = map_network({network, chip}, "reload");
  EXPECT_FALSE(mapping.rewriting.writes.empty());
  for (const arch::CoreWrite& write : mapping.rewriting.writes) EXPECT_NE(write.round, 1);
}

TEST(ReloadInHalves, NeedsTwoCores) {
  const workloads::Network network = network_of_12_macros();
  arch::ChipSpec chip = make_chip(
      {.rows = 4, .columns = 4, .macros_per_core = 11, .cores_per_tile = 1, .tiles = "1"});
  chip.double_buffering = true;
  EXPECT_EQ(message_of<InputError>([&] { (void)map_network({network, chip}, "reload"); }),
            "chip.yaml: chip.double_buffering writes half of the cores while the other half works, "
            "and the chip has 1 core; expected at least 2: raise chip.tiles or tile.cores, or set "
            "chip.double_buffering to false");
}

TEST(ReloadInHalves, TheVerifierWantsOtherCoresInTheNextRound) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = chip_of(11);
  Mapping mapping = map_network({network, chip}, "reload");
  mapping.rewriting.ahead = true;
  EXPECT_EQ(message_of<InternalError>([&] { verify(mapping, {network, chip}); }),
            "mapping \"reload\", layer \"c\": core 0 would be written for round 1 while it works");
}

TEST(Reload, StagesHaveTheirLayersRound) {
  const workloads::Network network = network_of_12_macros();
  const arch::ChipSpec chip = chip_of(11);
  const MappingProblem problem{network, chip};
  const Mapping mapping = map_network(problem, "reload");
  const arch::Program program = lower(problem, mapping).program;
  std::vector<int> rounds;
  rounds.reserve(program.stages.size());
  for (const arch::Stage& stage : program.stages) rounds.push_back(stage.round);
  EXPECT_EQ(rounds, (std::vector{0, 0, 1}));  // element-wise work is done where its input is made
  EXPECT_EQ(program.writes, mapping.rewriting.writes);
  EXPECT_EQ(program.tiles, 1);
}

// More than this many rounds for one layer and readers of its map would have too many inputs.
TEST(Reload, RefusesALayerOfTooManyRounds) {
  NetworkBuilder b({4});
  const arch::ChipSpec chip = chip_of(1);
  b.precision(b.add("fc", workloads::Linear{512}), 1, 8);
  EXPECT_NO_THROW((void)map_network({b.network, chip}, "reload"));
  NetworkBuilder larger({4});
  larger.precision(larger.add("fc", workloads::Linear{513}), 1, 8);
  EXPECT_EQ(message_of<InputError>([&] { (void)map_network({larger.network, chip}, "reload"); }),
            "chip.yaml: layer \"fc\" takes more than 128 rounds of 1 macros; raise chip.tiles, "
            "enlarge the arrays, or lower the precision");
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
