// SPDX-License-Identifier: Apache-2.0
#include "mapper/buffers.h"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/arch/program/random_program.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

using arch::Grid;
using arch::kChipInput;
using arch::Program;
using arch::ReadWindow;
using arch::Stage;
using arch::StageInput;

constexpr ReadWindow kPixel{};
constexpr ReadWindow kThreeByThree{false, 3, 3, 1, 1, 1, 1};

struct From {
  int producer = kChipInput;
  ReadWindow window;
};

// A stage of vector work whose input grids follow from its producers.
void add_stage(Program& program, Grid grid, const std::vector<From>& inputs, Grid chip_input) {
  Stage stage;
  stage.name = fmt::format("s{}", program.stages.size());
  stage.grid = grid;
  stage.outputs = 1;
  for (const From& from : inputs) {
    StageInput input;
    input.producer = from.producer;
    input.window = from.window;
    input.grid = from.producer == kChipInput
                     ? chip_input
                     : program.stages[static_cast<std::size_t>(from.producer)].grid;
    input.capacity = 1;
    stage.inputs.push_back(input);
  }
  program.stages.push_back(stage);
}

// Gives a stage macros and steps.
void add_matrix(Stage& stage, Grid step) {
  stage.step = step;
  stage.tiles = {{0, {{0, 1, 1, 1, 1, 1, Bits(1), step.pixels()}}, step.pixels()}};
}

void set_capacities(Program& program, const std::vector<std::vector<std::int64_t>>& capacities) {
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    for (std::size_t i = 0; i < program.stages[s].inputs.size(); ++i) {
      program.stages[s].inputs[i].capacity = capacities[s][i];
    }
  }
}

// Every single capacity lowered by one stops the program.
void expect_each_is_least(Program program) {
  const std::vector<std::vector<std::int64_t>> least = least_capacities(program);
  set_capacities(program, least);
  ASSERT_TRUE(completes(program));
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    for (std::size_t i = 0; i < program.stages[s].inputs.size(); ++i) {
      if (least[s][i] == 1) continue;
      --program.stages[s].inputs[i].capacity;
      EXPECT_FALSE(completes(program)) << "stage " << s << ", input " << i;
      ++program.stages[s].inputs[i].capacity;
    }
  }
}

// Three rows: a window at the right edge needs all of the row below, and its upper row is freed
// only when the next row of windows starts.
TEST(Buffers, ChainOfThreeByThreeWindowsHoldsThreeRows) {
  const Grid map{9, 7};
  Program program;
  add_stage(program, map, {{kChipInput, kThreeByThree}}, map);
  add_stage(program, map, {{0, kThreeByThree}}, map);
  add_stage(program, map, {{1, kThreeByThree}}, map);
  EXPECT_EQ(least_capacities(program), (std::vector<std::vector<std::int64_t>>{{21}, {21}, {21}}));
  expect_each_is_least(program);
}

TEST(Buffers, SinglePixelsNeedOnePlace) {
  const Grid map{3, 4};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  add_stage(program, map, {{0, kPixel}}, map);
  EXPECT_EQ(least_capacities(program), (std::vector<std::vector<std::int64_t>>{{1}, {1}}));
  set_capacities(program, least_capacities(program));
  EXPECT_TRUE(completes(program));
}

TEST(Buffers, AWholeMapIsHeld) {
  const Grid map{5, 4};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  ReadWindow whole;
  whole.whole = true;
  add_stage(program, {1, 1}, {{0, whole}}, map);
  EXPECT_EQ(least_capacities(program), (std::vector<std::vector<std::int64_t>>{{1}, {20}}));
  expect_each_is_least(program);
}

// The first pixel behind two 3x3 windows needs rows 0 and 1 and three pixels of row 2.
TEST(Buffers, AResidualBranchHoldsTheHeadStartOfTwoConvolutions) {
  const Grid map{10, 8};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  add_stage(program, map, {{0, kThreeByThree}}, map);
  add_stage(program, map, {{1, kThreeByThree}}, map);
  add_stage(program, map, {{2, kPixel}, {0, kPixel}}, map);
  EXPECT_EQ(least_capacities(program),
            (std::vector<std::vector<std::int64_t>>{{1}, {24}, {24}, {1, 2 * 8 + 3}}));
  expect_each_is_least(program);
}

// What a stride passes over still has to be made and taken, but takes no place.
TEST(Buffers, PixelsThatNobodyNeedsAreMadeAndDropped) {
  const Grid map{5, 6};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  add_stage(program, {2, 2}, {{0, {false, 1, 1, 2, 2, 0, 0}}}, map);
  EXPECT_EQ(least_capacities(program), (std::vector<std::vector<std::int64_t>>{{1}, {1}}));
  expect_each_is_least(program);
}

TEST(Buffers, EveryOutputOfTheNetworkIsMade) {
  const Grid map{4, 4};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  add_stage(program, map, {{0, kThreeByThree}}, map);
  add_stage(program, map, {{0, kPixel}}, map);
  set_capacities(program, least_capacities(program));
  EXPECT_TRUE(completes(program));
}

TEST(Buffers, SizesAddARowOfWindowsUpToTheMap) {
  const Grid map{9, 7};
  Program program;
  add_stage(program, map, {{kChipInput, kThreeByThree}}, map);
  add_stage(program, {4, 3}, {{0, {false, 3, 3, 2, 2, 0, 0}}}, map);
  ReadWindow whole;
  whole.whole = true;
  add_stage(program, {1, 1}, {{1, whole}}, map);
  const std::vector<std::vector<std::int64_t>> least = least_capacities(program);
  size_buffers(program);
  EXPECT_EQ(program.stages[0].inputs[0].capacity, 21 + 7);
  EXPECT_EQ(program.stages[1].inputs[0].capacity, least[1][0] + 2 * 7);
  EXPECT_EQ(program.stages[2].inputs[0].capacity, 12);
  EXPECT_NO_THROW(check_buffers(program));
}

// Two rows of the reader's map are made at once: the step needs all their pixels there at once, and
// the reader's own places for both rows are kept while the band lasts.
TEST(Buffers, StepsOfTwoRowsHoldTwoRows) {
  const Grid map{6, 8};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  add_stage(program, map, {{0, kPixel}}, map);
  add_stage(program, map, {{1, kPixel}}, map);
  add_matrix(program.stages[1], {2, 2});
  // The last pixel of a step lies a row and a pixel behind its first; the reader of single pixels
  // keeps up with the upper row, and must then have room for the lower one and the step.
  EXPECT_EQ(least_capacities(program), (std::vector<std::vector<std::int64_t>>{{1}, {10}, {10}}));
  expect_each_is_least(program);
}

// Windows of 3x3 for two rows of four: four rows of the input.
TEST(Buffers, StepsWidenTheirWindows) {
  const Grid map{8, 6};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  add_stage(program, map, {{0, kThreeByThree}}, map);
  add_matrix(program.stages[1], {2, 3});
  EXPECT_EQ(least_capacities(program), (std::vector<std::vector<std::int64_t>>{{1}, {24}}));
  expect_each_is_least(program);
}

TEST(Buffers, SizesAddWhatCopiesMakeAtOnce) {
  const Grid map{8, 4};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  add_stage(program, map, {{0, kPixel}}, map);
  add_stage(program, map, {{1, kPixel}}, map);
  add_matrix(program.stages[1], {1, 1});
  for (int replica = 1; replica < 6; ++replica) {
    program.stages[1].tiles.push_back(program.stages[1].tiles[0]);
    program.stages[1].tiles.back().replica = replica;
  }
  EXPECT_EQ(least_capacities(program), (std::vector<std::vector<std::int64_t>>{{1}, {1}, {1}}));
  size_buffers(program);
  EXPECT_EQ(program.stages[0].inputs[0].capacity, 1 + 4);
  EXPECT_EQ(program.stages[1].inputs[0].capacity, 1 + 2 * 4);
  EXPECT_EQ(program.stages[2].inputs[0].capacity, 1 + 2 * 4);
  EXPECT_TRUE(completes(program));
}

// Of six copies that make a map of 32 pixels, 12 are under way: a branch beside them holds these
// too, and one beside two such layers 24. What joins them in single steps is read without delay.
TEST(Buffers, ShorterBranchesHoldWhatCopiesHaveUnderWay) {
  const Grid map{8, 4};
  const auto capacity_of_branch = [&](int copies) {
    Program program;
    add_stage(program, map, {{kChipInput, kPixel}}, map);
    add_stage(program, map, {{0, kPixel}}, map);
    add_stage(program, map, {{1, kPixel}}, map);
    add_stage(program, map, {{2, kPixel}, {1, kPixel}, {0, kPixel}}, map);
    for (std::size_t s = 1; s <= 2; ++s) {
      add_matrix(program.stages[s], {1, 1});
      for (int replica = 1; replica < copies; ++replica) {
        program.stages[s].tiles.push_back(program.stages[s].tiles[0]);
        program.stages[s].tiles.back().replica = replica;
      }
    }
    size_buffers(program);
    EXPECT_TRUE(completes(program));
    std::vector<std::int64_t> result;
    for (const StageInput& input : program.stages[3].inputs) result.push_back(input.capacity);
    return result;
  };
  const std::int64_t row = 4;
  EXPECT_EQ(capacity_of_branch(1), (std::vector<std::int64_t>{1 + row, 1 + row, 1 + row}));
  EXPECT_EQ(capacity_of_branch(2), (std::vector<std::int64_t>{1 + row, 5 + row, 9 + row}));
  EXPECT_EQ(capacity_of_branch(6), (std::vector<std::int64_t>{9, 9 + 12, 5 + 24}));
  EXPECT_EQ(capacity_of_branch(16), (std::vector<std::int64_t>{17, 32, 32}));
}

TEST(Buffers, TooSmallOnesAreNamed) {
  const Grid map{9, 7};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  add_stage(program, map, {{0, kThreeByThree}, {0, kPixel}}, map);
  set_capacities(program, least_capacities(program));
  EXPECT_NO_THROW(check_buffers(program));
  --program.stages[1].inputs[1].capacity;
  EXPECT_EQ(message_of<InputError>([&] { check_buffers(program); }),
            "stage \"s1\": input 1 has a buffer of 8 pixels; it needs at least 9 to finish");
  program.stages[1].inputs[0].capacity = 3;
  EXPECT_EQ(message_of<InputError>([&] { check_buffers(program); }),
            "stage \"s1\": input 0 has a buffer of 3 pixels; it needs at least 21 to finish");
}

TEST(Buffers, ProgramsOfTooManyPixelsAreRefused) {
  const Grid map{1 << 14, 1 << 14};
  Program program;
  add_stage(program, map, {{kChipInput, kPixel}}, map);
  EXPECT_EQ(message_of<InputError>([&] { (void)least_capacities(program); }),
            "stage \"s0\": the program up to here makes more than 134217728 pixels an image; use a "
            "smaller image");
}

// ---- Properties of random programs

class RandomProgram {
 public:
  explicit RandomProgram(std::uint32_t seed) : random_(seed) {
    map_ = {from(2, 7), from(2, 7)};
    add_behind(kChipInput, map_);
  }
  Program chain(int length) {
    while (std::ssize(program_.stages) < length) add_behind(last(), last_grid());
    return program_;
  }
  // Stages behind one or two earlier ones of one grid, so that branches of all lengths meet.
  Program graph(int length) {
    while (std::ssize(program_.stages) < length) {
      const auto a = static_cast<int>(from(0, last()));
      const Grid grid = program_.stages[static_cast<std::size_t>(a)].grid;
      std::vector<int> partners;
      for (int b = 0; b <= last(); ++b) {
        if (program_.stages[static_cast<std::size_t>(b)].grid == grid) partners.push_back(b);
      }
      if (from(0, 2) == 0) {
        const auto b = partners[static_cast<std::size_t>(from(0, std::ssize(partners) - 1))];
        add_stage(program_, grid, {{a, kPixel}, {b, kPixel}}, map_);
      } else {
        add_behind(a, grid);
      }
    }
    return program_;
  }

 private:
  std::int64_t from(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  [[nodiscard]] int last() const { return static_cast<int>(program_.stages.size()) - 1; }
  [[nodiscard]] Grid last_grid() const { return program_.stages.back().grid; }
  void add_behind(int producer, Grid grid) {
    ReadWindow w;
    Grid made;
    do {
      w = from(0, 1) == 0 ? kThreeByThree
                          : ReadWindow{false,      from(1, 3), from(1, 3), from(1, 2),
                                       from(1, 2), from(0, 2), from(0, 2)};
      made.height = (grid.height + w.pad_top + from(0, 1) - w.span_height) / w.stride_height + 1;
      made.width = (grid.width + w.pad_left + from(0, 1) - w.span_width) / w.stride_width + 1;
      if (w == kThreeByThree) made = grid;
    } while (made.height < 1 || made.width < 1);
    add_stage(program_, made, {{producer, w}}, map_);
  }

  std::mt19937 random_;
  Grid map_;
  Program program_;
};

TEST(BuffersProperty, ProgramsCompleteWithTheirLeastCapacities) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    Program program = RandomProgram(seed).graph(2 + static_cast<int>(seed % 9));
    set_capacities(program, least_capacities(program));
    ASSERT_TRUE(completes(program));
    size_buffers(program);
    ASSERT_TRUE(completes(program));
  }
}

TEST(BuffersProperty, NoCapacityOfAChainCanBeSmaller) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    expect_each_is_least(RandomProgram(seed).chain(1 + static_cast<int>(seed % 6)));
    if (HasFailure()) return;
  }
}

TEST(BuffersProperty, ProgramsWithStepsAndCopiesCompleteWithTheirLeastCapacities) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    Program program = arch::RandomProgram(seed).graph(2 + static_cast<int>(seed % 9));
    set_capacities(program, least_capacities(program));
    ASSERT_TRUE(completes(program));
    ASSERT_NO_THROW(check_buffers(program));
    ASSERT_NO_THROW(program.validate());
    size_buffers(program);
    ASSERT_TRUE(completes(program));
  }
}

TEST(BuffersProperty, NoCapacityOfAChainWithStepsCanBeSmaller) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    expect_each_is_least(arch::RandomProgram(seed).chain(1 + static_cast<int>(seed % 6)));
    if (HasFailure()) return;
  }
}

// A branch straight from the fork to the join waits for any chain beside it.
TEST(BuffersProperty, NoCapacityOfAStraightBranchCanBeSmaller) {
  std::mt19937 random(5);
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    const auto from = [&](int low, int high) {
      return std::int64_t{std::uniform_int_distribution<int>(low, high)(random)};
    };
    const Grid map{from(1, 8), from(1, 8)};
    Program program;
    add_stage(program, map, {{kChipInput, kPixel}}, map);
    const std::int64_t length = from(1, 4);
    for (int s = 0; s < length; ++s) {
      const std::int64_t reach = from(0, 2);
      const std::int64_t span = 2 * reach + 1;
      add_stage(program, map, {{s, {false, span, span, 1, 1, reach, reach}}}, map);
    }
    const auto end = static_cast<int>(length);
    if (from(0, 1) == 0) {
      add_stage(program, map, {{end, kPixel}, {0, kPixel}}, map);
    } else {
      add_stage(program, map, {{0, kPixel}, {end, kPixel}}, map);
    }
    expect_each_is_least(program);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace pimento::mapper
