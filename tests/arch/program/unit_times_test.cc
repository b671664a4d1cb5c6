// SPDX-License-Identifier: Apache-2.0
#include "arch/program/unit_times.h"

#include <gtest/gtest.h>

#include "tests/arch/program/sample.h"
#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

// Reads of 100 ns, and a ns for every word, operation and flit.
ChipSpec chip_with_every_unit() {
  const std::string unit = "{kind: fixed, energy: 1 pJ, rate: 1 GHz, source: test}";
  const std::string wires = "{kind: fixed, energy: 1 pJ, rate: 1 GHz, source: test, width: ";
  const std::string tile = "tile:\n  cores: 3\n";
  const std::string chip = "  hop_time: 1 ns\n";
  const std::string text =
      replaced(replaced(kTinyChip, tile,
                        tile + "  components:\n    bus: " + wires + "8 b}\n    router: " + wires +
                            "4 b}\n    shift_add: " + unit + "\n    vector_unit: " + unit +
                            "\n    pooling_unit: " + unit + "\n"),
               chip, chip + "  components:\n    io_link: " + wires + "8 b}\n");
  return chip_of(text);
}

double nanoseconds(const UnitTimes& times, const Unit& unit) {
  const auto it = times.find(unit);
  return it == times.end() ? 0.0 : it->second.value() * 1e9;
}

UnitTimes times_of(int stage) {
  const Program program = sample_program();
  const ChipSpec chip = chip_with_every_unit();
  return unit_times(program, stage, Timing(chip, program.tiles));
}

// 24 steps. Tile 1 is the home: it takes in 150 bits, and 10 sums of 20 bits leave its cores for 5
// outputs; 3 sums come from tile 2 for a pixel that has 5.
TEST(UnitTimes, OfALayerOnTwoTiles) {
  const UnitTimes times = times_of(0);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kMacros, 1, 0, 0}), 24 * 8 * 100);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kMacros, 1, 2, 0}), 24 * 8 * 100);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kMacros, 2, 0, 0}), 24 * 8 * 100);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kBus, 1}), 24 * (19 + 25));
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kBus, 2}), 24 * (7 + 8));
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kShiftAdd, 1}), 24 * (5 + 3));
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kPort, 2}), 24 * 15);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kVectorUnit, 1}), 24 * 5);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kLinkIn}), 24 * 3);
  EXPECT_EQ(times.size(), 9U);
}

// Its reader takes in 6 pixels of 20 bits, over the port of tile 1.
TEST(UnitTimes, OfVectorWorkAndItsReader) {
  const UnitTimes pool = times_of(1);
  EXPECT_DOUBLE_EQ(nanoseconds(pool, {UnitKind::kBus, 1}), 6 * 20);
  EXPECT_DOUBLE_EQ(nanoseconds(pool, {UnitKind::kPoolingUnit, 1}), 6 * 20);
  EXPECT_EQ(pool.size(), 2U);
  const UnitTimes fc = times_of(2);
  EXPECT_DOUBLE_EQ(nanoseconds(fc, {UnitKind::kPort, 1}), 6 * 5);
  EXPECT_DOUBLE_EQ(nanoseconds(fc, {UnitKind::kMacros, 0, 1, 0}), 4 * 100);
  EXPECT_DOUBLE_EQ(nanoseconds(fc, {UnitKind::kBus, 0}), 15 + 6);
  EXPECT_DOUBLE_EQ(nanoseconds(fc, {UnitKind::kVectorUnit, 0}), 4);
  EXPECT_DOUBLE_EQ(nanoseconds(fc, {UnitKind::kLinkOut}), 2);
  EXPECT_EQ(fc.size(), 5U);
}

// Of 24 steps the first of five copies makes 5, the last 4; all sums meet at home.
TEST(UnitTimes, CopiesShareTheSteps) {
  Program program = sample_program();
  Stage& conv = program.stages[0];
  conv.tiles.pop_back();
  conv.tiles[0].tile = 0;
  for (int replica = 1; replica < 5; ++replica) {
    conv.tiles.push_back(conv.tiles[0]);
    conv.tiles.back().replica = replica;
    if (replica == 4) conv.tiles.back().tile = 2;
  }
  const ChipSpec chip = chip_with_every_unit();
  const Timing timing(chip, program.tiles);
  const UnitTimes times = unit_times(program, 0, timing);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kMacros, 0, 0, 0}), 20 * 8 * 100);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kMacros, 2, 0, 0}), 4 * 8 * 100);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kPort, 2}), 4 * 25);
  EXPECT_DOUBLE_EQ(nanoseconds(times, {UnitKind::kVectorUnit, 1}), 24 * 5);
  EXPECT_DOUBLE_EQ(step_time(conv, 4, timing).value(), 8 * 100e-9);
}

TEST(UnitTimes, AStepTakesAsLongAsItsBusIfThatIsLonger) {
  Program program = sample_program();
  program.stages[0].tiles[0].cores[0].input_bits = Bits(80000);
  const ChipSpec chip = chip_with_every_unit();
  const Timing timing(chip, program.tiles);
  EXPECT_DOUBLE_EQ(step_time(program.stages[0], 0, timing).value(), (10007 + 25) * 1e-9);
}

TEST(Pacemaker, IsTheBusiestUnitOfAllStages) {
  Program program = sample_program();
  const ChipSpec chip = chip_with_every_unit();
  Pacemaker found = pacemaker(program, chip);
  EXPECT_EQ(found.unit, (Unit{UnitKind::kMacros, 1, 0, 0}));
  EXPECT_DOUBLE_EQ(found.interval.value(), 19200e-9);
  // The bus of tile 1 serves both.
  program.stages[0].tiles[0].cores[0].input_bits = Bits(6400);
  program.stages[1].inputs[0].pixel_bits = Bits(800);
  found = pacemaker(program, chip);
  EXPECT_EQ(found.unit, (Unit{UnitKind::kBus, 1}));
  EXPECT_DOUBLE_EQ(found.interval.value(), (24 * (807 + 25) + 6 * 400) * 1e-9);
}

TEST(Pacemaker, RoundsFollowEachOther) {
  Program program = sample_program();
  program.stages[2].round = 1;
  const Pacemaker found = pacemaker(program, chip_with_every_unit());
  EXPECT_EQ(found.unit, (Unit{UnitKind::kMacros, 1, 0, 0}));
  EXPECT_DOUBLE_EQ(found.interval.value(), (19200 + 400) * 1e-9);
}

TEST(Unit, HasAName) {
  EXPECT_EQ((Unit{UnitKind::kMacros, 1, 2, 0}.text()), "the macros of tile 1, core 2");
  EXPECT_EQ((Unit{UnitKind::kShiftAdd, 3}.text()), "the shift-add of tile 3");
  EXPECT_EQ((Unit{UnitKind::kPort, 3}.text()), "the router port of tile 3");
  EXPECT_EQ(Unit{UnitKind::kLinkIn}.text(), "the link for inputs");
}

}  // namespace
}  // namespace pimento::arch
