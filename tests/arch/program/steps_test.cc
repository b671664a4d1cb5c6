// SPDX-License-Identifier: Apache-2.0
#include "arch/program/steps.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace pimento::arch {
namespace {

Stage stage_of(Grid grid, Grid step, int replicas = 1) {
  Stage stage;
  stage.grid = grid;
  stage.step = step;
  for (int r = 0; r < replicas; ++r) stage.tiles.push_back({r, {}, 1, r});
  return stage;
}

TEST(Steps, OfOnePixelAreThePixels) {
  const Steps steps(stage_of({2, 3}, {1, 1}));
  EXPECT_EQ(steps.count(), 6);
  EXPECT_EQ(steps.pixels(4), (PixelBlock{1, 1, {1, 1}}));
  EXPECT_EQ(steps.reach(4), 5);
  EXPECT_EQ(steps.complete(4), 4);
  EXPECT_EQ(steps.complete(6), 6);
  EXPECT_EQ(steps.rows_at_once(), 1);
}

// A 4x5 map by blocks of 3x2: three across, of which the last is one wide, and two down, of which
// the last is one high.
TEST(Steps, AreCutOffAtTheEdges) {
  const Steps steps(stage_of({4, 5}, {3, 2}));
  EXPECT_EQ(steps.count(), 6);
  EXPECT_EQ(steps.pixels(0), (PixelBlock{0, 0, {3, 2}}));
  EXPECT_EQ(steps.pixels(2), (PixelBlock{0, 4, {3, 1}}));
  EXPECT_EQ(steps.pixels(4), (PixelBlock{3, 2, {1, 2}}));
  EXPECT_EQ(steps.pixels(5), (PixelBlock{3, 4, {1, 1}}));
  EXPECT_EQ(steps.reach(0), 2 * 5 + 2);
  EXPECT_EQ(steps.reach(2), 15);
  EXPECT_EQ(steps.complete(2), 4);
  EXPECT_EQ(steps.complete(3), 15);
}

TEST(Steps, AreSharedOutInTurn) {
  const Steps steps(stage_of({1, 7}, {1, 1}, 3));
  EXPECT_EQ(steps.replicas(), 3);
  EXPECT_EQ(steps.share(0), 3);
  EXPECT_EQ(steps.share(1), 2);
  EXPECT_EQ(steps.share(2), 2);
  EXPECT_EQ(steps.replica_of(0), 0);
  EXPECT_EQ(steps.replica_of(5), 2);
}

TEST(Steps, CopiesThatFillMoreThanARowMakeSeveral) {
  EXPECT_EQ(Steps(stage_of({8, 3}, {1, 1}, 3)).rows_at_once(), 1);
  EXPECT_EQ(Steps(stage_of({8, 3}, {1, 1}, 4)).rows_at_once(), 2);
  EXPECT_EQ(Steps(stage_of({8, 3}, {2, 2}, 3)).rows_at_once(), 4);
  EXPECT_EQ(Steps(stage_of({3, 3}, {2, 2}, 3)).rows_at_once(), 3);
}

struct Case {
  Stage stage;
  StageInput input;
};

Case random_case(std::mt19937& random) {
  const auto from = [&random](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  Case result;
  const Grid grid{from(1, 7), from(1, 7)};
  result.stage =
      stage_of(grid, {from(1, grid.height), from(1, grid.width)}, static_cast<int>(from(1, 4)));
  StageInput& input = result.input;
  input.grid = {from(1, 9), from(1, 9)};
  input.window = {from(0, 9) == 0, from(1, 4), from(1, 4), from(1, 3),
                  from(1, 3),      from(0, 2), from(0, 2)};
  return result;
}

// The first pixel of the map in the window of pixel (y, x), by raster index; past the map's end
// where it lies in the padding altogether.
std::int64_t first_in_window(const StageInput& input, std::int64_t y, std::int64_t x) {
  const ReadWindow& w = input.window;
  if (w.whole) return 0;
  const std::int64_t top = std::max<std::int64_t>(0, y * w.stride_height - w.pad_top);
  const std::int64_t left = std::max<std::int64_t>(0, x * w.stride_width - w.pad_left);
  const bool inside =
      top < std::min(input.grid.height, y * w.stride_height - w.pad_top + w.span_height) &&
      left < std::min(input.grid.width, x * w.stride_width - w.pad_left + w.span_width);
  return inside ? top * input.grid.width + left : input.grid.pixels();
}

// Step by step, with every pixel that is made marked.
TEST(StepsProperty, MakeEveryPixelOnceAndReleaseNoneTooSoon) {
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    SCOPED_TRACE(i);
    const Case c = random_case(random);
    const Steps steps(c.stage);
    const Grid grid = c.stage.grid;
    std::set<std::int64_t> made;
    std::vector<std::int64_t> shares(static_cast<std::size_t>(steps.replicas()), 0);
    for (std::int64_t step = 0; step < steps.count(); ++step) {
      ++shares[static_cast<std::size_t>(steps.replica_of(step))];
      std::int64_t complete = 0;
      while (made.contains(complete)) ++complete;
      ASSERT_EQ(steps.complete(step), complete);
      // Nothing that a pixel to come still needs is released.
      for (std::int64_t at = 0; at < grid.pixels(); ++at) {
        if (made.contains(at)) continue;
        ASSERT_LE(steps.released(c.input, step),
                  first_in_window(c.input, at / grid.width, at % grid.width));
      }
      const PixelBlock block = steps.pixels(step);
      std::int64_t needed = 0;
      std::int64_t reach = 0;
      for (std::int64_t y = block.top; y < block.top + block.size.height; ++y) {
        for (std::int64_t x = block.left; x < block.left + block.size.width; ++x) {
          ASSERT_TRUE(y < grid.height && x < grid.width);
          ASSERT_TRUE(made.insert(y * grid.width + x).second);
          needed = std::max(needed, c.input.needed(y, x));
          reach = std::max(reach, y * grid.width + x + 1);
        }
      }
      ASSERT_EQ(steps.needed(c.input, step), needed);
      ASSERT_EQ(steps.reach(step), reach);
    }
    ASSERT_EQ(std::ssize(made), grid.pixels());
    ASSERT_EQ(steps.complete(steps.count()), grid.pixels());
    ASSERT_EQ(steps.released(c.input, steps.count()), c.input.grid.pixels());
    for (std::int64_t r = 0; r < steps.replicas(); ++r) {
      ASSERT_EQ(steps.share(r), shares[static_cast<std::size_t>(r)]);
    }
  }
}

}  // namespace
}  // namespace pimento::arch
