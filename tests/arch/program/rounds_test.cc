// SPDX-License-Identifier: Apache-2.0
// Rounds and writes of programs: what is valid, how they are written down, what they count.
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
#include "tests/arch/program/sample.h"
#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

// The pooling stage and the last layer come after the first layer's arrays are written anew.
Program in_rounds() {
  Program program = sample_program();
  program.stages[1].round = 1;
  program.stages[2].round = 1;
  program.writes = {{0, 1, 0, 2, 3, 4}, {1, 0, 1, 30, 100, 90}, {1, 2, 5, 1, 0, 1}};
  return program;
}

std::string fault(const std::function<void(Program&)>& change) {
  Program program = in_rounds();
  change(program);
  return input_error([&] { program.validate(); });
}

Program read(const std::string& text) {
  return read_program(ConfigDocument::parse(text, "p.yaml"));
}

TEST(ProgramRounds, AreCounted) {
  EXPECT_EQ(sample_program().rounds(), 1);
  EXPECT_EQ(in_rounds().rounds(), 2);
  EXPECT_EQ(fault([](Program&) {}), "nothing thrown");
}

TEST(ProgramRounds, FollowEachOtherWithoutGaps) {
  EXPECT_EQ(fault([](Program& p) { p.stages[0].round = -1; }),
            "stage \"conv\": a round below zero");
  EXPECT_EQ(fault([](Program& p) { p.stages[2].round = 3; }),
            "no stage is of round 2, and one is of round 3; expected rounds from 0 without gaps");
  EXPECT_EQ(fault([](Program& p) { p.stages[0].round = 1; }),
            "no stage is of round 0, and one is of round 1; expected rounds from 0 without gaps");
}

TEST(ProgramRounds, NobodyReadsWhatComesLater) {
  EXPECT_EQ(fault([](Program& p) { p.stages[2].round = 0; }),
            "stage \"fc\": of round 0 reads \"pool\", which round 1 makes; expected one of the "
            "same round or of an earlier one");
}

TEST(ProgramRounds, WritesAreOfCoresAndRoundsThatAreThere) {
  EXPECT_EQ(fault([](Program& p) { p.writes[1].round = 2; }),
            "the writing of core 1 of tile 0 for round 2: the program has 2 rounds");
  EXPECT_EQ(fault([](Program& p) { p.writes[1].tile = 3; }),
            "the writing of core 1 of tile 3 for round 1: the chip has 3 tiles");
  EXPECT_EQ(fault([](Program& p) { p.writes[2] = p.writes[1]; }),
            "the writing of core 1 of tile 0 for round 1: listed twice");
  EXPECT_EQ(fault([](Program& p) { p.writes[1].row_writes = 0; }),
            "the writing of core 1 of tile 0 for round 1: 0 rows for 100 cells set and 90 reset; "
            "expected at least one row, a cell a row, and less than 2^53 cells in all");
  EXPECT_EQ(fault([](Program& p) { p.writes[1].row_writes = 190; }), "nothing thrown");
  EXPECT_NE(fault([](Program& p) { p.writes[1].row_writes = 191; }), "nothing thrown");
}

// The first stage works on a core of tile 0 and one of tile 1 in round 0.
TEST(ProgramRounds, NothingIsWrittenAheadUnderAStageThatWorks) {
  const CoreWork used = in_rounds().stages[0].tiles[0].cores[0];
  const auto written = [&](Program& p, int core, bool ahead) {
    p.writes = {{1, p.stages[0].tiles[0].tile, core, 1, 1, 1}};
    p.writes_ahead = ahead;
  };
  EXPECT_EQ(fault([&](Program& p) { written(p, used.core, false); }), "nothing thrown");
  EXPECT_EQ(fault([&](Program& p) { written(p, 9, true); }), "nothing thrown");
  EXPECT_EQ(fault([&](Program& p) { written(p, used.core, true); }),
            fmt::format("the writing of core {} of tile {} for round 1: stage \"conv\" of round 0 "
                        "works on it; with writes_ahead a core is written while the round before "
                        "works",
                        used.core, in_rounds().stages[0].tiles[0].tile));
}

TEST(ProgramRounds, WritingAheadIsPartOfTheText) {
  Program program = in_rounds();
  EXPECT_EQ(to_text(program).find("writes_ahead"), std::string::npos);
  program.writes = {{1, 2, 5, 1, 0, 1}};
  program.writes_ahead = true;
  const std::string text = to_text(program);
  EXPECT_NE(text.find("\nwrites_ahead: true\nwrites:\n"), std::string::npos);
  EXPECT_EQ(read(text), program);
  EXPECT_NE(input_error([&] {
              (void)read(replaced(text, "writes_ahead: true", "writes_ahead: 2"));
            }).find("writes_ahead: found \"2\"; expected true or false"),
            std::string::npos);
}

TEST(ProgramRounds, ComeBackFromText) {
  const std::string text = to_text(in_rounds());
  EXPECT_EQ(read(text), in_rounds());
  EXPECT_EQ(to_text(read(text)), text);
  EXPECT_NE(text.find("    grid: [2, 3]\n    round: 1\n    pixel_bits: 40\n"), std::string::npos);
  EXPECT_NE(text.find("writes:\n"
                      "  - {round: 0, tile: 1, core: 0, row_writes: 2, cells_set: 3, "
                      "cells_reset: 4}\n"
                      "  - {round: 1, tile: 0, core: 1, row_writes: 30, cells_set: 100, "
                      "cells_reset: 90}\n"),
            std::string::npos);
}

TEST(ProgramRounds, MistakesInTextAreNamed) {
  const std::string text = to_text(in_rounds());
  const auto error = [&](const std::string& from, const std::string& to) {
    return input_error([&] { (void)read(replaced(text, from, to)); });
  };
  EXPECT_EQ(error("row_writes: 30, ", ""),
            "p.yaml:64:5: writes.1.row_writes: missing; expected a whole number from 1 to "
            "1125899906842624");
  EXPECT_EQ(error("cells_set: 100", "cells_set: -1"),
            "p.yaml:64:61: writes.1.cells_set: found \"-1\"; expected a whole number from 0 to "
            "1125899906842624");
}

// The map of the first layer leaves the chip, 24 pixels of 40 bits, and comes in again.
TEST(ProgramRounds, MapsBetweenThemLeaveTheChip) {
  const ChipSpec chip = chip_of(kTinyChip);
  const Program program = in_rounds();
  EXPECT_EQ(static_counts(program, 0, chip).total(Action::kOffchipBit), 24 * 24 + 24 * 40);
  EXPECT_EQ(static_counts(program, 1, chip).total(Action::kOffchipBit), 24 * 40);
  EXPECT_EQ(static_counts(program, 2, chip).total(Action::kOffchipBit), 16);
}

TEST(ProgramRounds, WritesBelongToTheFirstStageOfARound) {
  Counts first;
  first.record(Action::kCellSet, 3);
  first.record(Action::kCellReset, 4);
  Counts second;
  second.record(Action::kCellSet, 100);
  second.record(Action::kCellReset, 91);
  EXPECT_EQ(write_counts(in_rounds(), 0), first);
  EXPECT_EQ(write_counts(in_rounds(), 1), second);
  EXPECT_EQ(write_counts(in_rounds(), 2), Counts{});
}

}  // namespace
}  // namespace pimento::arch
