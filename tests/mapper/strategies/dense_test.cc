// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/dense.h"

#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
#include "mapper/lower.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// ---- ResNet-18 on ImageNet, against counts made by an independent script from the layer table.

struct Golden {
  std::int64_t crossbars = 0;
  std::int64_t conversions = 0;
  double cell_share = 0.0;
};

Golden map_resnet18(const std::string& policy, std::vector<Override> settings) {
  const workloads::Network network = shipped_network("resnet18_imagenet", policy);
  const arch::ChipSpec chip = shipped_chip("reram_128x128_1b", settings);
  const MappingProblem problem{network, chip};
  const Mapping mapping = map_network(problem, "dense");
  Golden golden;
  for (const LayerMapping& layer : mapping.layers) golden.crossbars += layer.macros;
  const Lowered lowered = lower(problem, mapping);
  for (std::size_t s = 0; s < lowered.program.stages.size(); ++s) {
    golden.conversions += arch::static_counts(lowered.program, static_cast<int>(s), chip)
                              .total(arch::Action::kAdcConversion);
  }
  golden.cell_share = utilization(mapping, chip).cell_share();
  return golden;
}

Override rows(const char* n) {
  return {"macro.rows", n};
}
Override columns(const char* n) {
  return {"macro.columns", n};
}
const Override kTwoBitCells{"macro.cell_bits", "2"};

TEST(DenseGolden, OneBitCellsTwosComplement) {
  const Golden golden = map_resnet18("uniform8", {});
  EXPECT_EQ(golden.crossbars, 5724);
  EXPECT_EQ(golden.conversions, 982'902'784);
  EXPECT_NEAR(golden.cell_share, 0.996, 0.0005);
}

TEST(DenseGolden, DifferentialPairs) {
  const Golden golden = map_resnet18("uniform8", {{"macro.encoding", "differential"}});
  EXPECT_EQ(golden.crossbars, 10016);
  EXPECT_NEAR(double(golden.conversions), 1720.1e6, 0.05e6);
}

TEST(DenseGolden, TwoBitCells) {
  const Golden golden = map_resnet18("uniform8", {kTwoBitCells});
  EXPECT_EQ(golden.crossbars, 2864);
  EXPECT_NEAR(double(golden.conversions), 491.5e6, 0.05e6);
}

TEST(DenseGolden, Arrays256) {
  const Golden golden = map_resnet18("uniform8", {rows("256"), columns("256")});
  EXPECT_EQ(golden.crossbars, 1454);
  EXPECT_NEAR(double(golden.conversions), 536.4e6, 0.05e6);
  EXPECT_NEAR(golden.cell_share, 0.981, 0.0005);
}

TEST(DenseGolden, Arrays512OfTwoBitCells) {
  const Golden golden = map_resnet18("uniform8", {rows("512"), columns("512"), kTwoBitCells});
  EXPECT_EQ(golden.crossbars, 199);
  EXPECT_NEAR(double(golden.conversions), 172.6e6, 0.05e6);
  EXPECT_NEAR(golden.cell_share, 0.896, 0.0005);
}

TEST(DenseGolden, SixteenBitsInTwoBitCells) {
  const Golden golden = map_resnet18("uniform16", {kTwoBitCells});
  EXPECT_EQ(golden.crossbars, 5724);
  EXPECT_NEAR(double(golden.conversions), 1965.8e6, 0.05e6);
}

// ---- Conversions a multiply-accumulate of layers that fill their arrays: the steps of RAELLA
// (Andrulis et al., ISCA 2023) from ISAAC's slices to more rows. Column slices x input slices /
// rows.

double conversions_per_mac(int array_rows, arch::Encoding encoding,
                           const std::vector<int>& slices = {2, 2, 2, 2}) {
  NetworkBuilder b({2 * std::int64_t{array_rows}});
  b.precision(b.add("fc", workloads::Linear{64}), 8, 8);
  b.network.layers[0].weight_slices = slices;
  const auto columns = 32 * slices.size() * static_cast<std::size_t>(arch::lines(encoding));
  const arch::ChipSpec chip = shipped_chip(
      "reram_128x128_1b", {{"macro.rows", std::to_string(array_rows)},
                           {"macro.encoding", std::string(arch::encoding_name(encoding))},
                           {"macro.columns", std::to_string(columns)},
                           {"macro.cell_bits", std::to_string(slices.front())}});
  const MappingProblem problem{b.network, chip};
  const Mapping mapping = map_network(problem, "dense");
  EXPECT_DOUBLE_EQ(utilization(mapping, chip).cell_share(), 1.0);
  const std::int64_t conversions = arch::static_counts(lower(problem, mapping).program, 0, chip)
                                       .total(arch::Action::kAdcConversion);
  return double(conversions) / double(b.network.macs(0));
}

TEST(DenseGolden, ConversionsPerMacOfFullArrays) {
  EXPECT_EQ(conversions_per_mac(128, arch::Encoding::kOffset), 0.25);
  EXPECT_EQ(conversions_per_mac(512, arch::Encoding::kCenterOffset), 0.0625);
  EXPECT_EQ(conversions_per_mac(512, arch::Encoding::kCenterOffset, {4, 2, 2}), 0.046875);
}

// ---- Small layers, worked out by hand

TEST(Dense, AMatrixIsCutIntoTilesRowByRow) {
  NetworkBuilder b({10});
  b.precision(b.add("fc", workloads::Linear{5}), 3, 8);  // 10 rows, 15 columns
  const arch::ChipSpec chip = make_chip({.rows = 4, .columns = 8});
  const Mapping mapping = map_dense({b.network, chip});
  ASSERT_EQ(mapping.layers.size(), 1U);
  EXPECT_EQ(mapping.strategy, "dense");
  EXPECT_EQ(mapping.macros, 6);
  EXPECT_EQ(mapping.layers[0].macros, 6);
  EXPECT_EQ(mapping.layers[0].groups, (std::vector<ColumnGroup>{{0, {0, 4}, {0, 8}, 0, 0, 0},
                                                                {0, {0, 4}, {8, 15}, 1, 0, 0},
                                                                {0, {4, 8}, {0, 8}, 2, 0, 0},
                                                                {0, {4, 8}, {8, 15}, 3, 0, 0},
                                                                {0, {8, 10}, {0, 8}, 4, 0, 0},
                                                                {0, {8, 10}, {8, 15}, 5, 0, 0}}));
}

TEST(Dense, EveryLayerStartsAtAFreshCore) {
  NetworkBuilder b({4});
  b.precision(b.add("a", workloads::Linear{4}), 1, 8);
  b.precision(b.add("b", workloads::Linear{4}), 1, 8);
  b.precision(b.add("c", workloads::Linear{4}), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 4, .columns = 2, .macros_per_core = 3});
  const Mapping mapping = map_dense({b.network, chip});
  EXPECT_EQ(mapping.layers[0].groups.front().macro, 0);
  EXPECT_EQ(mapping.layers[1].groups.front().macro, 3);
  EXPECT_EQ(mapping.layers[2].groups.front().macro, 6);
  EXPECT_EQ(mapping.macros, 8);
  EXPECT_EQ(tiles_needed(mapping, chip), 1);
}

TEST(Dense, BlocksOfADepthwiseConvolutionStandOnTheDiagonal) {
  NetworkBuilder b({5, 4, 4});
  b.precision(b.conv("dw", 5, 3, 1, 1, 5), 2, 8);  // 5 blocks of 9 rows and 2 columns
  const arch::ChipSpec chip = make_chip({.rows = 20, .columns = 16});
  const Mapping mapping = map_dense({b.network, chip});
  EXPECT_EQ(mapping.layers[0].macros, 3);
  EXPECT_EQ(mapping.macros, 3);
  EXPECT_EQ(mapping.layers[0].groups, (std::vector<ColumnGroup>{{0, {0, 9}, {0, 2}, 0, 0, 0},
                                                                {1, {0, 9}, {0, 2}, 0, 9, 2},
                                                                {2, {0, 9}, {0, 2}, 1, 0, 0},
                                                                {3, {0, 9}, {0, 2}, 1, 9, 2},
                                                                {4, {0, 9}, {0, 2}, 2, 0, 0}}));
  EXPECT_DOUBLE_EQ(utilization(mapping, chip).cell_share(), 5.0 * 18 / (3 * 320));
}

TEST(Dense, TheDiagonalEndsWhereColumnsRunOut) {
  NetworkBuilder b({4, 4, 4});
  b.precision(b.conv("dw", 4, 1, 1, 0, 4), 4, 8);  // 4 blocks of 1 row and 4 columns
  const arch::ChipSpec chip = make_chip({.rows = 64, .columns = 8});
  EXPECT_EQ(map_dense({b.network, chip}).layers[0].macros, 2);
}

TEST(Dense, LargeBlocksOfAGroupedConvolutionHaveMacrosOfTheirOwn) {
  NetworkBuilder b({8, 4, 4});
  b.precision(b.conv("g", 6, 3, 1, 1, 2), 2, 8);  // 2 blocks of 36 rows and 6 columns
  const arch::ChipSpec chip = make_chip({.rows = 16, .columns = 4});
  const Mapping mapping = map_dense({b.network, chip});
  EXPECT_EQ(mapping.layers[0].macros, 2 * 3 * 2);
  EXPECT_EQ(mapping.layers[0].groups[6], (ColumnGroup{1, {0, 16}, {0, 4}, 6, 0, 0}));
}

TEST(Dense, ANetworkThatDoesNotFitIsRefused) {
  NetworkBuilder b({10});
  b.add("first", workloads::Linear{1});
  b.add("second", workloads::Linear{100});
  const arch::ChipSpec chip = make_chip(
      {.rows = 16, .columns = 8, .macros_per_core = 4, .cores_per_tile = 2, .tiles = "3"});
  EXPECT_EQ(message_of<InputError>([&] { (void)map_dense({b.network, chip}); }),
            "chip.yaml: the network does not fit: layer \"second\" needs macros up to number 104, "
            "the chip has 24; raise chip.tiles, enlarge the arrays, or lower the precision");
}

TEST(Dense, ANetworkMayFillTheChipToItsLastMacro) {
  NetworkBuilder b({16});
  b.add("fc", workloads::Linear{8});
  const auto on = [&](const std::string& tiles) {
    const arch::ChipSpec chip = make_chip(
        {.rows = 16, .columns = 8, .macros_per_core = 2, .cores_per_tile = 2, .tiles = tiles});
    return message_of<InputError>([&] { (void)map_dense({b.network, chip}); });
  };
  EXPECT_EQ(on("2"), "nothing thrown");
  EXPECT_EQ(on("1"),
            "chip.yaml: the network does not fit: layer \"fc\" needs macros up to number 8, the "
            "chip has 4; raise chip.tiles, enlarge the arrays, or lower the precision");
}

TEST(Dense, MappingsBeyondMemoryAreRefused) {
  NetworkBuilder b({1 << 12});
  b.add("fc", workloads::Linear{1 << 12});
  const arch::ChipSpec chip = make_chip({.rows = 1, .columns = 1});
  EXPECT_EQ(message_of<InputError>([&] { (void)map_dense({b.network, chip}); }),
            "chip.yaml: the network needs more than 8388608 column groups up to layer \"fc\"; "
            "enlarge the arrays, or lower the precision");
}

TEST(Dense, SmallBlocksAreCountedOneByOneToo) {
  NetworkBuilder b({(1 << 23) + 1, 1, 1});
  b.precision(b.conv("dw", (1 << 23) + 1, 1, 1, 0, (1 << 23) + 1), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 65536, .columns = 65536});
  EXPECT_EQ(message_of<InputError>([&] { (void)map_dense({b.network, chip}); }),
            "chip.yaml: the network needs more than 8388608 column groups up to layer \"dw\"; "
            "enlarge the arrays, or lower the precision");
}

}  // namespace
}  // namespace pimento::mapper
