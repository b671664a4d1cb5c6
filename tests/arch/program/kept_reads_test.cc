// SPDX-License-Identifier: Apache-2.0
// Programs whose cores pass over reads of zero inputs: what is valid, how they are written down,
// what they count, and how the reads of an image are shared out to its steps.
#include "arch/program/kept_reads.h"

#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
#include "tests/arch/program/sample.h"
#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

// The first core of the sample's first layer: 24 steps of 8 slices, rows 30, columns 40, cells 500.
constexpr KeptReads kSome{.reads = 100,
                          .rows = 2000,
                          .columns = 3999,
                          .shared_columns = 0,
                          .cells = 60001,
                          .tested_bits = 5760};

Program skipping() {
  Program program = sample_program();
  program.stages[0].tiles[0].cores[0].kept = kSome;
  return program;
}

std::string fault(const std::function<void(KeptReads&)>& change) {
  Program program = skipping();
  change(*program.stages[0].tiles[0].cores[0].kept);
  return input_error([&] { program.validate(); });
}

TEST(KeptReads, PartsAreEvenAndAddUp) {
  for (const std::int64_t count : {1, 2, 3, 7, 24, 1000}) {
    for (const std::int64_t total : {0L, 1L, 5L, 23L, 24L, 25L, 999L, 123456789012L}) {
      std::int64_t sum = 0;
      for (std::int64_t number = 0; number < count; ++number) {
        const std::int64_t part = part_of(total, {number, count});
        EXPECT_GE(part, total / count);
        EXPECT_LE(part, (total + count - 1) / count);
        sum += part;
        EXPECT_EQ(sum, (number + 1) * total / count);
      }
      EXPECT_EQ(sum, total);
    }
  }
}

TEST(KeptReads, StepsAddUpToTheImage) {
  const Program program = skipping();
  const Stage& stage = program.stages[0];
  for (const CoreWork& work : stage.tiles[0].cores) {
    KeptReads sum;
    for (std::int64_t step = 0; step < 24; ++step) {
      const KeptReads part = work_of_step(stage, work, {step, 24});
      for (const auto count :
           {&KeptReads::reads, &KeptReads::rows, &KeptReads::columns, &KeptReads::shared_columns,
            &KeptReads::cells, &KeptReads::tested_bits}) {
        sum.*count += part.*count;
      }
    }
    EXPECT_EQ(sum, work_of_image(stage, work, 24));
  }
  EXPECT_EQ(work_of_image(stage, stage.tiles[0].cores[0], 24), kSome);
  EXPECT_EQ(work_of_image(stage, stage.tiles[0].cores[1], 24),
            (KeptReads{192, 1920, 3840, 0, 38400, 0}));
}

// The other cores of the layer have rows 17, columns 40 and cells 340.
TEST(KeptReads, AreWhatIsCounted) {
  const Counts counts = static_counts(skipping(), 0, chip_of(kTinyChip));
  EXPECT_EQ(counts.total(Action::kRowDrive), 24 * 8 * 17 + kSome.rows);
  EXPECT_EQ(counts.total(Action::kInputRegisterBit), 24 * 8 * 17 + kSome.rows);
  EXPECT_EQ(counts.total(Action::kSample), 24 * 8 * 40 + kSome.columns);
  EXPECT_EQ(counts.total(Action::kAdcConversion), 24 * 8 * 40 + kSome.columns);
  EXPECT_EQ(counts.total(Action::kShiftAdd), 24 * 8 * 40 + kSome.columns);
  EXPECT_EQ(counts.total(Action::kCellRead), 24 * 8 * 340 + kSome.cells);
  EXPECT_EQ(counts.total(Action::kInputTestBit), kSome.tested_bits);
  const Counts plain = static_counts(sample_program(), 0, chip_of(kTinyChip));
  for (const Action action : {Action::kInputSum, Action::kOutputRegisterBit, Action::kBusBit,
                              Action::kBufferReadBit, Action::kAccumulate}) {
    EXPECT_EQ(counts.total(action), plain.total(action));
  }
  EXPECT_EQ(plain.total(Action::kInputTestBit), 0);
}

TEST(KeptReads, ComeBackFromText) {
  const Program program = skipping();
  const std::string text = to_text(program);
  const Program again = read_program(ConfigDocument::parse(text, "p.yaml"));
  EXPECT_EQ(again, program);
  EXPECT_EQ(to_text(again), text);
  EXPECT_NE(text.find("input_bits: 100, partial_sums: 5, kept: {reads: 100, rows: 2000, columns: "
                      "3999, cells: 60001, tested_bits: 5760}}\n"),
            std::string::npos);
  Program sharing = program;
  sharing.stages[0].tiles[0].cores[0].shared_columns = 3;
  sharing.stages[0].tiles[0].cores[0].kept->shared_columns = 300;
  EXPECT_EQ(read_program(ConfigDocument::parse(to_text(sharing), "p.yaml")), sharing);
}

TEST(KeptReads, OfTextHaveAllTheirFields) {
  const auto error = [](const std::string& text) {
    return input_error([&] { (void)read_program(ConfigDocument::parse(text, "p.yaml")); });
  };
  const std::string text = to_text(skipping());
  EXPECT_EQ(error(replaced(text, "kept: {reads: 100, ", "kept: {")),
            "p.yaml:20:136: stages.0.tiles.0.cores.0.kept.reads: missing; expected a whole "
            "number from 0 to 1125899906842624");
  EXPECT_EQ(error(replaced(text, "kept: {reads: 100", "kept: {reads: -1")),
            "p.yaml:20:144: stages.0.tiles.0.cores.0.kept.reads: found \"-1\"; expected a whole "
            "number from 0 to 1125899906842624");
}

TEST(KeptReads, AreNoMoreThanThereWere) {
  EXPECT_EQ(fault([](KeptReads&) {}), "nothing thrown");
  EXPECT_EQ(fault([](KeptReads& kept) { kept = {192, 5760, 7680, 0, 96000, 0}; }),
            "nothing thrown");
  EXPECT_EQ(fault([](KeptReads& kept) { kept = {}; }), "nothing thrown");
  EXPECT_EQ(fault([](KeptReads& kept) { kept.reads = 193; }),
            "stage \"conv\": core 0 keeps 193 reads of 192 an image; expected 0 to all of them");
  EXPECT_EQ(fault([](KeptReads& kept) { kept.rows = 5761; }),
            "stage \"conv\": core 0 keeps 5761 rows of 5760 an image; expected 0 to all of them");
  EXPECT_EQ(fault([](KeptReads& kept) { kept.columns = -1; }),
            "stage \"conv\": core 0 keeps -1 columns of 7680 an image; expected 0 to all of them");
  EXPECT_EQ(fault([](KeptReads& kept) { kept.shared_columns = 1; }),
            "stage \"conv\": core 0 keeps 1 shared columns of 0 an image; expected 0 to all of "
            "them");
  EXPECT_EQ(fault([](KeptReads& kept) { kept.cells = 96001; }),
            "stage \"conv\": core 0 keeps 96001 cells of 96000 an image; expected 0 to all of "
            "them");
  const std::string without =
      "stage \"conv\": core 0 keeps rows, columns or cells without reads, or tests fewer than 0 "
      "bits";
  EXPECT_EQ(fault([](KeptReads& kept) { kept.reads = 0; }), without);
  EXPECT_EQ(fault([](KeptReads& kept) { kept.tested_bits = -1; }), without);
  EXPECT_NE(
      fault([](KeptReads& kept) { kept.tested_bits = std::int64_t{1} << 54; }).find("2^53 actions"),
      std::string::npos);
}

}  // namespace
}  // namespace pimento::arch
