// SPDX-License-Identifier: Apache-2.0
// Closed forms against every cell and every read, one by one.
#include "sim/exact/array_activity.h"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/error.h"
#include "mapper/mapping.h"
#include "mapper/strategy.h"
#include "tests/mapper/support.h"

namespace pimento::exact {
namespace {

// A layer on a small chip, with weights and inputs that go up and down together from row to row.
class Example {
 public:
  Example(const mapper::ChipShape& shape, arch::Drive drive, int weight_bits,
          const InputFormat& input, int groups, std::uint32_t seed)
      : random_(seed), chip_(mapper::make_chip(shape)), input_(input) {
    chip_.macro.drive = drive;
    mapper::NetworkBuilder builder({std::int64_t{2} * groups, 5, 5});
    builder.conv("conv", std::int64_t{3} * groups, 3, 1, 0, groups);
    builder.precision(0, weight_bits, input.bits);
    const workloads::MatrixShape matrix = builder.network.matrix(0);
    shape_ = {matrix.groups, matrix.rows, matrix.columns};
    layout_ = mapper::map_network({builder.network, chip_}, "dense").layers.front();
    draw();
  }

  static constexpr int kVectors = 9;

  [[nodiscard]] ArrayActivity closed_form() const {
    InputCounts counts(shape_.blocks, shape_.rows, input_);
    for (std::int64_t block = 0; block < shape_.blocks; ++block) {
      counts.add(block, kVectors, inputs_.data() + block * kVectors * shape_.rows, shape_.rows);
    }
    return array_activity(counts, weights_, shape_.channels, layout_, chip_.macro);
  }

  // Cell by cell, read by read.
  [[nodiscard]] ArrayActivity brute_force() const {
    ArrayActivity activity;
    activity.vectors = kVectors;
    std::int64_t driven_rows = 0;
    for (const arch::ColumnGroup& group : layout_.groups) {
      const std::int64_t at_once =
          chip_.macro.unit.is_whole() ? group.columns.size() : chip_.macro.unit.columns;
      const std::int64_t units = (group.columns.size() + at_once - 1) / at_once;
      for (int v = 0; v < kVectors; ++v) {
        for (int first = 0; first < input_.bits; first += chip_.macro.dac_bits) {
          for (std::int64_t i = 0; i < group.rows.size(); ++i) {
            const std::int64_t row = group.rows[i];
            const std::int64_t level = driven_level(group.block, v, row, first);
            const std::int64_t drive =
                chip_.macro.drive == arch::Drive::kVoltage ? level * level : level;
            activity.row_drives += units;
            driven_rows += level != 0 ? units : 0;
            for (std::int64_t c = 0; c < group.columns.size(); ++c) {
              for (const std::int64_t cell : cells_at(group, row, group.columns[c])) {
                ++activity.cell_reads;
                activity.drive_reads += drive;
                activity.level_reads += drive * cell;
              }
            }
          }
        }
      }
    }
    if (chip_.macro.dac_bits == 1) activity.driven_rows = driven_rows;
    return activity;
  }

 private:
  [[nodiscard]] std::int64_t weight_at(std::int64_t block, std::int64_t channel,
                                       std::int64_t row) const {
    return weights_[static_cast<std::size_t>((block * shape_.channels + channel) * shape_.rows +
                                             row)];
  }

  // What the lines of a column store at a row; a column that would store more than half of what it
  // could is inverted.
  [[nodiscard]] std::vector<std::int64_t> cells_at(const arch::ColumnGroup& group, std::int64_t row,
                                                   std::int64_t column) const {
    const arch::SlicePlan& plan = layout_.plan;
    const std::int64_t slices = std::ssize(plan.slices);
    const std::int64_t channel = column / slices;
    std::vector<std::int32_t> filter;
    for (std::int64_t r = 0; r < shape_.rows; ++r) {
      filter.push_back(static_cast<std::int32_t>(weight_at(group.block, channel, r)));
    }
    const std::int64_t center = arch::center_of(plan, filter);
    const auto cells_of = [&](std::int64_t r) {
      const auto cells = arch::encode(plan, filter[static_cast<std::size_t>(r)], center);
      const std::int64_t first = column % slices * plan.lines();
      return std::vector<std::int64_t>(cells.begin() + first, cells.begin() + first + plan.lines());
    };
    std::vector<std::int64_t> cells = cells_of(row);
    if (plan.encoding != arch::Encoding::kOffsetFlipped) return cells;
    const std::int64_t most =
        (std::int64_t{1} << plan.slices[static_cast<std::size_t>(column % slices)].width) - 1;
    std::int64_t stored = 0;
    std::int64_t inverted = 0;
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      const std::int64_t cell = cells_of(group.rows[i])[0];
      stored += cell;
      inverted += most - cell;
    }
    if (stored > inverted) cells[0] = most - cells[0];
    return cells;
  }

  [[nodiscard]] std::int64_t driven_level(std::int64_t block, int v, std::int64_t row,
                                          int first) const {
    const auto at = static_cast<std::size_t>((block * kVectors + v) * shape_.rows + row);
    std::int64_t value = inputs_[at];
    const bool has_offset = chip_.macro.signed_inputs == arch::SignedInputs::kOffset;
    if (input_.is_signed && has_offset) value += std::int64_t{1} << (input_.bits - 1);
    value &= (std::int64_t{1} << input_.bits) - 1;
    return value >> first & ((std::int64_t{1} << chip_.macro.dac_bits) - 1);
  }

  void draw() {
    const std::int64_t low = arch::lowest_weight(layout_.plan);
    const std::int64_t high = arch::highest_weight(layout_.plan);
    const std::int64_t half = std::int64_t{1} << (input_.bits - 1);
    const std::int64_t lowest = input_.is_signed ? -half : 0;
    std::uniform_real_distribution<double> any(0.0, 1.0);
    std::vector<double> strength(static_cast<std::size_t>(shape_.rows));  // of each row
    for (double& each : strength) each = any(random_);
    const auto value = [&](std::int64_t from, std::int64_t to, double row) {
      const double share = row * any(random_);
      return static_cast<std::int32_t>(from + std::int64_t(share * double(to - from + 1)));
    };
    for (std::int64_t i = 0; i < shape_.blocks * shape_.channels * shape_.rows; ++i) {
      weights_.push_back(
          std::min<std::int32_t>(static_cast<std::int32_t>(high),
                                 value(low, high, strength[std::size_t(i % shape_.rows)])));
    }
    for (std::int64_t i = 0; i < shape_.blocks * kVectors * shape_.rows; ++i) {
      inputs_.push_back(
          value(lowest, lowest + 2 * half - 1, strength[std::size_t(i % shape_.rows)]));
    }
  }

  std::mt19937 random_;
  arch::ChipSpec chip_;
  InputFormat input_;
  BlockShape shape_;
  arch::LayerLayout layout_;
  std::vector<std::int32_t> weights_;
  std::vector<std::int32_t> inputs_;  // blocks x vectors x rows
};

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
          const Example example({.rows = seed % 3 == 0 ? 7 : 32,
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
    const Example example(shape, arch::Drive::kVoltage, 4, {4, is_signed}, 1, 1);
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
