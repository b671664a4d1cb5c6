// SPDX-License-Identifier: Apache-2.0
#include "arch/program/static_counts.h"

#include <gtest/gtest.h>

#include "tests/arch/program/sample.h"
#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

Counts expected(const std::vector<std::pair<Action, std::int64_t>>& list) {
  Counts counts;
  for (const auto& [action, n] : list) counts.record(action, n);
  return counts;
}

// 24 pixels of 8 reads; rows 47, columns 80, cells 840, macros 4, loads 206 bits, 13 partial sums
// of 20 bits from the cores for 5 outputs.
TEST(StaticCounts, OfALayerOnSeveralCores) {
  Counts wanted = expected({{Action::kCellRead, 24 * 8 * 840},
                            {Action::kRowDrive, 24 * 8 * 47},
                            {Action::kInputRegisterBit, 24 * 8 * 47},
                            {Action::kSample, 24 * 8 * 80},
                            {Action::kAdcConversion, 24 * 8 * 80},
                            {Action::kShiftAdd, 24 * 8 * 80},
                            {Action::kInputSum, 24 * 8 * 4},
                            {Action::kOutputRegisterBit, 24 * 13 * 20},
                            {Action::kBufferReadBit, 24 * 206},
                            {Action::kBusBit, 24 * 206 + 24 * 13 * 20},
                            {Action::kAccumulate, 24 * (13 - 5)},
                            {Action::kTileRegisterBit, 24 * 5 * 20},
                            {Action::kVectorOp, 24 * 5},
                            {Action::kBufferWriteBit, 24 * 24},
                            {Action::kOffchipBit, 24 * 24}});
  wanted.record(Action::kMac, 1000, 8);
  EXPECT_EQ(static_counts(sample_program(), 0, chip_of(kTinyChip)), wanted);
}

TEST(StaticCounts, OfAStageOfVectorWork) {
  EXPECT_EQ(static_counts(sample_program(), 1, chip_of(kTinyChip)),
            expected({{Action::kPoolOp, 6 * 20},
                      {Action::kBufferReadBit, 6 * 160},
                      {Action::kBusBit, 6 * 160},
                      {Action::kBufferWriteBit, 24 * 40}}));
}

TEST(StaticCounts, TheLastStageLeavesTheChip) {
  const Counts counts = static_counts(sample_program(), 2, chip_of(kTinyChip));
  EXPECT_EQ(counts.total(Action::kOffchipBit), 16);
  EXPECT_EQ(counts.total(Action::kInputSum), 0);
  EXPECT_EQ(counts.total(Action::kAdcConversion), 4 * 16);
  EXPECT_EQ(counts.total(Action::kBufferWriteBit), 6 * 20);
}

TEST(StaticCounts, WiderInputSlicesReadMoreRegisterBitsAtOnce) {
  const Counts counts = static_counts(sample_program(), 0,
                                      chip_of(replaced(kTinyChip, "dac_bits: 1", "dac_bits: 3")));
  EXPECT_EQ(counts.total(Action::kInputRegisterBit), 24 * 8 * 47 * 3);
  EXPECT_EQ(counts.total(Action::kRowDrive), 24 * 8 * 47);
}

TEST(StaticCounts, DigitalReadoutConvertsNothing) {
  std::string text = replaced(kTinyChip, "  columns_per_adc: 16\n", "  readout: digital\n");
  text = replaced(text, "    adc: {kind: fixed, energy: 2 pJ, rate: 1 GHz, source: test}\n",
                  "    {}\n");
  const Counts counts = static_counts(sample_program(), 0, chip_of(text));
  EXPECT_EQ(counts.total(Action::kAdcConversion), 0);
  EXPECT_EQ(counts.total(Action::kShiftAdd), 24 * 8 * 80);
}

// Five pixels by two copies: the first makes three of them. The second reads 10 rows more, and
// brings 2 partial sums more to add.
TEST(StaticCounts, CopiesCountWhatTheyMake) {
  Program program = sample_program();
  Stage& fc = program.stages[2];
  fc.grid = {1, 5};
  fc.tiles.push_back(fc.tiles[0]);
  TileWork& copy = fc.tiles[1];
  copy.replica = 1;
  copy.cores[0].rows = 40;
  copy.cores[0].partial_sums = 6;
  const Counts counts = static_counts(program, 2, chip_of(kTinyChip));
  EXPECT_EQ(counts.total(Action::kRowDrive), 4 * (3 * 30 + 2 * 40));
  EXPECT_EQ(counts.total(Action::kShiftAdd), 4 * 5 * 16);
  EXPECT_EQ(counts.total(Action::kBufferReadBit), 5 * 120);
  EXPECT_EQ(counts.total(Action::kOutputRegisterBit), (3 * 4 + 2 * 6) * 12);
  EXPECT_EQ(counts.total(Action::kAccumulate), 2 * 2);
  EXPECT_EQ(counts.total(Action::kTileRegisterBit), 5 * 4 * 12);
  EXPECT_EQ(counts.total(Action::kVectorOp), 5 * 4);
}

// A 4x6 map by steps of 3x4: four steps, each of the reads, loads and sums of 12 pixels; what
// follows the sums is done for the 24 pixels alone.
TEST(StaticCounts, StepsCountWhatTheyReadAndPixelsWhatIsMade) {
  Program program = sample_program();
  Stage& conv = program.stages[0];
  conv.step = {3, 4};
  for (TileWork& tile : conv.tiles) tile.partial_sums = tile.cores[0].partial_sums = 40;
  ASSERT_NO_THROW(program.validate());
  const Counts counts = static_counts(program, 0, chip_of(kTinyChip));
  EXPECT_EQ(counts.total(Action::kCellRead), 4 * 8 * 840);
  EXPECT_EQ(counts.total(Action::kInputSum), 4 * 8 * 4);
  EXPECT_EQ(counts.total(Action::kBufferReadBit), 4 * 206);
  EXPECT_EQ(counts.total(Action::kOutputRegisterBit), 4 * 85 * 20);
  EXPECT_EQ(counts.total(Action::kAccumulate), 4 * (85 - 60));
  EXPECT_EQ(counts.total(Action::kTileRegisterBit), 24 * 5 * 20);
  EXPECT_EQ(counts.total(Action::kVectorOp), 24 * 5);
  EXPECT_EQ(counts.total(Action::kBufferWriteBit), 24 * 24);
  EXPECT_EQ(counts.total(Action::kMac), 1000);
}

TEST(StaticCounts, EveryReaderOfTheChipsInputIsSentItsOwnBits) {
  Program program = sample_program();
  program.stages[1].inputs.push_back(sample_input(kChipInput, {2, 3}, 7, 1));
  EXPECT_EQ(static_counts(program, 1, chip_of(kTinyChip)).total(Action::kOffchipBit), 6 * 7);
}

}  // namespace
}  // namespace pimento::arch
