// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/packed.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// ---- Small networks, worked out by hand

ColumnGroup placed(Range rows, Range columns, int macro, std::int64_t at_row,
                   std::int64_t at_column) {
  return {0, rows, columns, macro, at_row, at_column};
}

// 8 x 8 and 8 x 4 and 4 x 4 cells on arrays of 8 x 8: a full tile, and one that two layers share.
workloads::Network three_layers() {
  NetworkBuilder b({8});
  b.precision(b.add("full", workloads::Linear{8}), 1, 8);
  b.precision(b.add("half", workloads::Linear{4}), 1, 8);
  b.precision(b.add("quarter", workloads::Linear{4}), 1, 8);
  return b.network;
}

TEST(Packed, LayersShareAMacro) {
  const workloads::Network network = three_layers();
  const arch::ChipSpec chip = make_chip({.rows = 8, .columns = 8, .macros_per_core = 4});
  for (const char* strategy : {"packed", "area"}) {
    const Mapping mapping = map_network({network, chip}, strategy);
    EXPECT_EQ(mapping.strategy, strategy);
    EXPECT_EQ(mapping.macros, 2);
    EXPECT_EQ(mapping.packing, (PackingSummary{2, 2, 0, 0}));
    ASSERT_EQ(mapping.layers.size(), 3U);
    EXPECT_EQ(mapping.layers[0].groups, std::vector<ColumnGroup>{placed({0, 8}, {0, 8}, 0, 0, 0)});
    EXPECT_EQ(mapping.layers[1].groups, std::vector<ColumnGroup>{placed({0, 8}, {0, 4}, 1, 0, 0)});
    EXPECT_EQ(mapping.layers[2].groups, std::vector<ColumnGroup>{placed({0, 4}, {0, 4}, 1, 0, 4)});
    for (const LayerMapping& layer : mapping.layers) {
      EXPECT_EQ(layer.macros, 1);
      ASSERT_EQ(layer.passes.size(), 1U);
      EXPECT_EQ(layer.passes[0].pass, "packing");
      EXPECT_EQ(layer.passes[0].conversions_saved, 0);
    }
  }
}

TEST(Packed, ColumnsOfPairsAreTwoLines) {
  NetworkBuilder b({8});
  b.precision(b.add("a", workloads::Linear{2}), 2, 8);  // a magnitude bit on two lines
  b.precision(b.add("b", workloads::Linear{2}), 2, 8);
  const arch::ChipSpec chip =
      make_chip({.rows = 8, .columns = 8, .encoding = arch::Encoding::kSignMagnitude});
  const Mapping mapping = map_network({b.network, chip}, "area");
  EXPECT_EQ(mapping.macros, 1);
  EXPECT_EQ(mapping.layers[0].groups, std::vector<ColumnGroup>{placed({0, 8}, {0, 2}, 0, 0, 0)});
  EXPECT_EQ(mapping.layers[1].groups, std::vector<ColumnGroup>{placed({0, 2}, {0, 2}, 0, 0, 4)});
}

// 3 x 4, 4 x 3 and 3 x 2 cells on arrays of 4 x 4: beside the first two, a row of four cells and a
// column of four are free. One column of the third goes into the column, the other cell by cell
// into the row: its sum is converted in three parts.
TEST(Packed, CutsAreCountedWithTheirConversions) {
  NetworkBuilder b({3});
  b.precision(b.add("wide", workloads::Linear{4}), 1, 8);
  b.precision(b.add("high", workloads::Linear{3}), 1, 8);
  b.precision(b.add("cut", workloads::Linear{2}), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 4, .columns = 4});
  const Mapping mapping = map_network({b.network, chip}, "area");
  EXPECT_TRUE(mapping.packing == (PackingSummary{2, 2, 2, 1}));
  EXPECT_EQ(mapping.layers[0].passes[0].conversions_saved, 0);
  EXPECT_EQ(mapping.layers[1].passes[0].conversions_saved, 0);
  EXPECT_EQ(mapping.layers[2].groups.size(), 4U);
  EXPECT_EQ(mapping.layers[2].macros, 2);
  const PassReport& report = mapping.layers[2].passes[0];
  EXPECT_EQ(report.conversions_saved, -2);
  EXPECT_EQ(report.cells_saved, 0);
  EXPECT_EQ(report.metadata_bits, 0);
  EXPECT_EQ(report.metadata_reads, 0);
}

// Blocks of 2 x 3 cells, six on an array of 4 x 9 and two on the next.
TEST(Packed, BlocksOfAGroupedConvolutionTakeTurns) {
  NetworkBuilder b({16, 1, 1});
  b.precision(b.conv("grouped", 8, 1, 1, 0, 8), 3, 8);
  const arch::ChipSpec chip = make_chip({.rows = 4, .columns = 9});
  const Mapping mapping = map_network({b.network, chip}, "packed");
  const std::vector<ColumnGroup>& groups = mapping.layers[0].groups;
  EXPECT_EQ(mapping.macros, 2);
  ASSERT_EQ(groups.size(), 8U);
  std::map<int, std::set<int>> turns;
  std::set<std::int64_t> blocks;
  for (const ColumnGroup& group : groups) {
    turns[group.macro].insert(group.turn);
    blocks.insert(group.block);
  }
  EXPECT_EQ(turns[0], (std::set<int>{0, 1, 2}));
  EXPECT_EQ(turns[1].size(), 2U);
  EXPECT_EQ(blocks.size(), 8U);
}

// ---- Numbers of macros

std::vector<int> first_macros(const Mapping& mapping) {
  std::vector<int> result;
  result.reserve(mapping.layers.size());
  for (const LayerMapping& layer : mapping.layers) result.push_back(layer.groups.front().macro);
  return result;
}

// Three full tiles a layer, cores of four macros, and one or no macro that is shared.
TEST(Packed, SharedMacrosFillCoresBeforeFullTiles) {
  NetworkBuilder b({8});
  b.precision(b.add("a", workloads::Linear{24}), 1, 8);
  b.precision(b.add("b", workloads::Linear{8}), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 8, .columns = 8, .macros_per_core = 4});
  EXPECT_EQ(first_macros(map_network({b.network, chip}, "packed")), (std::vector<int>{0, 3}));
  b.precision(b.add("small", workloads::Linear{4}), 1, 8);
  EXPECT_EQ(first_macros(map_network({b.network, chip}, "packed")), (std::vector<int>{0, 4, 3}));
  EXPECT_EQ(first_macros(map_network({b.network, chip}, "area")), (std::vector<int>{0, 3, 6}));
}

TEST(Packed, SharedMacrosFollowTheLayerThatHasMostOfThem) {
  NetworkBuilder b({8});
  b.precision(b.add("a", workloads::Linear{14}), 1, 8);  // 8 x 8, and 8 x 6
  b.precision(b.add("b", workloads::Linear{8}), 1, 8);   // 8 x 8, and 6 x 8
  const arch::ChipSpec chip = make_chip({.rows = 8, .columns = 8, .macros_per_core = 1});
  const Mapping mapping = map_network({b.network, chip}, "packed");
  EXPECT_EQ(mapping.macros, 4);
  EXPECT_EQ(mapping.layers[0].groups, (std::vector<ColumnGroup>{placed({0, 8}, {0, 8}, 0, 0, 0),
                                                                placed({0, 8}, {8, 14}, 1, 0, 0)}));
  EXPECT_EQ(mapping.layers[1].groups, (std::vector<ColumnGroup>{placed({0, 8}, {0, 8}, 2, 0, 0),
                                                                placed({8, 14}, {0, 8}, 3, 0, 0)}));
}

// ---- Chips of a fixed size

TEST(Packed, TheNetworkMayFillTheChipToItsLastMacro) {
  const workloads::Network network = three_layers();
  const auto on = [&](const std::string& strategy, const std::string& tiles) {
    const arch::ChipSpec chip = make_chip(
        {.rows = 8, .columns = 8, .macros_per_core = 1, .cores_per_tile = 1, .tiles = tiles});
    return message_of<InputError>([&] { (void)map_network({network, chip}, strategy); });
  };
  for (const char* strategy : {"packed", "area"}) {
    EXPECT_EQ(on(strategy, "2"), "nothing thrown");
    EXPECT_EQ(on(strategy, "1"),
              "chip.yaml: the network does not fit: layer \"half\" needs macros up to number 2, "
              "the chip has 1; raise chip.tiles, enlarge the arrays, or lower the precision");
  }
}

TEST(Packed, ResNet20FitsAChipOfItsMacrosAndNoSmallerOne) {
  const workloads::Network network = shipped_network("resnet20_cifar", "uniform8");
  for (const char* strategy : {"packed", "area"}) {
    const auto on = [&](const std::string& tiles) {
      return map_network(
          {network, make_chip({.macros_per_core = 1, .cores_per_tile = 1, .tiles = tiles})},
          strategy);
    };
    const std::int64_t macros = on("auto").macros;
    EXPECT_EQ(on(std::to_string(macros)).macros, macros);
    const std::string message =
        message_of<InputError>([&] { (void)on(std::to_string(macros - 1)); });
    EXPECT_NE(message.find(fmt::format("needs macros up to number {}, the chip has {}; raise "
                                       "chip.tiles",
                                       macros, macros - 1)),
              std::string::npos)
        << message;
  }
}

TEST(Packed, MappingsBeyondMemoryAreRefused) {
  NetworkBuilder b({1 << 12});
  b.add("fc", workloads::Linear{1 << 12});
  const arch::ChipSpec chip = make_chip({.rows = 1, .columns = 1});
  EXPECT_EQ(message_of<InputError>([&] { (void)map_packed({b.network, chip}); }),
            "chip.yaml: the network needs more than 8388608 column groups up to layer \"fc\"; "
            "enlarge the arrays, or lower the precision");
}

// ---- Whole networks

// No two groups have cells in a band of rows of one column, whatever their layers.
void expect_bands_apart(const Mapping& mapping, const arch::ChipSpec& chip) {
  std::set<std::tuple<int, std::int64_t, std::int64_t>> bands;
  for (const LayerMapping& layer : mapping.layers) {
    for (const ColumnGroup& group : layer.groups) {
      ASSERT_EQ(group.at_row % chip.macro.unit.rows, 0);
      ASSERT_EQ(group.turn, 0);
      for (std::int64_t row = 0; row < group.rows.size(); row += chip.macro.unit.rows) {
        for (std::int64_t c = 0; c < group.columns.size() * layer.plan.lines(); ++c) {
          ASSERT_TRUE(bands
                          .emplace(group.macro, (group.at_row + row) / chip.macro.unit.rows,
                                   group.at_column + c)
                          .second);
        }
      }
    }
  }
}

TEST(Packed, OperationUnitsAreNotShared) {
  const workloads::Network network = shipped_network("resnet20_cifar", "uniform8");
  for (const char* unit : {"{rows: 9, columns: 8}", "{rows: 16, columns: 16}", "{rows: 128}"}) {
    const arch::ChipSpec chip = shipped_chip("reram_128x128_1b", {{"macro.operation_unit", unit}});
    for (const char* strategy : {"packed", "area"}) {
      const Mapping mapping = map_network({network, chip}, strategy);
      ASSERT_NO_FATAL_FAILURE(expect_bands_apart(mapping, chip));
    }
  }
}

// Arrays of 6 x 4 cells are three bands of four columns. One is full; beside 2 x 3 and 3 x 1 bands
// a second has three columns of a band left, and a third has a band left beside 2 x 4. What remains
// to be placed are 2 x 2 bands: cut between the bands they fit, and cost no conversion.
TEST(Packed, CutsBetweenUnitsCostNoConversion) {
  NetworkBuilder b({6});
  b.precision(b.add("full", workloads::Linear{4}), 1, 8);
  b.precision(b.add("cut", workloads::Linear{3}), 1, 8);   // 4 x 3: two bands of three columns
  b.precision(b.add("high", workloads::Linear{6}), 1, 8);  // 3 x 6: two bands of 4 + 2
  b.precision(b.add("last", workloads::Linear{1}), 1, 8);  // 6 x 1: three bands of one
  const arch::ChipSpec chip =
      make_chip({.rows = 6, .columns = 4, .more = "operation_unit: {rows: 2, columns: 2}, "});
  const Mapping mapping = map_network({b.network, chip}, "area");
  const PackingSummary summary = mapping.packing.value_or(PackingSummary{});
  EXPECT_EQ(summary.lower_bound, 3);  // 12 + 6 + 12 + 3 bands of one column, twelve an array
  EXPECT_EQ(summary.macros, 3);
  EXPECT_GT(summary.row_cuts, 0);
  for (const LayerMapping& layer : mapping.layers) {
    EXPECT_EQ(layer.passes[0].conversions_saved, 0);
  }
}

TEST(Packed, EveryShippedNetworkOnEveryChipIsVerified) {
  for (const char* name :
       {"vgg8", "resnet18_imagenet", "resnet20_cifar", "mobilenet_v2", "bert_base",
        "resnet50_imagenet", "resnet56_cifar", "vgg16_cifar", "vgg19_cifar", "resnet18_cifar100"}) {
    for (const char* policy : {"uniform8", "uniform4", "uniform2"}) {
      const workloads::Network network = shipped_network(name, policy);
      for (const char* of_chip : {"reram_128x128_1b", "sram_128x128", "isaac_ce", "ad_pim"}) {
        SCOPED_TRACE(fmt::format("{}, {}, {}", name, policy, of_chip));
        const arch::ChipSpec chip = shipped_chip(of_chip, {{"chip.tiles", "auto"}});
        for (const char* strategy : {"packed", "area"}) {
          ASSERT_NO_THROW((void)map_network({network, chip}, strategy));
        }
      }
    }
  }
}

struct Bound {
  const char* network;
  const char* side;
  std::int64_t macros;
};

class PackedBounds : public testing::TestWithParam<Bound> {};

// The bounds are cells over cells of an array, rounded up.
TEST_P(PackedBounds, AreReachedWithinTwoPercent) {
  const Bound& bound = GetParam();
  const workloads::Network network = shipped_network(bound.network, "uniform8");
  const arch::ChipSpec chip =
      shipped_chip("reram_128x128_1b", {{"macro.rows", bound.side}, {"macro.columns", bound.side}});
  const MappingProblem problem{network, chip};
  const Mapping packed = map_network(problem, "packed");
  EXPECT_EQ(packed.packing->lower_bound, bound.macros);
  EXPECT_EQ(packed.packing->macros, packed.macros);
  EXPECT_LE(double(packed.macros), 1.02 * double(bound.macros));
  const Utilization use = utilization(packed, chip);
  EXPECT_EQ(use.used_macros, packed.macros);
  EXPECT_GE(use.cell_share(), 1.0 / 1.02);
  const Mapping area = map_network(problem, "area");
  EXPECT_EQ(area.macros, bound.macros);
  EXPECT_EQ(utilization(area, chip).used_macros, bound.macros);
}

std::string name_of(const testing::TestParamInfo<Bound>& info) {
  return fmt::format("{}_{}", info.param.network, info.param.side);
}

INSTANTIATE_TEST_SUITE_P(
    EightBits, PackedBounds,
    testing::Values(Bound{"vgg8", "128", 6335}, Bound{"vgg8", "256", 1584},
                    Bound{"vgg8", "512", 396}, Bound{"resnet18_imagenet", "128", 5703},
                    Bound{"resnet18_imagenet", "256", 1426}, Bound{"resnet18_imagenet", "512", 357},
                    Bound{"mobilenet_v2", "128", 1695}, Bound{"mobilenet_v2", "256", 424},
                    Bound{"mobilenet_v2", "512", 106}),
    name_of);

TEST(Packed, MappingsAreTheSameEveryTime) {
  const workloads::Network network = shipped_network("mobilenet_v2", "uniform4");
  const arch::ChipSpec chip = shipped_chip("reram_128x128_1b");
  for (const char* strategy : {"packed", "area"}) {
    const Mapping first = map_network({network, chip}, strategy);
    const Mapping second = map_network({network, chip}, strategy);
    ASSERT_EQ(first.layers.size(), second.layers.size());
    for (std::size_t i = 0; i < first.layers.size(); ++i) {
      EXPECT_EQ(first.layers[i].groups, second.layers[i].groups);
    }
  }
}

}  // namespace
}  // namespace pimento::mapper
