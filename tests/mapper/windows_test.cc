// SPDX-License-Identifier: Apache-2.0
#include "mapper/windows.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "mapper/strategies/dense.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

using Pair = std::array<std::int64_t, 2>;

ParallelWindow offered(const WindowProblem& problem, const Pair& copies) {
  const std::optional<ParallelWindow> window = variable_window(problem, copies);
  EXPECT_TRUE(window.has_value());
  return window.value_or(ParallelWindow{});
}

// ---- Properties of random problems

WindowProblem random_problem(std::mt19937& random) {
  const auto from = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  WindowProblem p;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    p.kernel[axis] = from(1, 5);
    p.stride[axis] = from(1, 4);
    p.dilation[axis] = from(1, 3);
    p.output[axis] = from(1, 20);
  }
  p.groups = from(0, 1) == 0 ? 1 : from(1, 16);
  p.in_channels = p.groups * from(1, 9);
  p.out_channels = p.groups * from(1, 9);
  p.array_rows = from(1, 150);
  p.array_columns = from(1, 150);
  p.columns_per_weight = from(1, 8);
  p.unit_rows = from(1, p.array_rows);
  return p;
}

TEST(Windows, AreNeverWorseThanIm2col) {
  std::mt19937 random(7);
  int better = 0;
  for (int i = 0; i < 3000; ++i) {
    const WindowProblem problem = random_problem(random);
    const ParallelWindow im2col = im2col_window(problem);
    const ParallelWindow sdk = sdk_window(problem);
    const ParallelWindow best = best_window(problem);
    ASSERT_LE(best.cycles(), im2col.cycles());
    ASSERT_LE(sdk.cycles(), im2col.cycles());
    ASSERT_LE(sdk.arrays(), im2col.arrays());
    ASSERT_TRUE(best.cycles() < im2col.cycles() || best == im2col);
    if (best == im2col) continue;
    ++better;
    ASSERT_EQ(offered(problem, best.copies), best);
  }
  EXPECT_GT(better, 1000);
  EXPECT_LT(better, 2900);
}

// Tiles hold all channels, lie inside the array, and none is empty.
TEST(Windows, TilesHoldEveryChannel) {
  std::mt19937 random(8);
  for (int i = 0; i < 3000; ++i) {
    const WindowProblem p = random_problem(random);
    const ParallelWindow w = best_window(p);
    if (w.is_cut_anywhere()) continue;
    const std::int64_t columns = w.copies[0] * w.copies[1] * p.columns_per_weight;
    const std::int64_t inputs = p.in_channels / p.groups;
    const std::int64_t outputs = p.out_channels / p.groups;
    ASSERT_LE(w.rows_a_channel * w.channels_a_tile * w.groups_a_tile, p.array_rows);
    ASSERT_LE(columns * w.out_channels_a_tile * w.groups_a_tile, p.array_columns);
    ASSERT_GE(w.row_tiles * w.channels_a_tile, inputs);
    ASSERT_LT((w.row_tiles - 1) * w.channels_a_tile, inputs);
    ASSERT_GE(w.column_tiles * w.out_channels_a_tile, outputs);
    ASSERT_LT((w.column_tiles - 1) * w.out_channels_a_tile, outputs);
    ASSERT_GE(w.group_tiles * w.groups_a_tile, p.groups);
    ASSERT_LT((w.group_tiles - 1) * w.groups_a_tile, p.groups);
  }
}

TEST(Windows, PositionsThatCopiesLookAtAreCountedOnce) {
  for (std::int64_t kernel = 1; kernel <= 6; ++kernel) {
    for (std::int64_t stride = 1; stride <= 6; ++stride) {
      for (std::int64_t dilation = 1; dilation <= 6; ++dilation) {
        for (std::int64_t copies = 1; copies <= 9; ++copies) {
          std::set<std::int64_t> positions;
          for (std::int64_t copy = 0; copy < copies; ++copy) {
            for (std::int64_t tap = 0; tap < kernel; ++tap) {
              positions.insert(copy * stride + tap * dilation);
            }
          }
          WindowProblem p;
          p.kernel = {kernel, 1};
          p.stride = {stride, 1};
          p.dilation = {dilation, 1};
          p.output = {9, 1};
          p.array_rows = p.array_columns = 100;
          const std::optional<ParallelWindow> window = variable_window(p, {copies, 1});
          const bool shares = std::ssize(positions) < copies * kernel;
          ASSERT_EQ(window.has_value(), copies == 1 || kernel == 1 || dilation == 1 || shares);
          if (!window) continue;
          ASSERT_EQ(window->rows_a_channel, std::ssize(positions));
          ASSERT_EQ(window->extent, (Pair{*positions.rbegin() + 1, 1}));
        }
      }
    }
  }
}

// ---- Edges, worked out by hand

// 4 x 3 positions a channel, two copies of 3 columns.
TEST(Windows, AnArrayTooSmallForAWindowRefusesIt) {
  WindowProblem p;
  p.kernel = {3, 3};
  p.output = {4, 4};
  p.columns_per_weight = 3;
  p.array_rows = 12;
  p.array_columns = 6;
  EXPECT_EQ(offered(p, {2, 1}).cycles(), 8);
  EXPECT_EQ(best_window(p).cycles(), 8);
  p.array_rows = 11;
  EXPECT_FALSE(variable_window(p, {2, 1}).has_value());
  EXPECT_EQ(best_window(p), im2col_window(p));
  p.array_rows = 12;
  p.array_columns = 5;
  EXPECT_FALSE(variable_window(p, {2, 1}).has_value());
  EXPECT_EQ(best_window(p), im2col_window(p));
}

TEST(Windows, MayCoverTheOutputAndNoMore) {
  WindowProblem p;
  p.kernel = {3, 3};
  p.output = {2, 3};
  p.array_rows = p.array_columns = 100;
  EXPECT_TRUE(variable_window(p, {2, 3}).has_value());
  EXPECT_FALSE(variable_window(p, {3, 3}).has_value());
  EXPECT_FALSE(variable_window(p, {2, 4}).has_value());
  EXPECT_EQ(best_window(p).copies, (Pair{2, 3}));
  EXPECT_EQ(best_window(p).windows, 1);
}

TEST(Windows, TheLastWindowReachesBeyondTheOutput) {
  WindowProblem p;
  p.kernel = {3, 3};
  p.output = {7, 7};
  p.array_rows = p.array_columns = 30;
  EXPECT_EQ(offered(p, {2, 3}).windows, 4 * 3);
}

// Windows of as many cycles: the smaller area first, then the smaller height.
TEST(Windows, AmongEqualsTheSmallerIsTaken) {
  WindowProblem p;
  p.kernel = {3, 3};
  p.output = {4, 4};
  p.array_rows = 12;
  p.array_columns = 2;
  EXPECT_EQ(best_window(p).copies, (Pair{1, 2}));
  p.kernel = {1, 3};  // two copies take 1 x 4 or 2 x 3 positions
  p.array_columns = 3;
  p.output = {2, 2};
  EXPECT_EQ(best_window(p).copies, (Pair{1, 2}));
  p.kernel = {3, 1};
  EXPECT_EQ(best_window(p).copies, (Pair{2, 1}));
}

// 1 x 1 kernels at stride 2 share nothing, and positions between them take no rows.
TEST(Windows, PositionsThatStridesStepOverTakeNoRows) {
  WindowProblem p;
  p.stride = {2, 2};
  p.output = {4, 4};
  p.array_rows = p.array_columns = 4;
  const ParallelWindow best = best_window(p);
  EXPECT_EQ(best.cycles(), 4);
  EXPECT_EQ(best.rows_a_channel, 4);
  EXPECT_EQ(best.copies, (Pair{1, 4}));
  EXPECT_EQ(best.extent, (Pair{1, 7}));
}

// 30 depthwise channels: 14 of 9 rows stand on 128 rows, or 10 of 12 rows with two copies each.
TEST(Windows, DepthwiseChannelsStandOnTheDiagonal) {
  WindowProblem p;
  p.kernel = {3, 3};
  p.output = {8, 8};
  p.in_channels = p.out_channels = p.groups = 30;
  p.array_rows = p.array_columns = 128;
  const ParallelWindow im2col = im2col_window(p);
  EXPECT_EQ(im2col.groups_a_tile, 14);
  EXPECT_EQ(im2col.arrays(), 3);
  const ParallelWindow window = offered(p, {1, 2});
  EXPECT_EQ(window.groups_a_tile, 10);
  EXPECT_EQ(window.arrays(), 3);
  EXPECT_EQ(window.cycles(), 3 * 8 * 4);
  p.array_columns = 19;  // of 20 for ten channels
  EXPECT_EQ(offered(p, {1, 2}).groups_a_tile, 9);
  p.array_columns = 128;
  p.unit_rows = 10;  // 12 channels 10 rows apart, with room for the whole unit of the last
  EXPECT_EQ(im2col_window(p).groups_a_tile, 12);
}

TEST(Windows, BrokenProblemsAreRefused) {
  WindowProblem p;
  p.groups = 2;
  EXPECT_EQ(message_of<InternalError>([&] { (void)best_window(p); }),
            "the groups of a window problem do not divide its channels");
  p.groups = 0;
  EXPECT_EQ(message_of<InternalError>([&] { (void)im2col_window(p); }),
            "a window problem has a size below one");
  p.groups = 1;
  p.unit_rows = 2;
  EXPECT_EQ(message_of<InternalError>([&] { (void)sdk_window(p); }),
            "an operation unit is larger than its array");
  p.unit_rows = 1;
  p.stride = {1, 0};
  EXPECT_EQ(message_of<InternalError>([&] { (void)sdk_window(p); }),
            "a window problem has an extent below one");
  p.stride = {1, 1};
  EXPECT_EQ(message_of<InternalError>([&] { (void)variable_window(p, {0, 1}); }),
            "a window has no copies of its kernel");
}

// ---- Layers of networks

TEST(WindowProblem, IsMadeFromALayerAndAMacro) {
  NetworkBuilder b({6, 11, 12});
  workloads::Conv conv;
  conv.out_channels = 8;
  conv.groups = 2;
  conv.window = {.kernel = {3, 2}, .stride = {2, 1}, .dilation = {1, 3}, .pads = {1, 0, 1, 0}};
  b.precision(b.add("conv", conv), 5, 8);
  const arch::ChipSpec chip = make_chip({.rows = 40,
                                         .columns = 21,
                                         .cell_bits = 2,
                                         .encoding = arch::Encoding::kSignMagnitude,
                                         .more = "operation_unit: {rows: 9}, "});
  const WindowProblem p = window_problem({b.network, chip}, 0);
  EXPECT_EQ(p.kernel, (Pair{3, 2}));
  EXPECT_EQ(p.stride, (Pair{2, 1}));
  EXPECT_EQ(p.dilation, (Pair{1, 3}));
  EXPECT_EQ(p.output, (Pair{6, 9}));
  EXPECT_EQ(p.in_channels, 6);
  EXPECT_EQ(p.out_channels, 8);
  EXPECT_EQ(p.groups, 2);
  EXPECT_EQ(p.array_rows, 40);
  EXPECT_EQ(p.array_columns, 10);
  EXPECT_EQ(p.columns_per_weight, 2);
  EXPECT_EQ(p.unit_rows, 9);
  const arch::ChipSpec whole_arrays = make_chip({});
  EXPECT_EQ(window_problem({b.network, whole_arrays}, 0).unit_rows, 1);
  b.add("relu", workloads::Relu{});
  EXPECT_EQ(message_of<InternalError>([&] { (void)window_problem({b.network, chip}, 1); }),
            "only a convolution has windows");
}

// One kernel on an array is what the strategy "dense" lays out.
TEST(WindowProblem, Im2colTakesTheMacrosOfTheDenseMapping) {
  std::mt19937 random(9);
  const auto from = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  for (int i = 0; i < 400; ++i) {
    const int groups = from(0, 1) == 0 ? 1 : from(1, 9);
    NetworkBuilder b({std::int64_t{groups} * from(1, 5), 6, 6});
    b.precision(b.conv("conv", std::int64_t{groups} * from(1, 5), from(1, 3), from(1, 2),
                       from(0, 1), groups),
                from(1, 8), 8);
    const int rows = from(2, 60);
    const int columns = from(2, 60);
    const arch::ChipSpec chip = make_chip(
        {.rows = rows,
         .columns = columns,
         .cell_bits = from(1, 3),
         .encoding = static_cast<arch::Encoding>(from(0, 1)),
         .more =
             from(0, 1) == 0 ? "" : fmt::format("operation_unit: {{rows: {}}}, ", from(1, rows))});
    const ParallelWindow window = im2col_window(window_problem({b.network, chip}, 0));
    const workloads::MatrixShape matrix = b.network.matrix(0);
    ASSERT_EQ(window.arrays(), map_dense({b.network, chip}).layers[0].macros) << i;
    ASSERT_EQ(window.windows, matrix.positions);
  }
}

}  // namespace
}  // namespace pimento::mapper
