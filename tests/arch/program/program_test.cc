// SPDX-License-Identifier: Apache-2.0
#include "arch/program/program.h"

#include <functional>

#include <gtest/gtest.h>

#include "tests/arch/program/sample.h"
#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

// What validate() says of the sample after a change.
std::string fault(const std::function<void(Program&)>& change) {
  Program program = sample_program();
  change(program);
  return input_error([&] { program.validate(); });
}

TEST(Program, TheSampleIsValid) {
  EXPECT_EQ(fault([](Program&) {}), "nothing thrown");
}

TEST(Program, SumsOfItsParts) {
  const Program program = sample_program();
  const Stage& conv = program.stages[0];
  EXPECT_EQ(conv.tiles[0].input_bits(), Bits(150));
  EXPECT_EQ(conv.tiles[0].core_sums(), 10);
  EXPECT_EQ(conv.home_additions(), 3);
  EXPECT_EQ(conv.window_bits(), Bits(9 * 24));
  EXPECT_EQ(program.stages[1].home_additions(), 0);
  EXPECT_EQ(program.stages[1].window_bits(), Bits(4 * 40));
  EXPECT_EQ(program.stages[2].window_bits(), Bits(6 * 20));
}

TEST(Program, NeedsAStage) {
  EXPECT_EQ(fault([](Program& p) { p.stages.clear(); }), "the program has no stage");
}

TEST(Program, NeedsPixelsAndInputs) {
  const std::string what = "stage \"pool\": makes no pixels, or has no input";
  EXPECT_EQ(fault([](Program& p) { p.stages[1].grid.height = 0; }), what);
  EXPECT_EQ(fault([](Program& p) { p.stages[1].grid.width = 0; }), what);
  EXPECT_EQ(fault([](Program& p) { p.stages[1].inputs.clear(); }), what);
}

TEST(Program, TakesAFewInputsAlone) {
  EXPECT_EQ(fault([](Program& p) { p.stages[1].inputs.resize(513, p.stages[1].inputs[0]); }),
            "stage \"pool\": 513 inputs; expected 1 to 512");
  EXPECT_EQ(fault([](Program& p) { p.stages[1].inputs.resize(512, p.stages[1].inputs[0]); }),
            "nothing thrown");
}

TEST(Program, HomesAreOnTheChip) {
  EXPECT_EQ(fault([](Program& p) { p.stages[0].home_tile = 3; }),
            "stage \"conv\": its home is tile 3; the chip has 3");
  EXPECT_EQ(fault([](Program& p) { p.stages[0].home_tile = -1; }),
            "stage \"conv\": its home is tile -1; the chip has 3");
}

TEST(Program, ProducersComeFirst) {
  EXPECT_EQ(fault([](Program& p) { p.stages[1].inputs[0].producer = 1; }),
            "stage \"pool\": input from stage 1; expected an earlier stage, or -1 for the chip's "
            "input");
  EXPECT_EQ(fault([](Program& p) { p.stages[1].inputs[0].producer = -2; }),
            "stage \"pool\": input from stage -2; expected an earlier stage, or -1 for the chip's "
            "input");
}

TEST(Program, GridsOfProducerAndReaderAgree) {
  EXPECT_EQ(fault([](Program& p) { p.stages[1].inputs[0].grid = {6, 4}; }),
            "stage \"pool\": reads a 6x4 map; \"conv\" makes 4x6");
}

TEST(Program, WindowsHaveASize) {
  const std::string what = "stage \"conv\": a window or a map of no size";
  const auto broken = [](auto member, std::int64_t value) {
    return fault([=](Program& p) { p.stages[0].inputs[0].window.*member = value; });
  };
  EXPECT_EQ(broken(&ReadWindow::span_height, 0), what);
  EXPECT_EQ(broken(&ReadWindow::span_width, 0), what);
  EXPECT_EQ(broken(&ReadWindow::stride_height, 0), what);
  EXPECT_EQ(broken(&ReadWindow::stride_width, -1), what);
  EXPECT_EQ(broken(&ReadWindow::pad_top, -1), what);
  EXPECT_EQ(broken(&ReadWindow::pad_left, -1), what);
  EXPECT_EQ(fault([](Program& p) { p.stages[0].inputs[0].grid.height = 0; }), what);
  EXPECT_EQ(fault([](Program& p) { p.stages[2].inputs[0].window.span_width = 0; }),
            "nothing thrown");
}

TEST(Program, BuffersHoldAPixelAndAtMostTheMap) {
  EXPECT_EQ(fault([](Program& p) { p.stages[0].inputs[0].capacity = 0; }),
            "stage \"conv\": an input buffer of 0 pixels; expected 1 to 24 (the whole map)");
  EXPECT_EQ(fault([](Program& p) { p.stages[0].inputs[0].capacity = 25; }),
            "stage \"conv\": an input buffer of 25 pixels; expected 1 to 24 (the whole map)");
  EXPECT_EQ(fault([](Program& p) { p.stages[0].inputs[0].capacity = 24; }), "nothing thrown");
}

TEST(Program, TilesAreOnTheChipAndWork) {
  EXPECT_EQ(fault([](Program& p) { p.stages[0].tiles[1].tile = 3; }),
            "stage \"conv\": tile 3 has no work, or is not on the chip of 3 tiles");
  EXPECT_EQ(fault([](Program& p) { p.stages[0].tiles[1].tile = -1; }),
            "stage \"conv\": tile -1 has no work, or is not on the chip of 3 tiles");
  EXPECT_EQ(fault([](Program& p) { p.stages[0].tiles[1].cores.clear(); }),
            "stage \"conv\": tile 2 has no work, or is not on the chip of 3 tiles");
  EXPECT_EQ(fault([](Program& p) { p.stages[0].tiles[1].partial_sums = 0; }),
            "stage \"conv\": tile 2 has no work, or is not on the chip of 3 tiles");
}

TEST(Program, CoresWork) {
  const std::string what = "stage \"conv\": core 2 of tile 1 has no work";
  const auto broken = [](auto member) {
    return fault([=](Program& p) { p.stages[0].tiles[0].cores[1].*member = 0; });
  };
  EXPECT_EQ(broken(&CoreWork::macros), what);
  EXPECT_EQ(broken(&CoreWork::rows), what);
  EXPECT_EQ(broken(&CoreWork::columns), what);
  EXPECT_EQ(broken(&CoreWork::max_columns), what);
  EXPECT_EQ(broken(&CoreWork::partial_sums), what);
  EXPECT_EQ(fault([](Program& p) { p.stages[0].tiles[0].cores[1].core = -1; }),
            "stage \"conv\": core -1 of tile 1 has no work");
}

TEST(Program, TilesAndCoresAreListedOnce) {
  EXPECT_EQ(fault([](Program& p) { p.stages[0].tiles[1].tile = 1; }),
            "stage \"conv\": tile 1 is listed twice");
  EXPECT_EQ(fault([](Program& p) { p.stages[0].tiles[0].cores[1].core = 0; }),
            "stage \"conv\": core 0 of tile 1 is listed twice");
}

TEST(Program, MatrixWorkHasInputSlices) {
  EXPECT_EQ(fault([](Program& p) { p.stages[2].input_slices = 0; }),
            "stage \"fc\": no input slices");
}

TEST(Program, PartialSumsOnlyGrowFewer) {
  EXPECT_EQ(fault([](Program& p) { p.stages[0].tiles[1].partial_sums = 4; }),
            "stage \"conv\": 4 partial sums leave tile 2, whose cores make 3");
  EXPECT_EQ(fault([](Program& p) { p.stages[2].outputs = 5; }),
            "stage \"fc\": 4 partial sums leave its tiles for 5 outputs a pixel");
}

TEST(Program, LanesOfACoreAreListedOnceEach) {
  const auto twice = [](int first, int second) {
    return fault([=](Program& p) {
      CoreWork& work = p.stages[0].tiles[0].cores[1];
      work.core = 0;
      p.stages[0].tiles[0].cores[0].lane = first;
      work.lane = second;
    });
  };
  EXPECT_EQ(twice(0, 1), "nothing thrown");
  EXPECT_EQ(twice(1, 1), "stage \"conv\": lane 1 of core 0 of tile 1 is listed twice");
  EXPECT_EQ(twice(0, -1), "stage \"conv\": lane -1 of core 0 of tile 1 has no work");
}

// Adds a second copy of the last stage, whose map is made large enough for `pixels` pixels.
void copy_fc(Program& program, std::int64_t pixels) {
  Stage& fc = program.stages[2];
  fc.grid = {1, pixels};
  fc.tiles.push_back(fc.tiles.front());
  fc.tiles.back().replica = 1;
}

TEST(Program, CopiesMayLieOnOneTile) {
  EXPECT_EQ(fault([](Program& p) { copy_fc(p, 2); }), "nothing thrown");
  EXPECT_EQ(fault([](Program& p) {
              copy_fc(p, 2);
              p.stages[2].tiles.push_back(p.stages[2].tiles.back());
            }),
            "stage \"fc\": tile 0 is listed twice in replica 1");
}

TEST(Program, CopiesAreNumberedWithoutGaps) {
  EXPECT_EQ(fault([](Program& p) {
              copy_fc(p, 4);
              p.stages[2].tiles.back().replica = 3;
            }),
            "stage \"fc\": replica 3 and no replica 1; expected numbers from 0 without gaps");
  EXPECT_EQ(fault([](Program& p) {
              copy_fc(p, 4);
              p.stages[2].tiles.front().replica = -1;
            }),
            "stage \"fc\": replica -1 and no replica 0; expected numbers from 0 without gaps");
}

TEST(Program, EveryCopyHasAStep) {
  EXPECT_EQ(fault([](Program& p) { copy_fc(p, 1); }),
            "stage \"fc\": 2 replicas for 1 steps an image; expected at most one for each");
  EXPECT_EQ(fault([](Program& p) {
              copy_fc(p, 2);
              p.stages[2].step = {1, 2};
              for (TileWork& tile : p.stages[2].tiles) {
                tile.partial_sums = tile.cores[0].partial_sums = 8;
              }
            }),
            "stage \"fc\": 2 replicas for 1 steps an image; expected at most one for each");
}

TEST(Program, EveryCopyMakesAllOutputs) {
  EXPECT_EQ(fault([](Program& p) {
              copy_fc(p, 2);
              TileWork& tile = p.stages[2].tiles.back();
              tile.partial_sums = tile.cores[0].partial_sums = 3;
            }),
            "stage \"fc\": 3 partial sums leave its tiles for 4 outputs a pixel in replica 1");
}

TEST(Program, StepsLieWithinTheMap) {
  const auto step = [](std::size_t stage, Grid size) {
    return fault([=](Program& p) { p.stages[stage].step = size; });
  };
  EXPECT_EQ(step(0, {0, 1}),
            "stage \"conv\": a step of 0x1 pixels; expected 1x1 to 4x6 (the whole map)");
  EXPECT_EQ(step(0, {5, 1}),
            "stage \"conv\": a step of 5x1 pixels; expected 1x1 to 4x6 (the whole map)");
  EXPECT_EQ(step(0, {1, 7}),
            "stage \"conv\": a step of 1x7 pixels; expected 1x1 to 4x6 (the whole map)");
  EXPECT_EQ(step(1, {1, 2}),
            "stage \"pool\": a step of 1x2 pixels without macros; vector work takes 1x1");
}

// Eight sums leave the tiles of "conv" for its five outputs.
TEST(Program, StepsMakeTheOutputsOfAllTheirPixels) {
  EXPECT_EQ(fault([](Program& p) { p.stages[0].step = {2, 1}; }),
            "stage \"conv\": 8 partial sums leave its tiles for 5 outputs a pixel and 2 pixels a "
            "step");
  EXPECT_EQ(fault([](Program& p) {
              p.stages[0].step = {2, 1};
              p.stages[0].outputs = 4;
            }),
            "nothing thrown");
}

TEST(Program, SumsOfCopiesAndSteps) {
  Program program = sample_program();
  EXPECT_EQ(program.stages[1].replicas(), 1);
  copy_fc(program, 4);
  Stage& fc = program.stages[2];
  fc.tiles.back().partial_sums = 9;
  EXPECT_EQ(fc.replicas(), 2);
  EXPECT_EQ(fc.home_additions(0), 0);
  EXPECT_EQ(fc.home_additions(1), 5);
  fc.step = {1, 2};
  EXPECT_EQ(fc.step_outputs(), 8);
  EXPECT_EQ(fc.home_additions(1), 1);
}

TEST(Program, RefusesCountsThatAreNotExact) {
  const auto beyond = [](const char* stage) {
    return std::string("stage \"") + stage +
           "\": the program up to here counts more than 2^53 actions an image, which is more than "
           "can be counted exactly; make it smaller";
  };
  constexpr std::int64_t kHuge = std::int64_t{1} << 50;
  EXPECT_EQ(fault([](Program& p) { p.stages[0].grid = {kHuge, kHuge}; }), beyond("conv"));
  EXPECT_EQ(fault([](Program& p) { p.stages[0].inputs[0].grid = {kHuge, kHuge}; }), beyond("conv"));
  EXPECT_EQ(fault([](Program& p) { p.stages[0].inputs[0].window.stride_height = kHuge; }),
            beyond("conv"));
  EXPECT_EQ(fault([](Program& p) { p.stages[1].inputs[0].window.span_width = kHuge; }),
            beyond("pool"));
  EXPECT_EQ(fault([](Program& p) { p.stages[2].tiles[0].cores[0].cells = kHuge * 2; }),
            beyond("fc"));
  EXPECT_EQ(fault([](Program& p) { p.stages[2].outputs = kHuge; }), beyond("fc"));
  EXPECT_EQ(fault([](Program& p) { p.stages[2].macs = kHuge * 16; }), beyond("fc"));
  EXPECT_EQ(fault([](Program& p) {
              p.stages[2].grid = {kHuge, 1};
              p.stages[2].step = {kHuge, 1};
            }),
            beyond("fc"));
}

}  // namespace
}  // namespace pimento::arch
