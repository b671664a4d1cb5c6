// SPDX-License-Identifier: Apache-2.0
// The search for windows against published figures and against counts of another kind.
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "mapper/windows.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// ---- Published: ResNet-18 on arrays of 512 x 512, stride 1, no padding.

struct Shape {
  std::int64_t size = 0, kernel = 0, inputs = 0, outputs = 0;
};
const std::vector<Shape> kResnet18{
    {112, 7, 3, 64}, {56, 3, 64, 64}, {28, 3, 128, 128}, {14, 3, 256, 256}, {7, 3, 512, 512}};

WindowProblem problem_of(const Shape& shape, std::int64_t columns_per_weight = 1) {
  WindowProblem problem;
  problem.kernel = {shape.kernel, shape.kernel};
  problem.output = {shape.size - shape.kernel + 1, shape.size - shape.kernel + 1};
  problem.in_channels = shape.inputs;
  problem.out_channels = shape.outputs;
  problem.array_rows = 512;
  problem.array_columns = 512;
  problem.columns_per_weight = columns_per_weight;
  return problem;
}

std::vector<ParallelWindow> windows_of(ParallelWindow (*find)(const WindowProblem&),
                                       std::int64_t columns_per_weight = 1) {
  std::vector<ParallelWindow> windows;
  windows.reserve(kResnet18.size());
  for (const Shape& shape : kResnet18)
    windows.push_back(find(problem_of(shape, columns_per_weight)));
  return windows;
}

std::vector<std::int64_t> cycles_of(const std::vector<ParallelWindow>& windows) {
  std::vector<std::int64_t> cycles;
  cycles.reserve(windows.size());
  for (const ParallelWindow& window : windows) cycles.push_back(window.cycles());
  return cycles;
}

using Cycles = std::vector<std::int64_t>;
using Pair = std::array<std::int64_t, 2>;

// Rhe et al., "VW-SDK: Efficient Convolutional Weight Mapping Using Variable Windows for
// Processing-In-Memory Architectures", DATE 2022, with the authors' own program.
TEST(WindowGolden, Resnet18OnArrays512) {
  EXPECT_EQ(cycles_of(windows_of(im2col_window)), (Cycles{11236, 5832, 2028, 720, 225}));
  EXPECT_EQ(cycles_of(windows_of(sdk_window)), (Cycles{2809, 1458, 2028, 720, 225}));
  EXPECT_EQ(cycles_of(windows_of(best_window)), (Cycles{1431, 1458, 676, 504, 225}));
}

TEST(WindowGolden, TheWindowsOfThePaper) {
  std::vector<Pair> extents;
  std::vector<Pair> channels;
  for (const ParallelWindow& window : windows_of(best_window)) {
    extents.push_back(window.extent);
    channels.push_back({window.channels_a_tile, window.out_channels_a_tile});
  }
  EXPECT_EQ(extents, (std::vector<Pair>{{8, 10}, {4, 4}, {4, 4}, {3, 4}, {3, 3}}));
  // 128 output channels fit in layer 2, which has 64; layer 5 is im2col.
  EXPECT_EQ(channels, (std::vector<Pair>{{3, 64}, {32, 64}, {32, 128}, {42, 256}, {0, 0}}));
}

// Whole channels cost layer 5 more than windows save: 250 at best.
TEST(WindowGolden, Layer5IsKeptFromTheSearch) {
  const WindowProblem problem = problem_of(kResnet18[4]);
  std::int64_t fewest = 1 << 20;
  for (std::int64_t high = 1; high <= 5; ++high) {
    for (std::int64_t wide = 1; wide <= 5; ++wide) {
      const std::optional<ParallelWindow> window = variable_window(problem, {high, wide});
      ASSERT_TRUE(window.has_value());
      fewest = std::min(fewest, window.value_or(ParallelWindow{}).cycles());
    }
  }
  EXPECT_EQ(fewest, 250);
  EXPECT_EQ(best_window(problem), im2col_window(problem));
}

// Weights in slices of one bit: windows pay at few bits, and at eight no longer.
TEST(WindowGolden, WindowsMoveWithThePrecision) {
  EXPECT_EQ(cycles_of(windows_of(im2col_window, 2)), (Cycles{11236, 5832, 2028, 720, 450}));
  EXPECT_EQ(cycles_of(windows_of(best_window, 2)), (Cycles{2809, 1458, 1352, 720, 450}));
  EXPECT_EQ(cycles_of(windows_of(sdk_window, 4)), (Cycles{11236, 5832, 2028, 1440, 900}));
  EXPECT_EQ(cycles_of(windows_of(best_window, 4)), (Cycles{5618, 2916, 2028, 1440, 900}));
  EXPECT_EQ(cycles_of(windows_of(im2col_window, 8)), (Cycles{11236, 5832, 4056, 2880, 1800}));
  EXPECT_EQ(cycles_of(windows_of(best_window, 8)), (Cycles{11236, 5832, 4056, 2880, 1800}));
  EXPECT_EQ(windows_of(best_window, 4)[0].copies, (Pair{1, 2}));
  EXPECT_EQ(windows_of(best_window, 4)[1].copies, (Pair{1, 2}));
}

// ---- Against counts by things put on arrays one by one

// The least cycles over every window extent of the input, cell by cell and channel by channel.
std::int64_t brute_force(const WindowProblem& p) {
  const auto looked_at = [&](std::size_t axis, std::int64_t copies) {
    std::set<std::int64_t> positions;
    for (std::int64_t copy = 0; copy < copies; ++copy) {
      for (std::int64_t tap = 0; tap < p.kernel[axis]; ++tap) {
        positions.insert(copy * p.stride[axis] + tap);
      }
    }
    return std::ssize(positions);
  };
  const auto tiles = [](std::int64_t things, std::int64_t size, std::int64_t room) {
    std::int64_t used = 1;
    std::int64_t at = 0;
    for (std::int64_t thing = 0; thing < things; ++thing) {
      if (at + size > room) {
        ++used;
        at = 0;
      }
      at += size;
    }
    return used;
  };
  const std::int64_t weights = p.kernel[0] * p.kernel[1] * p.in_channels;
  std::int64_t fewest = p.output[0] * p.output[1] * tiles(weights, 1, p.array_rows) *
                        tiles(p.out_channels * p.columns_per_weight, 1, p.array_columns);
  for (std::int64_t high = p.output[0]; high >= 1; --high) {
    for (std::int64_t wide = p.output[1]; wide >= 1; --wide) {
      const std::int64_t rows = looked_at(0, high) * looked_at(1, wide);
      const std::int64_t columns = high * wide * p.columns_per_weight;
      if (rows > p.array_rows || columns > p.array_columns) continue;
      std::int64_t windows = 0;
      for (std::int64_t y = 0; y < p.output[0]; y += high) {
        for (std::int64_t x = 0; x < p.output[1]; x += wide) ++windows;
      }
      fewest = std::min(fewest, windows * tiles(p.in_channels, rows, p.array_rows) *
                                    tiles(p.out_channels, columns, p.array_columns));
    }
  }
  return fewest;
}

TEST(Windows, TheSearchFindsTheLeastOfAll) {
  for (const std::int64_t bits : {8, 4, 2, 1}) {
    for (std::size_t i = 1; i < kResnet18.size(); ++i) {
      const WindowProblem problem = problem_of(kResnet18[i], bits);
      EXPECT_EQ(best_window(problem).cycles(), brute_force(problem)) << bits << " bits, " << i;
    }
  }
}

// tests/reference/window_cycles.py made the table, and its test holds it to the file.
TEST(Windows, AgreeWithTheReferenceModel) {
  std::ifstream file(PIMENTO_SOURCE_DIR "/tests/data/window_cycles.txt");
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  int cases = 0;
  while (std::getline(file, line)) {
    SCOPED_TRACE(line);
    std::istringstream words(line);
    WindowProblem p;
    ASSERT_TRUE(words >> p.kernel[0] >> p.kernel[1] >> p.stride[0] >> p.stride[1] >>
                p.dilation[0] >> p.dilation[1] >> p.output[0] >> p.output[1] >> p.in_channels >>
                p.out_channels >> p.groups >> p.array_rows >> p.array_columns >>
                p.columns_per_weight >> p.unit_rows);
    std::int64_t im2col = 0, sdk = 0, best = 0, arrays = 0;
    Pair copies{};
    ASSERT_TRUE(words >> im2col >> sdk >> best >> arrays >> copies[0] >> copies[1]);
    const ParallelWindow found = best_window(p);
    EXPECT_EQ(im2col_window(p).cycles(), im2col);
    EXPECT_EQ(sdk_window(p).cycles(), sdk);
    EXPECT_EQ(found.cycles(), best);
    EXPECT_EQ(found.arrays(), arrays);
    EXPECT_EQ(found.copies, copies);
    ++cases;
  }
  EXPECT_GT(cases, 200);
}

}  // namespace
}  // namespace pimento::mapper
