// SPDX-License-Identifier: Apache-2.0
// Closed forms against every cell and every read, one by one.
#include "sim/exact/array_activity.h"

#include <string>

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/mapper/support.h"
#include "tests/sim/exact/activity_example.h"

namespace pimento::exact {
namespace {

// Operation units, and offset inputs beside a DAC of one bit.
std::string more(arch::Encoding encoding, std::uint32_t seed) {
  if (seed % 4 == 1) return "signed_inputs: offset, ";
  const bool flips = encoding == arch::Encoding::kOffsetFlipped;
  return seed % 4 == 3 && !flips ? "operation_unit: {rows: 5, columns: 3}, " : "";
}

// Every encoding x cell bits x DAC bits x drive, groups, signed inputs, several row tiles.
TEST(ArrayActivity, EqualsTheSumOverEveryCellAndRead) {
  std::uint32_t seed = 0;
  int off = 0;
  for (const auto encoding :
       {arch::Encoding::kTwosComplement, arch::Encoding::kOffset, arch::Encoding::kOffsetFlipped,
        arch::Encoding::kDifferential, arch::Encoding::kSignMagnitude,
        arch::Encoding::kCenterOffset, arch::Encoding::kCsd}) {
    for (const int cell_bits : {1, 2, 3, 8}) {
      for (const int dac_bits : {1, 2, 3, 8}) {
        for (const auto drive : {arch::Drive::kVoltage, arch::Drive::kPulse}) {
          ++seed;
          const ActivityExample example({.rows = seed % 3 == 0 ? 7 : 32,
                                         .columns = 10 + static_cast<int>(seed % 13),
                                         .cell_bits = cell_bits,
                                         .dac_bits = dac_bits,
                                         .encoding = encoding,
                                         .more = more(encoding, seed)},
                                        drive, 1 + static_cast<int>(seed % 9),
                                        {1 + static_cast<int>(seed % 8), seed % 2 == 0},
                                        1 + static_cast<int>(seed % 3), seed);
          const ArrayActivity found = example.closed_form();
          const ArrayActivity expected = example.brute_force();
          ASSERT_EQ(found.level_reads, expected.level_reads) << "seed " << seed;
          ASSERT_EQ(found.drive_reads, expected.drive_reads) << "seed " << seed;
          ASSERT_EQ(found.cell_reads, expected.cell_reads) << "seed " << seed;
          ASSERT_EQ(found.row_drives, expected.row_drives) << "seed " << seed;
          ASSERT_EQ(found.driven_rows, expected.driven_rows) << "seed " << seed;
          ASSERT_EQ(found.vectors, expected.vectors);
          const auto exact = double(found.level_reads);
          off += std::abs(found.independent_level_reads - exact) > 0.01 * exact ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(off, 100);  // of 224: what is correlated is not what independence says
}

void expect_same(const ArrayActivity& found, const ArrayActivity& expected) {
  EXPECT_EQ(found.level_reads, expected.level_reads);
  EXPECT_EQ(found.drive_reads, expected.drive_reads);
  EXPECT_EQ(found.cell_reads, expected.cell_reads);
  EXPECT_EQ(found.row_drives, expected.row_drives);
  EXPECT_EQ(found.driven_rows, expected.driven_rows);
  EXPECT_EQ(found.vectors, expected.vectors);
}

// Every other way to lay out a matrix.
TEST(ArrayActivity, EqualsTheSumOverWindowsListsAndPlanes) {
  int with_copies = 0;
  int listed = 0;
  for (const auto encoding :
       {arch::Encoding::kTwosComplement, arch::Encoding::kOffset, arch::Encoding::kOffsetFlipped,
        arch::Encoding::kDifferential, arch::Encoding::kSignMagnitude,
        arch::Encoding::kCenterOffset, arch::Encoding::kCsd}) {
    for (const Form form :
         {Form::kWindows, Form::kGaps, Form::kListed, Form::kShared, Form::kPlanes}) {
      // Of a center that few planes can be away from, nothing is known.
      if (form == Form::kPlanes && encoding == arch::Encoding::kCenterOffset) continue;
      for (std::uint32_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(fmt::format("{}, form {}, seed {}", arch::encoding_name(encoding),
                                 static_cast<int>(form), seed));
        const ActivityExample example(
            {.rows = 32,
             .columns = 40,
             .cell_bits = 1 + static_cast<int>(seed % 2),
             .dac_bits = 1 + static_cast<int>(seed / 2 % 2),
             .encoding = encoding,
             .more = more(encoding, seed)},
            seed % 3 == 0 ? arch::Drive::kVoltage : arch::Drive::kPulse,
            form == Form::kPlanes ? 3 + static_cast<int>(seed % 6) : 1 + static_cast<int>(seed % 3),
            {1 + static_cast<int>(seed % 6), seed % 2 == 0}, 1 + static_cast<int>(seed % 3), seed,
            form);
        expect_same(example.closed_form(), example.brute_force());
        with_copies += example.layout().copies == std::array<std::int64_t, 2>{1, 1} ? 0 : 1;
        listed += example.layout().groups.front().rows.is_range() ? 0 : 1;
      }
    }
  }
  EXPECT_GT(with_copies, 80);  // of 168
  EXPECT_GT(listed, 200);
}

// Of inputs below zero the sign is driven on above rows that are shifted less than others.
TEST(ArrayActivity, EqualsTheSumOverShiftedRows) {
  for (const auto encoding : {arch::Encoding::kTwosComplement, arch::Encoding::kDifferential,
                              arch::Encoding::kSignMagnitude, arch::Encoding::kCsd}) {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
      SCOPED_TRACE(fmt::format("{}, seed {}", arch::encoding_name(encoding), seed));
      const int cell_bits = encoding == arch::Encoding::kTwosComplement ? 1 : 1 + int(seed % 3);
      const ActivityExample example({.rows = 32,
                                     .columns = 40,
                                     .cell_bits = cell_bits,
                                     .encoding = encoding,
                                     .more = more(encoding, seed / 2)},
                                    seed % 3 == 0 ? arch::Drive::kVoltage : arch::Drive::kPulse,
                                    2 + static_cast<int>(seed % 7),
                                    {1 + static_cast<int>(seed % 6), seed % 2 == 0},
                                    1 + static_cast<int>(seed % 3), seed, Form::kShifted);
      ASSERT_GT(example.layout().largest_row_shift(), 0);
      expect_same(example.closed_form(), example.brute_force());
    }
  }
}

// A row that no group stores says nothing about those that are driven.
TEST(ArrayActivity, RowsThatAreNotStoredAreNoPartOfTheMeans) {
  arch::LayerLayout layout;
  layout.plan = arch::plan_slices(arch::Encoding::kTwosComplement, 1, 1);
  layout.groups.push_back({0, arch::Indices::listed({0, 1, 3}), {0, 1}, 0, 0, 0});
  InputCounts counts(1, 4, {1, false});
  const std::vector<std::int32_t> inputs{1, 0, 1, 0};  // the third is driven nowhere
  counts.add(0, 1, inputs.data(), 4);
  const ArrayActivity found =
      array_activity(counts, std::vector<std::int32_t>{-1, 0, 0, -1}, 1, layout, {});
  EXPECT_EQ(found.level_reads, 1);
  EXPECT_EQ(found.cell_reads, 3);
  EXPECT_EQ(found.row_drives, 3);
  EXPECT_EQ(found.driven_rows, 1);
  EXPECT_DOUBLE_EQ(found.independent_drive_reads, 1.0);
  EXPECT_DOUBLE_EQ(found.independent_level_reads, 2.0 / 3.0);
}

// Two rows, one column of one-bit cells: the first row stores 1 and is driven in both of two
// vectors, the second stores 0 and is never driven.
//   level reads 2 x 1 + 0 x 0 = 2, drive reads 2
//   independent: mean drive 2 / (2 rows x 2 vectors) = 1/2, mean level 1/2, 2 cells, 2 vectors: 1
TEST(ArrayActivity, IndependenceMissesWhatGoesTogether) {
  arch::LayerLayout layout;
  layout.plan = arch::plan_slices(arch::Encoding::kTwosComplement, 1, 1);
  layout.groups.push_back({0, {0, 2}, {0, 1}, 0, 0, 0});
  arch::MacroSpec macro;
  const std::vector<std::int32_t> weights{-1, 0};
  const auto activity_of = [&](const std::vector<std::int32_t>& inputs) {
    InputCounts counts(1, 2, {1, false});
    counts.add(0, 2, inputs.data(), 2);
    return array_activity(counts, weights, 1, layout, macro);
  };
  const ArrayActivity together = activity_of({1, 0, 1, 0});
  EXPECT_EQ(together.level_reads, 2);
  EXPECT_EQ(together.drive_reads, 2);
  EXPECT_EQ(together.driven_rows, 2);
  EXPECT_EQ(together.cell_reads, 4);
  EXPECT_DOUBLE_EQ(together.independent_level_reads, 1.0);
  EXPECT_DOUBLE_EQ(together.independent_drive_reads, 2.0);
  // Apart: the row that is driven stores nothing.
  const ArrayActivity apart = activity_of({0, 1, 0, 1});
  EXPECT_EQ(apart.level_reads, 0);
  EXPECT_DOUBLE_EQ(apart.independent_level_reads, 1.0);
}

// Slices of a weight on arrays of their own: 3 = 0011 and -4 = 1100.
TEST(ArrayActivity, SlicesOfAChannelMayLieApart) {
  arch::LayerLayout layout;
  layout.plan = arch::plan_slices(arch::Encoding::kTwosComplement, 4, 1);
  layout.groups.push_back({0, {0, 2}, {0, 3}, 0, 0, 0});
  layout.groups.push_back({0, {0, 2}, {3, 4}, 1, 0, 0});
  const std::vector<std::int32_t> weights{3, -4};
  InputCounts counts(1, 2, {2, false});
  const std::vector<std::int32_t> inputs{3, 2};  // two ones on the first row, one on the second
  counts.add(0, 1, inputs.data(), 2);
  const ArrayActivity found = array_activity(counts, weights, 1, layout, {});
  EXPECT_EQ(found.level_reads, 2 * 2 + 1 * 2);
  EXPECT_EQ(found.drive_reads, (2 + 1) * 4);
  EXPECT_EQ(found.row_drives, 2 * 2 * 2);  // two arrays
  EXPECT_EQ(found.driven_rows, 2 * 3);
}

TEST(ArrayActivity, BipolarCellsAndTwoPhasesAreRefused) {
  const auto message = [](const mapper::ChipShape& shape, bool is_signed) {
    const ActivityExample example(shape, arch::Drive::kVoltage, 4, {4, is_signed}, 1, 1);
    return mapper::message_of<InputError>([&] { (void)example.closed_form(); });
  };
  EXPECT_EQ(message({.encoding = arch::Encoding::kXnor}, false),
            "energies by values are not those of bipolar cells, which answer to inputs of zero as "
            "well; choose another macro.encoding than xnor, or an array that does not depend on "
            "values");
  EXPECT_EQ(message({.more = "signed_inputs: two_phase, "}, true),
            "energies by values are not counted for inputs in two phases; choose another "
            "macro.signed_inputs, or an array that does not depend on values");
  EXPECT_EQ(message({.more = "signed_inputs: two_phase, "}, false), "nothing thrown");
}

TEST(ArrayActivity, TotalsBeyondTheRangeAreRefused) {
  arch::LayerLayout layout;
  layout.plan = arch::plan_slices(arch::Encoding::kTwosComplement, 1, 1);
  layout.groups.push_back({0, {0, 1}, {0, 4}, 0, 0, 0});
  InputCounts counts(1, 1, {1, false});
  counts.pairs(0, 0)[0] = std::int64_t{1} << 61;
  counts.set_vectors(0, std::int64_t{1} << 61);
  EXPECT_EQ(mapper::message_of<InputError>([&] {
              (void)array_activity(counts, std::vector<std::int32_t>{-1, -1, -1, -1}, 4, layout,
                                   {});
            }),
            "the sums of driven and stored levels leave the range of 64-bit numbers; take fewer "
            "images (--images)");
}

}  // namespace
}  // namespace pimento::exact
