// SPDX-License-Identifier: Apache-2.0
#include "mapper/lower.h"

#include <gtest/gtest.h>

#include "mapper/buffers.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

using namespace workloads;

Lowered lower_on(const Network& network, const arch::ChipSpec& chip) {
  const MappingProblem problem{network, chip};
  return lower(problem, map_network(problem, "dense"));
}
Lowered lower_net(const Network& network) {
  return lower_on(network, make_chip({}));
}

std::vector<std::string> names(const Lowered& lowered) {
  std::vector<std::string> result;
  for (const arch::Stage& stage : lowered.program.stages) result.push_back(stage.name);
  return result;
}
using Names = std::vector<std::string>;

const arch::Stage& stage(const Lowered& lowered, std::size_t index) {
  return lowered.program.stages.at(index);
}

// stem -> relu -> (conv, bn, relu, conv, bn) + relu -> relu -> average -> fc
NetworkBuilder residual_block() {
  NetworkBuilder b({3, 8, 6});
  b.conv("stem", 16, 3, 1, 1);
  const int skip = b.add("stem_relu", Relu{});
  b.conv("conv1", 16, 3, 1, 1);
  b.add("bn1", BatchNorm{});
  b.add("relu1", Relu{});
  b.conv("conv2", 16, 3, 1, 1);
  const int long_branch = b.add("bn2", BatchNorm{});
  b.add("add", Add{}, {long_branch, skip});
  b.add("relu2", Relu{});
  b.add("average", GlobalPool{});
  b.add("flatten", Flatten{});
  b.add("fc", Linear{10});
  return b;
}

TEST(Lower, StagesOfAResidualBlock) {
  const Lowered lowered = lower_net(residual_block().network);
  EXPECT_EQ(names(lowered), (Names{"stem", "conv1", "conv2", "add", "average", "fc"}));
  EXPECT_EQ(lowered.layer_of_stage, (std::vector<int>{0, 2, 5, 7, 9, 11}));
  EXPECT_EQ(stage(lowered, 0).inputs[0].producer, arch::kChipInput);
  EXPECT_EQ(stage(lowered, 1).inputs[0].producer, 0);
  EXPECT_EQ(stage(lowered, 2).inputs[0].producer, 1);
  ASSERT_EQ(stage(lowered, 3).inputs.size(), 2U);
  EXPECT_EQ(stage(lowered, 3).inputs[0].producer, 2);
  EXPECT_EQ(stage(lowered, 3).inputs[1].producer, 0);
  EXPECT_EQ(stage(lowered, 4).inputs[0].producer, 3);
  EXPECT_EQ(stage(lowered, 5).inputs[0].producer, 4);
  EXPECT_EQ(lowered.program.network, "net");
  EXPECT_EQ(lowered.program.chip, "chip");
}

TEST(Lower, VectorWorkOfAResidualBlock) {
  const Lowered lowered = lower_net(residual_block().network);
  EXPECT_EQ(stage(lowered, 0).vector_ops, 16);      // requantization with the ReLU
  EXPECT_EQ(stage(lowered, 1).vector_ops, 2 * 16);  // with the normalization, then the ReLU
  EXPECT_EQ(stage(lowered, 2).vector_ops, 16);
  EXPECT_EQ(stage(lowered, 3).vector_ops, 2 * 16);  // the addition, and the ReLU
  EXPECT_EQ(stage(lowered, 4).vector_ops, 0);
  EXPECT_EQ(stage(lowered, 4).pool_ops, 16 * 48);
  EXPECT_EQ(stage(lowered, 5).vector_ops, 10);
}

TEST(Lower, GridsAndWindowsOfAResidualBlock) {
  const Lowered lowered = lower_net(residual_block().network);
  EXPECT_EQ(stage(lowered, 0).grid, (arch::Grid{8, 6}));
  EXPECT_EQ(stage(lowered, 0).outputs, 16);
  EXPECT_EQ(stage(lowered, 0).inputs[0].window, (arch::ReadWindow{false, 3, 3, 1, 1, 1, 1}));
  EXPECT_EQ(stage(lowered, 0).inputs[0].pixel_bits, Bits(3 * 8));
  EXPECT_EQ(stage(lowered, 3).inputs[0].window, arch::ReadWindow{});
  EXPECT_EQ(stage(lowered, 3).inputs[1].window, arch::ReadWindow{});
  EXPECT_TRUE(stage(lowered, 4).inputs[0].window.whole);
  EXPECT_EQ(stage(lowered, 4).grid, (arch::Grid{1, 1}));
  EXPECT_FALSE(stage(lowered, 5).inputs[0].window.whole);
}

TEST(Lower, MatrixWorkFollowsPrecisionAndChip) {
  NetworkBuilder b({3, 8, 6});
  b.precision(b.conv("conv", 5, 3, 1, 1), 6, 7);
  const Lowered lowered = lower_on(
      b.network, make_chip({.dac_bits = 2, .encoding = arch::Encoding::kOffset, .tiles = "9"}));
  const arch::Stage& conv = stage(lowered, 0);
  EXPECT_EQ(lowered.program.tiles, 9);
  EXPECT_EQ(conv.input_slices, 4);
  EXPECT_TRUE(conv.sums_inputs);
  EXPECT_EQ(conv.sum_bits, Bits(6 + 7 + 5));
  EXPECT_EQ(conv.pixel_bits, Bits(5 * 7));
  EXPECT_EQ(conv.macs, 0);  // this chip prices no MACs
  EXPECT_EQ(conv.mac_bits, 0);
  ASSERT_EQ(conv.tiles.size(), 1U);
  EXPECT_EQ(conv.tiles[0].cores,
            (std::vector<arch::CoreWork>{{0, 1, 27, 30, 810, 30, Bits(27 * 7), 5}}));
}

// Inputs with a sign take two phases, others one.
TEST(Lower, TwoPhasesTakeTwiceTheSlices) {
  NetworkBuilder b({4});
  b.precision(b.add("first", workloads::Linear{4}), 4, 6);
  b.precision(b.add("second", workloads::Linear{4}), 4, 6);
  b.add("relu", workloads::Relu{});
  b.precision(b.add("third", workloads::Linear{4}), 4, 6);
  const Lowered lowered =
      lower_on(b.network, make_chip({.dac_bits = 2, .more = "signed_inputs: two_phase, "}));
  EXPECT_EQ(stage(lowered, 0).input_slices, 3);  // an input of the network
  EXPECT_EQ(stage(lowered, 1).input_slices, 6);
  EXPECT_EQ(stage(lowered, 2).input_slices, 3);
}

TEST(Lower, MacsAreCountedAtASupportedPrecision) {
  NetworkBuilder b({4});
  b.precision(b.add("a", Linear{4}), 3, 2);
  b.precision(b.add("b", Linear{4}), 2, 9);
  const Lowered lowered = lower_on(b.network, shipped_chip("ad_pim"));
  EXPECT_EQ(stage(lowered, 0).macs, 16);
  EXPECT_EQ(stage(lowered, 0).mac_bits, 4);
  EXPECT_EQ(stage(lowered, 1).mac_bits, 16);
}

TEST(Lower, MacsAreThoseOfAllPositionsAndGroups) {
  NetworkBuilder b({6, 4, 4});
  b.conv("dw", 6, 3, 1, 1, 6);
  b.add("rows", Linear{5});
  b.conv("conv", 7, 3);
  const Lowered lowered = lower_on(b.network, shipped_chip("ad_pim"));
  EXPECT_EQ(stage(lowered, 0).macs, 9 * 6 * 16);
  EXPECT_EQ(stage(lowered, 1).macs, 24 * 4 * 5);
  EXPECT_EQ(stage(lowered, 2).macs, 54 * 7 * 2 * 3);
}

TEST(Lower, APrecisionBeyondThePriceListIsRefused) {
  NetworkBuilder b({4});
  b.precision(b.add("a", Linear{4}), 3, 17);
  EXPECT_THROW((void)lower_on(b.network, shipped_chip("ad_pim")), InputError);
}

// ---- What joins a stage

TEST(Lower, WhatTwoUseIsNotJoined) {
  NetworkBuilder b({3, 4, 4});
  const int conv = b.conv("conv", 4, 1);
  const int relu = b.add("relu", Relu{}, {conv});
  b.add("add", Add{}, {conv, relu});
  b.conv("last", 2, 1);
  const Lowered lowered = lower_net(b.network);
  EXPECT_EQ(names(lowered), (Names{"conv", "relu", "add", "last"}));
  EXPECT_EQ(stage(lowered, 0).vector_ops, 4);
  EXPECT_EQ(stage(lowered, 1).vector_ops, 4);
  EXPECT_TRUE(stage(lowered, 1).tiles.empty());
}

TEST(Lower, ASumWithItselfHasTwoUses) {
  NetworkBuilder b({3, 4, 4});
  const int conv = b.conv("conv", 4, 1);
  b.add("add", Add{}, {conv, conv});
  const Lowered lowered = lower_net(b.network);
  EXPECT_EQ(names(lowered), (Names{"conv", "add"}));
  EXPECT_EQ(stage(lowered, 1).inputs.size(), 2U);
}

TEST(Lower, OperatorsOnTheNetworksInputAreStages) {
  NetworkBuilder b({3, 4, 4});
  b.add("norm", BatchNorm{});
  b.conv("conv", 4, 1);
  const Lowered lowered = lower_net(b.network);
  EXPECT_EQ(names(lowered), (Names{"norm", "conv"}));
  EXPECT_EQ(stage(lowered, 0).vector_ops, 3);
  EXPECT_EQ(stage(lowered, 0).home_tile, 0);
}

TEST(Lower, ElementwiseOperatorsJoinPoolingAndEachOther) {
  NetworkBuilder b({3, 4, 4});
  b.conv("conv", 4, 1);
  b.add("norm", BatchNorm{});
  b.add("clip", Clip{});
  b.add("relu", Relu{});
  Pool pool;
  pool.window.kernel = {2, 2};
  pool.window.stride = {2, 2};
  b.add("pool", pool);
  b.add("relu2", Relu{});
  const Lowered lowered = lower_net(b.network);
  EXPECT_EQ(names(lowered), (Names{"conv", "pool"}));
  EXPECT_EQ(stage(lowered, 0).vector_ops, 3 * 4);
  EXPECT_EQ(stage(lowered, 1).vector_ops, 4);
  EXPECT_EQ(stage(lowered, 1).pool_ops, 4 * 4);
  EXPECT_EQ(stage(lowered, 1).grid, (arch::Grid{2, 2}));
}

TEST(Lower, WindowsIncludeDilation) {
  NetworkBuilder b({3, 9, 9});
  Conv conv;
  conv.out_channels = 2;
  conv.window.kernel = {3, 2};
  conv.window.dilation = {2, 3};
  conv.window.stride = {1, 2};
  conv.window.pads = {1, 2, 3, 0};
  b.add("conv", conv);
  EXPECT_EQ(stage(lower_net(b.network), 0).inputs[0].window,
            (arch::ReadWindow{false, 5, 4, 1, 2, 1, 2}));
}

// ---- Reshaped maps

TEST(Lower, ALinearLayerBehindAFlattenedMapWaitsForAllOfIt) {
  NetworkBuilder b({3, 4, 5});
  b.conv("conv", 4, 1);
  b.add("relu", Relu{});
  b.add("flatten", Flatten{});
  b.add("fc", Linear{10});
  const Lowered lowered = lower_net(b.network);
  EXPECT_EQ(names(lowered), (Names{"conv", "fc"}));
  const arch::StageInput& input = stage(lowered, 1).inputs[0];
  EXPECT_TRUE(input.window.whole);
  EXPECT_EQ(input.grid, (arch::Grid{4, 5}));
  EXPECT_EQ(input.pixel_bits, Bits(4 * 8));
  EXPECT_EQ(input.capacity, 20);
  EXPECT_EQ(stage(lowered, 1).grid, (arch::Grid{1, 1}));
  EXPECT_EQ(stage(lowered, 1).tiles[0].input_bits(), Bits(80 * 8));
}

TEST(Lower, AnImageFlattenedAtOnce) {
  NetworkBuilder b({1, 6, 6});
  b.add("flatten", Flatten{});
  b.add("fc", Linear{10});
  const Lowered lowered = lower_net(b.network);
  EXPECT_EQ(stage(lowered, 0).inputs[0].grid, (arch::Grid{6, 6}));
  EXPECT_TRUE(stage(lowered, 0).inputs[0].window.whole);
}

TEST(Lower, ElementwiseOperatorsBehindAReshapeTakePixelsAsTheyCome) {
  NetworkBuilder b({3, 4, 5});
  b.conv("conv", 4, 1);
  b.add("flatten", Flatten{});
  b.add("relu", Relu{});
  b.add("fc", Linear{10});
  const Lowered lowered = lower_net(b.network);
  EXPECT_EQ(names(lowered), (Names{"conv", "relu", "fc"}));
  EXPECT_EQ(stage(lowered, 1).grid, (arch::Grid{4, 5}));
  EXPECT_EQ(stage(lowered, 1).outputs, 4);
  EXPECT_FALSE(stage(lowered, 1).inputs[0].window.whole);
  EXPECT_TRUE(stage(lowered, 2).inputs[0].window.whole);
}

TEST(Lower, ALinearLayerHasAPixelAVector) {
  for (const Shape& shape : {Shape{6, 7}, Shape{2, 3, 7}}) {
    NetworkBuilder b(shape);
    b.add("fc1", Linear{4});
    b.add("relu", Relu{});
    b.add("fc2", Linear{5});
    const Lowered lowered = lower_net(b.network);
    EXPECT_EQ(names(lowered), (Names{"fc1", "fc2"}));
    EXPECT_EQ(stage(lowered, 0).grid, (arch::Grid{6, 1}));
    EXPECT_EQ(stage(lowered, 0).outputs, 4);
    EXPECT_EQ(stage(lowered, 1).grid, (arch::Grid{6, 1}));
    EXPECT_EQ(stage(lowered, 1).outputs, 5);
    EXPECT_FALSE(stage(lowered, 1).inputs[0].window.whole);
    EXPECT_EQ(stage(lowered, 1).inputs[0].capacity, 2);
  }
}

// ---- Bits

TEST(Lower, MapsAreKeptAsWideAsTheirWidestReaderAsks) {
  NetworkBuilder b({3, 4, 4});
  b.precision(b.conv("stem", 4, 1), 8, 3);
  const int relu = b.add("relu", Relu{});
  const int a = b.conv("a", 4, 1, 1, 0, 1, {relu});
  b.precision(a, 8, 2);
  const int c = b.conv("c", 4, 1, 1, 0, 1, {relu});
  b.precision(c, 8, 5);
  b.add("add", Add{}, {a, c});
  b.precision(b.conv("last", 2, 1), 8, 6);
  const Lowered lowered = lower_net(b.network);
  ASSERT_EQ(names(lowered), (Names{"stem", "a", "c", "add", "last"}));
  // The network's input keeps its own bits.
  EXPECT_EQ(stage(lowered, 0).inputs[0].pixel_bits, Bits(3 * 8));
  EXPECT_EQ(stage(lowered, 0).pixel_bits, Bits(4 * 5));
  EXPECT_EQ(stage(lowered, 1).inputs[0].pixel_bits, Bits(4 * 2));
  EXPECT_EQ(stage(lowered, 2).inputs[0].pixel_bits, Bits(4 * 5));
  // Through the addition to the layer behind it.
  EXPECT_EQ(stage(lowered, 1).pixel_bits, Bits(4 * 6));
  EXPECT_EQ(stage(lowered, 2).pixel_bits, Bits(4 * 6));
  EXPECT_EQ(stage(lowered, 3).inputs[0].pixel_bits, Bits(4 * 6));
  EXPECT_EQ(stage(lowered, 3).pixel_bits, Bits(4 * 6));
  // The result leaves at the precision of the last weight layer.
  EXPECT_EQ(stage(lowered, 4).pixel_bits, Bits(2 * 6));
}

// ---- Places

TEST(Lower, VectorWorkIsDoneWhereItsInputIsMade) {
  NetworkBuilder b({4, 4, 4});
  b.conv("a", 4, 1);
  b.conv("b", 4, 1);
  b.add("pool", GlobalPool{});
  b.add("flatten", Flatten{});
  b.add("fc", Linear{2});
  const Lowered lowered =
      lower_on(b.network, make_chip({.macros_per_core = 1, .cores_per_tile = 1}));
  EXPECT_EQ(stage(lowered, 0).home_tile, 0);
  EXPECT_EQ(stage(lowered, 1).home_tile, 1);
  EXPECT_EQ(stage(lowered, 2).home_tile, 1);
  EXPECT_EQ(stage(lowered, 3).home_tile, 2);
  EXPECT_EQ(lowered.program.tiles, 3);
}

TEST(Lower, ADepthwiseLayerLoadsEveryBlockOnce) {
  NetworkBuilder b({6, 4, 4});
  b.conv("dw", 6, 3, 1, 1, 6);
  const Lowered lowered = lower_net(b.network);
  const arch::Stage& dw = stage(lowered, 0);
  EXPECT_EQ(dw.outputs, 6);
  EXPECT_EQ(dw.sum_bits, Bits(8 + 8 + 4));
  EXPECT_EQ(dw.tiles[0].cores,
            (std::vector<arch::CoreWork>{{0, 1, 54, 48, 6 * 9 * 8, 48, Bits(54 * 8), 6}}));
}

TEST(Lower, BuffersSufficeForEveryShippedNetwork) {
  for (const std::string& name : embedded_names("networks")) {
    if (name.starts_with("digits_cnn")) continue;  // ONNX models
    SCOPED_TRACE(name);
    const Lowered lowered =
        lower_on(shipped_network(name, "uniform4"), shipped_chip("reram_128x128_1b"));
    EXPECT_NO_THROW(lowered.program.validate());
    EXPECT_NO_THROW(check_buffers(lowered.program));
    EXPECT_TRUE(completes(lowered.program));
  }
}

}  // namespace
}  // namespace pimento::mapper
