// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/windows.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "mapper/strategies/dense.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

using Pair = std::array<std::int64_t, 2>;

workloads::MatrixShape shape_of(const LayerMapping& layer, const MappingProblem& problem) {
  return matrix_of(layer, problem.network);
}

// Reads an image, array after array.
std::int64_t cycles_of(const LayerMapping& layer, const MappingProblem& problem) {
  return shape_of(layer, problem).positions * layer.macros;
}

// ---- Published: ResNet-18 on arrays of 512 x 512, stride 1, no padding.

struct ConvShape {
  std::int64_t size = 0, kernel = 0, inputs = 0, outputs = 0;
};
const std::vector<ConvShape> kResnet18{
    {112, 7, 3, 64}, {56, 3, 64, 64}, {28, 3, 128, 128}, {14, 3, 256, 256}, {7, 3, 512, 512}};

std::vector<std::int64_t> resnet18_cycles(int weight_bits, const std::string& strategy,
                                          arch::Encoding encoding) {
  const arch::ChipSpec chip = make_chip({.rows = 512, .columns = 512, .encoding = encoding});
  std::vector<std::int64_t> cycles;
  for (const ConvShape& shape : kResnet18) {
    NetworkBuilder b({shape.inputs, shape.size, shape.size});
    b.precision(b.conv("conv", shape.outputs, shape.kernel), weight_bits, 8);
    const MappingProblem problem{b.network, chip};
    cycles.push_back(cycles_of(map_network(problem, strategy).layers[0], problem));
  }
  return cycles;
}

using Cycles = std::vector<std::int64_t>;

// Rhe et al., "VW-SDK: Efficient Convolutional Weight Mapping Using Variable Windows for
// Processing-In-Memory Architectures", DATE 2022, with the authors' own program: a weight a cell.
TEST(WindowStrategyGolden, Resnet18OnArrays512) {
  for (const auto encoding : {arch::Encoding::kTwosComplement, arch::Encoding::kOffset}) {
    EXPECT_EQ(resnet18_cycles(1, "dense", encoding), (Cycles{11236, 5832, 2028, 720, 225}));
    EXPECT_EQ(resnet18_cycles(1, "windows", encoding), (Cycles{1431, 1458, 676, 504, 225}));
  }
}

// Slices of one bit: columns for fewer copies.
TEST(WindowStrategyGolden, Resnet18AtMoreBits) {
  const auto encoding = arch::Encoding::kTwosComplement;
  EXPECT_EQ(resnet18_cycles(2, "windows", encoding), (Cycles{2809, 1458, 1352, 720, 450}));
  EXPECT_EQ(resnet18_cycles(4, "dense", encoding), (Cycles{11236, 5832, 2028, 1440, 900}));
  EXPECT_EQ(resnet18_cycles(4, "windows", encoding), (Cycles{5618, 2916, 2028, 1440, 900}));
  EXPECT_EQ(resnet18_cycles(8, "dense", encoding), (Cycles{11236, 5832, 4056, 2880, 1800}));
  EXPECT_EQ(resnet18_cycles(8, "windows", encoding), (Cycles{11236, 5832, 4056, 2880, 1800}));
}

// ---- Small layers, worked out by hand

// 3 x 3 on 3 x 4: both outputs are made by one read, of 12 positions a channel.
TEST(WindowStrategy, TilesHoldWholeChannels) {
  NetworkBuilder b({2, 3, 4});
  b.precision(b.conv("conv", 1, 3), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 12, .columns = 2});
  const MappingProblem problem{b.network, chip};
  const Mapping mapping = map_network(problem, "windows");
  EXPECT_EQ(mapping.strategy, "windows");
  EXPECT_EQ(mapping.macros, 2);
  const LayerMapping& layer = mapping.layers.at(0);
  EXPECT_EQ(layer.copies, (Pair{1, 2}));
  EXPECT_EQ(layer.groups, (std::vector<ColumnGroup>{{0, {0, 12}, {0, 2}, 0, 0, 0},
                                                    {0, {12, 24}, {0, 2}, 1, 0, 0}}));
  // im2col: 18 cells on two arrays, each read at both positions for one column.
  ASSERT_EQ(layer.passes.size(), 1U);
  const PassReport& report = layer.passes[0];
  EXPECT_EQ(report.pass, "windows");
  EXPECT_EQ(report.cells_saved, 18 - 2 * 24);
  EXPECT_EQ(report.positions, 2);
  EXPECT_EQ(report.conversions_saved, 2 * 2 * 1 - 1 * 2 * 2);
  EXPECT_EQ(report.reads_saved, 2 * 2 - 1 * 2);
  EXPECT_EQ(report.metadata_bits + report.metadata_reads + report.extra_input_slices, 0);
}

// Two of three windows along five outputs are full; the columns of the last one's second copy are
// converted for nothing.
TEST(WindowStrategy, WindowsBeyondTheMapCostConversions) {
  NetworkBuilder b({1, 3, 7});
  b.precision(b.conv("conv", 1, 3), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 12, .columns = 2});
  const LayerMapping layer = map_network({b.network, chip}, "windows").layers.at(0);
  EXPECT_EQ(layer.copies, (Pair{1, 2}));
  EXPECT_EQ(layer.passes.at(0).conversions_saved, 5 * 1 - 3 * 2);
  EXPECT_EQ(layer.passes.at(0).reads_saved, 5 - 3);
  EXPECT_EQ(layer.passes.at(0).positions, 5);
}

// A kernel of 1 x 1 at stride 2 looks at every second position.
TEST(WindowStrategy, PositionsThatNoCopyLooksAtTakeNoRows) {
  NetworkBuilder b({2, 1, 7});
  b.precision(b.conv("conv", 1, 1, 2), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 8, .columns = 4});
  const LayerMapping layer = map_network({b.network, chip}, "windows").layers.at(0);
  EXPECT_EQ(layer.copies, (Pair{1, 4}));
  EXPECT_EQ(layer.groups, (std::vector<ColumnGroup>{
                              {0, Indices::listed({0, 2, 4, 6, 7, 9, 11, 13}), {0, 4}, 0, 0, 0}}));
}

// Zeros of these encodings are cells that hold something: windows of 1 x 7 would take two arrays.
TEST(WindowStrategy, EncodingsWhoseZerosAreStoredKeepEveryRow) {
  NetworkBuilder b({2, 1, 7});
  b.precision(b.conv("conv", 1, 1, 2), 1, 8);
  for (const auto encoding : {arch::Encoding::kOffset, arch::Encoding::kOffsetFlipped,
                              arch::Encoding::kXnor, arch::Encoding::kCenterOffset}) {
    const int columns = 4 * arch::lines(encoding);
    const arch::ChipSpec chip = make_chip({.rows = 8, .columns = columns, .encoding = encoding});
    const LayerMapping layer = map_network({b.network, chip}, "windows").layers.at(0);
    EXPECT_EQ(layer.copies, (Pair{1, 2})) << arch::encoding_name(encoding);
    EXPECT_EQ(layer.groups, (std::vector<ColumnGroup>{{0, {0, 6}, {0, 2}, 0, 0, 0}}));
  }
}

// 2 outputs of each of 5 channels: 12 rows and 2 columns stand twice on 24 x 5.
TEST(WindowStrategy, DepthwiseChannelsStandOnTheDiagonal) {
  NetworkBuilder b({5, 3, 4});
  b.precision(b.conv("dw", 5, 3, 1, 0, 5), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 24, .columns = 5});
  const LayerMapping layer = map_network({b.network, chip}, "windows").layers.at(0);
  EXPECT_EQ(layer.copies, (Pair{1, 2}));
  EXPECT_EQ(layer.macros, 3);
  EXPECT_EQ(layer.groups, (std::vector<ColumnGroup>{{0, {0, 12}, {0, 2}, 0, 0, 0},
                                                    {1, {0, 12}, {0, 2}, 0, 12, 2},
                                                    {2, {0, 12}, {0, 2}, 1, 0, 0},
                                                    {3, {0, 12}, {0, 2}, 1, 12, 2},
                                                    {4, {0, 12}, {0, 2}, 2, 0, 0}}));
}

TEST(WindowStrategy, WhatHasNoWindowsIsPlacedAsDense) {
  NetworkBuilder b({2, 8, 8});
  workloads::Conv dilated;
  dilated.out_channels = 2;
  dilated.window = {.kernel = {3, 3}, .stride = {1, 1}, .dilation = {1, 2}, .pads = {}};
  b.add("dilated", dilated);
  b.add("flatten", workloads::Flatten{});
  b.add("fc", workloads::Linear{3});
  for (const int layer : b.network.weight_layers()) b.precision(layer, 1, 8);
  const arch::ChipSpec chip = make_chip({});
  const Mapping found = map_network({b.network, chip}, "windows");
  const Mapping dense = map_dense({b.network, chip});
  EXPECT_EQ(found.macros, dense.macros);
  for (std::size_t i = 0; i < dense.layers.size(); ++i) {
    EXPECT_EQ(found.layers[i].groups, dense.layers[i].groups);
    EXPECT_EQ(found.layers[i].macros, dense.layers[i].macros);
    EXPECT_EQ(found.layers[i].copies, (Pair{1, 1}));
    EXPECT_TRUE(found.layers[i].passes.empty());
  }
}

// Four copies in units of one column are read one after the other: no read is saved, so none is
// made.
TEST(WindowStrategy, OperationUnitsMayLeaveNothingToSave) {
  NetworkBuilder b({1, 6, 6});
  b.precision(b.conv("conv", 1, 3), 1, 8);
  const auto copies_with = [&](const std::string& more) {
    const arch::ChipSpec chip = make_chip({.rows = 16, .columns = 4, .more = more});
    return map_network({b.network, chip}, "windows").layers.at(0).copies;
  };
  EXPECT_EQ(copies_with(""), (Pair{2, 2}));
  EXPECT_EQ(copies_with("operation_unit: {rows: 16, columns: 4}, "), (Pair{2, 2}));
  EXPECT_EQ(copies_with("operation_unit: {rows: 16, columns: 1}, "), (Pair{1, 1}));
}

TEST(WindowStrategy, ANetworkThatDoesNotFitIsRefused) {
  NetworkBuilder b({2, 3, 4});
  b.precision(b.conv("conv", 1, 3), 1, 8);
  const arch::ChipSpec chip = make_chip(
      {.rows = 12, .columns = 2, .macros_per_core = 1, .cores_per_tile = 1, .tiles = "1"});
  EXPECT_EQ(message_of<InputError>([&] { (void)map_windows({b.network, chip}); }),
            "chip.yaml: the network does not fit: layer \"conv\" needs macros up to number 2, the "
            "chip has 1; raise chip.tiles, enlarge the arrays, or lower the precision");
}

// ---- Faults sown into windows: the verifier must name them.

std::string fault_of(const Mapping& mapping, const MappingProblem& problem) {
  return message_of<InternalError>([&] { verify(mapping, problem); });
}

TEST(WindowFaults, ACopysColumnMovedByOneIsFound) {
  NetworkBuilder b({1, 4, 4});
  b.precision(b.conv("conv", 2, 3), 1, 8);  // 2 x 2 outputs of two channels
  const arch::ChipSpec chip = make_chip({.rows = 16, .columns = 8});
  const MappingProblem problem{b.network, chip};
  Mapping mapping = map_network(problem, "windows");
  LayerMapping& layer = mapping.layers.at(0);
  ASSERT_EQ(layer.copies, (Pair{2, 2}));
  ASSERT_EQ(layer.groups.at(0).columns, Indices(0, 8));
  layer.groups[0].columns = Indices::listed({0, 2, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(fault_of(mapping, problem),
            "mapping \"windows\", layer \"conv\": a weight bit is stored twice");
  // The first copy's column is gone.
  const std::vector<std::int32_t> weights = workloads::integer_weights(b.network, 0);
  const std::int64_t first =
      std::find_if(weights.begin(), weights.end(), [](std::int32_t w) { return w != 0; }) -
      weights.begin();
  ASSERT_LT(first, 9);
  layer.groups[0].columns = {1, 8};
  EXPECT_EQ(fault_of(mapping, problem),
            fmt::format("mapping \"windows\", layer \"conv\": a bit of the weight -1 of row {} "
                        "and channel 0 is missing",
                        first / 3 * 4 + first % 3));
  layer.groups[0].columns = {1, 9};
  EXPECT_EQ(fault_of(mapping, problem),
            "mapping \"windows\", layer \"conv\": a column group outside the layer's matrix");
  layer.groups[0].columns = {0, 8};
  EXPECT_EQ(fault_of(mapping, problem), "nothing thrown");
  // Said to be other copies: their columns look elsewhere, and are others.
  layer.copies = {2, 1};
  EXPECT_NE(fault_of(mapping, problem), "nothing thrown");
}

// Channel 0 x copy 2 is missing, wherever its weight is not zero.
TEST(WindowFaults, RowsAndColumnsOfOtherPositionsAreFound) {
  NetworkBuilder b({2, 1, 7});
  b.precision(b.conv("conv", 1, 1, 2), 4, 8);
  const arch::ChipSpec chip = make_chip({.rows = 8, .columns = 16});
  const std::vector<std::int32_t> weights = workloads::integer_weights(b.network, 0);
  ASSERT_NE(weights.at(0), 0);
  const MappingProblem problem{b.network, chip};
  Mapping mapping = map_network(problem, "windows");
  ColumnGroup& group = mapping.layers.at(0).groups.at(0);
  group.rows = Indices::listed({0, 2, 3, 6, 7, 9, 11, 13});  // 3 in the place of 4
  EXPECT_EQ(fault_of(mapping, problem),
            fmt::format("mapping \"windows\", layer \"conv\": a bit of the weight {} of row 4 and "
                        "channel 2 is missing",
                        weights[0]));
  group.rows = Indices::listed({0, 2, 4, 6, 7, 9, 11, 14});
  EXPECT_EQ(fault_of(mapping, problem),
            "mapping \"windows\", layer \"conv\": a column group outside the layer's matrix");
}

}  // namespace
}  // namespace pimento::mapper
