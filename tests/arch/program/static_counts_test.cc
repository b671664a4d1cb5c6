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

TEST(StaticCounts, EveryReaderOfTheChipsInputIsSentItsOwnBits) {
  Program program = sample_program();
  program.stages[1].inputs.push_back(sample_input(kChipInput, {2, 3}, 7, 1));
  EXPECT_EQ(static_counts(program, 1, chip_of(kTinyChip)).total(Action::kOffchipBit), 6 * 7);
}

}  // namespace
}  // namespace pimento::arch
