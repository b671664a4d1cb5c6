// SPDX-License-Identifier: Apache-2.0
// How many pixels a window waits for and frees, against the definition of a window.
#include <algorithm>
#include <limits>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "arch/program/program.h"

namespace pimento::arch {
namespace {

// All pixels of the map inside the window of output pixel (y, x), by raster index.
std::vector<std::int64_t> pixels_in_window(const StageInput& input, std::int64_t y,
                                           std::int64_t x) {
  std::vector<std::int64_t> pixels;
  const ReadWindow& w = input.window;
  for (std::int64_t row = 0; row < input.grid.height; ++row) {
    for (std::int64_t column = 0; column < input.grid.width; ++column) {
      const std::int64_t down = row - (y * w.stride_height - w.pad_top);
      const std::int64_t right = column - (x * w.stride_width - w.pad_left);
      const bool inside = down >= 0 && down < w.span_height && right >= 0 && right < w.span_width;
      if (inside || w.whole) pixels.push_back(row * input.grid.width + column);
    }
  }
  return pixels;
}

struct Case {
  StageInput input;
  Grid made;
};

Case random_case(std::mt19937& random) {
  const auto from = [&random](int low, int high) {
    return std::int64_t{std::uniform_int_distribution<int>(low, high)(random)};
  };
  Case result;
  StageInput& input = result.input;
  input.grid = {from(1, 9), from(1, 9)};
  ReadWindow& w = input.window;
  const auto axis = [&](std::int64_t size, std::int64_t& span, std::int64_t& stride,
                        std::int64_t& pad_before) {
    const std::int64_t kernel = from(1, 4);
    span = (kernel - 1) * from(1, 3) + 1;
    stride = from(1, 4);
    pad_before = from(0, 3);
    const std::int64_t pad_after = from(0, 3);
    return (size + pad_before + pad_after - span) / stride + 1;
  };
  do {
    result.made.height = axis(input.grid.height, w.span_height, w.stride_height, w.pad_top);
    result.made.width = axis(input.grid.width, w.span_width, w.stride_width, w.pad_left);
  } while (result.made.height < 1 || result.made.width < 1);
  return result;
}

std::string describe(const Case& c) {
  const ReadWindow& w = c.input.window;
  return fmt::format("map {}x{}, span {}x{}, stride {}x{}, pad {}x{}", c.input.grid.height,
                     c.input.grid.width, w.span_height, w.span_width, w.stride_height,
                     w.stride_width, w.pad_top, w.pad_left);
}

TEST(StageInput, NeededEndsAtTheLastPixelOfTheWindow) {
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    const Case c = random_case(random);
    SCOPED_TRACE(describe(c));
    for (std::int64_t y = 0; y < c.made.height; ++y) {
      for (std::int64_t x = 0; x < c.made.width; ++x) {
        const std::vector<std::int64_t> pixels = pixels_in_window(c.input, y, x);
        const std::int64_t needed = c.input.needed(y, x);
        if (pixels.empty()) {  // all padding: any pixel count of the map will do
          ASSERT_GE(needed, 1);
          ASSERT_LE(needed, c.input.grid.pixels());
        } else {
          ASSERT_EQ(needed, pixels.back() + 1) << "at " << y << ", " << x;
        }
      }
    }
  }
}

TEST(StageInput, ReleasedNeverPassesAPixelThatIsStillNeeded) {
  std::mt19937 random(2);
  for (int i = 0; i < 3000; ++i) {
    const Case c = random_case(random);
    SCOPED_TRACE(describe(c));
    std::int64_t first_needed = c.input.grid.pixels();
    for (std::int64_t at = c.made.pixels(); at-- > 0;) {
      const std::int64_t y = at / c.made.width;
      const std::int64_t x = at % c.made.width;
      const std::vector<std::int64_t> pixels = pixels_in_window(c.input, y, x);
      if (!pixels.empty()) first_needed = std::min(first_needed, pixels.front());
      ASSERT_LE(c.input.released(y, x), first_needed) << "at " << y << ", " << x;
      ASSERT_GE(c.input.released(y, x), 0);
    }
  }
}

StageInput window_on(Grid grid, std::int64_t span, std::int64_t stride, std::int64_t pad) {
  StageInput input;
  input.grid = grid;
  input.window = {false, span, span, stride, stride, pad, pad};
  return input;
}

TEST(StageInput, AThreeByThreeWindowWaitsForTheRowBelow) {
  const StageInput input = window_on({5, 7}, 3, 1, 1);
  EXPECT_EQ(input.needed(0, 0), 7 + 2);
  EXPECT_EQ(input.needed(0, 6), 14);
  EXPECT_EQ(input.needed(2, 3), 3 * 7 + 5);
  EXPECT_EQ(input.needed(4, 6), 35);
  EXPECT_EQ(input.released(0, 6), 0);
  EXPECT_EQ(input.released(1, 0), 0);
  EXPECT_EQ(input.released(2, 0), 7);
  EXPECT_EQ(input.released(2, 6), 7);
  EXPECT_EQ(input.released(4, 0), 21);
}

TEST(StageInput, SinglePixelsPassOneByOne) {
  const StageInput input = window_on({5, 7}, 1, 1, 0);
  EXPECT_EQ(input.needed(2, 3), 18);
  EXPECT_EQ(input.released(2, 3), 17);
}

TEST(StageInput, AStridedPixelFreesWhatItPassesOver) {
  const StageInput input = window_on({6, 6}, 1, 2, 0);
  EXPECT_EQ(input.needed(1, 1), 2 * 6 + 3);
  EXPECT_EQ(input.released(1, 1), 2 * 6 + 2);
}

TEST(StageInput, AWholeMapIsWaitedForAndKept) {
  StageInput input;
  input.grid = {4, 5};
  input.window.whole = true;
  EXPECT_EQ(input.needed(0, 0), 20);
  EXPECT_EQ(input.released(0, 0), 0);
  EXPECT_EQ(input.released(3, 4), 0);
}

// A row of windows in the padding above needs nothing, but the next one needs row 0 from its start.
TEST(StageInput, WindowsOfOneRowInThePaddingFreeNothing) {
  const StageInput input = window_on({4, 5}, 1, 1, 1);
  EXPECT_EQ(input.released(0, 4), 0);
  EXPECT_EQ(input.released(1, 1), 0);
  EXPECT_EQ(input.released(1, 3), 2);
}

}  // namespace
}  // namespace pimento::arch
