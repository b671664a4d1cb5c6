// SPDX-License-Identifier: Apache-2.0
// Closed forms against every cell and every read, one by one.
#include "sim/exact/array_activity.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/error.h"
#include "mapper/mapping.h"
#include "mapper/strategy.h"
#include "tests/mapper/support.h"
#include "workloads/window_matrix.h"

namespace pimento::exact {
namespace {

// How the layer's matrix lies on macros.
enum class Form {
  kDense,
  kWindows,
  kGaps,     // windows at a stride that steps over positions
  kListed,   // rows in any order, every second column
  kShifted,  // the same by channels, with inputs that are driven shifted
  kShared,   // the second channel takes its sums from the first
  kPlanes,   // with cells for some planes only
};

// A layer on a small chip, with weights and inputs that go up and down together from row to row.
class Example {
 public:
  Example(const mapper::ChipShape& shape, arch::Drive drive, int weight_bits,
          const InputFormat& input, int groups, std::uint32_t seed, Form form = Form::kDense)
      : random_(seed), chip_(mapper::make_chip(shape)), input_(input) {
    chip_.macro.drive = drive;
    mapper::NetworkBuilder builder({std::int64_t{2} * groups, 5, 5});
    const bool has_gaps = form == Form::kGaps;
    builder.conv("conv", std::int64_t{3} * groups, has_gaps ? 1 : 3, has_gaps ? 2 : 1, 0, groups);
    builder.precision(0, weight_bits, input.bits);
    const workloads::MatrixShape matrix = builder.network.matrix(0);
    shape_ = {matrix.groups, matrix.rows, matrix.columns};
    const bool is_window = form == Form::kWindows || has_gaps;
    layout_ = mapper::map_network({builder.network, chip_}, is_window ? "windows" : "dense")
                  .layers.front();
    if (form == Form::kPlanes) leave_planes_out();
    draw_weights();
    if (is_window) unroll(builder.network);
    if (form == Form::kListed) list_rows();
    if (form == Form::kShifted) shift_rows();
    if (form == Form::kShared) share_columns();
    draw_inputs();
  }
  [[nodiscard]] const arch::LayerLayout& layout() const { return layout_; }

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
        for (int first = 0; first < driven_bits(); first += chip_.macro.dac_bits) {
          for (std::int64_t i = 0; i < group.rows.size(); ++i) {
            const std::int64_t level = driven_level(group, v, i, first);
            const std::int64_t drive =
                chip_.macro.drive == arch::Drive::kVoltage ? level * level : level;
            activity.row_drives += units;
            driven_rows += level != 0 ? units : 0;
            for (std::int64_t c = 0; c < group.columns.size(); ++c) {
              for (const std::int64_t cell : cells_at(group, i, group.columns[c])) {
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

  // What the lines of a column store at a row of the group; a column that would store more than
  // half of what it could is inverted.
  [[nodiscard]] std::vector<std::int64_t> cells_at(const arch::ColumnGroup& group, std::int64_t at,
                                                   std::int64_t column) const {
    const arch::SlicePlan& plan = layout_.plan;
    const std::int64_t slices = std::ssize(plan.slices);
    const std::int64_t channel = column / slices;
    std::vector<std::int32_t> filter;
    for (std::int64_t r = 0; r < shape_.rows; ++r) {
      filter.push_back(static_cast<std::int32_t>(weight_at(group.block, channel, r)));
    }
    const std::int64_t center = arch::center_of(plan, filter);
    const auto cells_of = [&](std::int64_t i) {
      const std::int32_t weight = filter[static_cast<std::size_t>(group.rows[i])];
      const auto cells = arch::encode(plan, weight / (1 << group.row_shift(i)), center);
      const std::int64_t first = column % slices * plan.lines();
      return std::vector<std::int64_t>(cells.begin() + first, cells.begin() + first + plan.lines());
    };
    std::vector<std::int64_t> cells = cells_of(at);
    if (plan.encoding != arch::Encoding::kOffsetFlipped) return cells;
    const std::int64_t most =
        (std::int64_t{1} << plan.slices[static_cast<std::size_t>(column % slices)].width) - 1;
    std::int64_t stored = 0;
    std::int64_t inverted = 0;
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      const std::int64_t cell = cells_of(i)[0];
      stored += cell;
      inverted += most - cell;
    }
    if (stored > inverted) cells[0] = most - cells[0];
    return cells;
  }

  [[nodiscard]] int driven_bits() const { return input_.bits + layout_.largest_row_shift(); }
  [[nodiscard]] std::int64_t driven_level(const arch::ColumnGroup& group, int v, std::int64_t i,
                                          int first) const {
    const auto at =
        static_cast<std::size_t>((group.block * kVectors + v) * shape_.rows + group.rows[i]);
    std::int64_t value = inputs_[at];
    const bool has_offset = chip_.macro.signed_inputs == arch::SignedInputs::kOffset;
    if (input_.is_signed && has_offset) value += std::int64_t{1} << (input_.bits - 1);
    value *= std::int64_t{1} << group.row_shift(i);
    value &= (std::int64_t{1} << driven_bits()) - 1;
    return value >> first & ((std::int64_t{1} << chip_.macro.dac_bits) - 1);
  }

  // Each row has a strength of its own, of which its weights and inputs are shares.
  double strength(std::int64_t row) {
    std::uniform_real_distribution<double> any(0.0, 1.0);
    while (std::ssize(strength_) <= row) strength_.push_back(any(random_));
    return strength_[static_cast<std::size_t>(row)];
  }
  std::int32_t value(std::int64_t from, std::int64_t to, std::int64_t row) {
    std::uniform_real_distribution<double> any(0.0, 1.0);
    const double share = strength(row) * any(random_);
    return static_cast<std::int32_t>(
        std::min(to, from + static_cast<std::int64_t>(share * double(to - from + 1))));
  }
  // Of those that the plan has a place for.
  void draw_weights() {
    std::vector<std::int32_t> held;
    for (std::int64_t w = arch::lowest_weight(layout_.plan);
         w <= arch::highest_weight(layout_.plan); ++w) {
      if (arch::is_in_range(layout_.plan, w)) held.push_back(static_cast<std::int32_t>(w));
    }
    for (std::int64_t i = 0; i < shape_.blocks * shape_.channels * shape_.rows; ++i) {
      const std::int32_t chosen = value(0, std::ssize(held) - 1, i % shape_.rows);
      weights_.push_back(held[static_cast<std::size_t>(chosen)]);
    }
  }
  void draw_inputs() {
    const std::int64_t half = std::int64_t{1} << (input_.bits - 1);
    const std::int64_t lowest = input_.is_signed ? -half : 0;
    for (std::int64_t i = 0; i < shape_.blocks * kVectors * shape_.rows; ++i) {
      inputs_.push_back(value(lowest, lowest + 2 * half - 1, i % shape_.rows));
    }
  }

  void unroll(const workloads::Network& network) {
    const workloads::WindowMatrix windows(network, 0, layout_.copies);
    weights_ = windows.unrolled(weights_);
    shape_ = {windows.shape().groups, windows.shape().rows, windows.shape().columns};
  }

  // One group of every block for each of two halves of the rows in any order, and `columns`.
  void regroup(const std::vector<arch::Indices>& columns) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(shape_.rows));
    std::iota(rows.begin(), rows.end(), 0);
    layout_.groups.clear();
    for (std::int64_t block = 0; block < shape_.blocks; ++block) {
      std::shuffle(rows.begin(), rows.end(), random_);
      const auto middle = rows.begin() + shape_.rows / 3;
      for (const arch::Indices& some : columns) {
        for (const auto& part : {std::vector(rows.begin(), middle), {middle, rows.end()}}) {
          arch::ColumnGroup group;
          group.block = block;
          group.rows = arch::Indices::listed(part);
          group.columns = some;
          layout_.groups.push_back(group);
        }
      }
    }
  }
  void list_rows() {
    const std::int64_t columns = shape_.channels * std::ssize(layout_.plan.slices);
    regroup(
        {arch::Indices::every(0, 2, (columns + 1) / 2), arch::Indices::every(1, 2, columns / 2)});
  }

  // What is stored is whole; a row has one shift for one channel, and another for the others.
  void shift_rows() {
    const std::int64_t slices = std::ssize(layout_.plan.slices);
    regroup({arch::Indices(0, slices), arch::Indices(slices, shape_.channels * slices)});
    std::uniform_int_distribution<int> any(0, 2);
    for (arch::ColumnGroup& group : layout_.groups) {
      arch::GroupDetails details;
      for (std::int64_t i = 0; i < group.rows.size(); ++i) {
        const int shift = any(random_);
        details.row_shifts.push_back(static_cast<std::uint8_t>(shift));
        for (std::int64_t c = group.columns.front() / slices; c <= group.columns.back() / slices;
             ++c) {
          std::int32_t& weight = weights_[static_cast<std::size_t>(
              (group.block * shape_.channels + c) * shape_.rows + group.rows[i])];
          weight = weight / (1 << shift) * (1 << shift);
        }
      }
      group.details = std::make_shared<const arch::GroupDetails>(details);
    }
  }

  void share_columns() {
    const std::int64_t slices = std::ssize(layout_.plan.slices);
    std::vector<std::int32_t> stored;
    arch::GroupDetails details;
    for (std::int64_t column = 0; column < shape_.channels * slices; ++column) {
      if (column / slices == 1) {
        details.shared.push_back({column, column - slices});
      } else {
        stored.push_back(static_cast<std::int32_t>(column));
      }
    }
    regroup({arch::Indices::listed(stored)});
    for (arch::ColumnGroup& group : layout_.groups) {
      group.details = std::make_shared<const arch::GroupDetails>(details);
    }
    for (std::int64_t block = 0; block < shape_.blocks; ++block) {
      const auto first = weights_.begin() + block * shape_.channels * shape_.rows;
      std::copy_n(first, shape_.rows, first + shape_.rows);
    }
  }

  void leave_planes_out() {
    const std::uint64_t planes = 0b1011010110 | std::uint64_t{1} << (layout_.plan.weight_bits - 1);
    layout_.plan = arch::plan_planes(layout_.plan.encoding, layout_.plan.weight_bits,
                                     chip_.macro.cell_bits, planes);
    regroup({arch::Indices(0, shape_.channels * std::ssize(layout_.plan.slices))});
  }

  std::mt19937 random_;
  arch::ChipSpec chip_;
  InputFormat input_;
  BlockShape shape_;
  std::vector<double> strength_;  // of rows
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
        const Example example(
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
      const Example example({.rows = 32,
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
