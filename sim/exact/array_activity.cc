// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/array_activity.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pimento::exact {
namespace {

// to += a x b.
void add_product(std::int64_t& to, std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(to, product, &to)) {
    throw InputError(
        "the sums of driven and stored levels leave the range of 64-bit numbers; take fewer images "
        "(--images)");
  }
}

// What a row of a block drives, over all reads, and what its cells store, over all columns.
struct RowTotals {
  std::int64_t driven = 0;  // level^k
  std::int64_t stored = 0;
  std::int64_t cells = 0;
  std::int64_t drives =
      0;  // a read: of each group that it lies in, and of each unit of its columns
};

// Levels of weights that come again and again.
class StoredLevels {
 public:
  explicit StoredLevels(const arch::SlicePlan& plan) : plan_(plan) {}
  // Of slices [first, last).
  std::int64_t of(std::int64_t weight, std::int64_t center, std::size_t first, std::size_t last) {
    if (last - first != plan_.slices.size()) {
      return stored_level(plan_, weight, center, first, last);
    }
    const auto [it, is_new] = known_.try_emplace(weight - center);
    if (is_new) it->second = stored_level(plan_, weight, center, first, last);
    return it->second;
  }

 private:
  const arch::SlicePlan& plan_;
  std::unordered_map<std::int64_t, std::int64_t> known_;  // cells follow from the distance alone
};

class LayerTotals {
 public:
  LayerTotals(const InputCounts& inputs, std::span<const std::int32_t> weights,
              std::int64_t channels, const arch::LayerLayout& layout, const arch::MacroSpec& macro)
      : inputs_(inputs),
        weights_(weights),
        channels_(channels),
        macro_(macro),
        plan_(layout.plan),
        levels_(layout.plan),
        rows_(static_cast<std::size_t>(inputs.blocks() * inputs.rows())) {
    ensure(std::cmp_equal(weights.size(), inputs.blocks() * inputs.rows() * channels),
           "a layer's weights and the counts of its inputs have different shapes");
    for (const arch::ColumnGroup& group : layout.groups) add_stored(group);
  }

  void add_driven() {
    const int power = arch::drive_power(macro_.drive);
    const bool offset =
        inputs_.input().is_signed && macro_.signed_inputs == arch::SignedInputs::kOffset;
    for (std::int64_t block = 0; block < inputs_.blocks(); ++block) {
      for (std::int64_t r = 0; r < inputs_.rows(); ++r) {
        RowTotals& row = row_at(block, r);
        for (int first = 0; first < inputs_.input().bits; first += macro_.dac_bits) {
          row.driven += inputs_.sum(block, r, {first, macro_.dac_bits}, power, offset);
        }
      }
    }
  }
  [[nodiscard]] const std::vector<RowTotals>& rows() const { return rows_; }

 private:
  RowTotals& row_at(std::int64_t block, std::int64_t row) {
    return rows_[static_cast<std::size_t>(block * inputs_.rows() + row)];
  }

  void add_stored(const arch::ColumnGroup& group) {
    const auto slices = std::ssize(plan_.slices);
    const std::int64_t columns = group.columns.size();
    const std::int64_t at_once = macro_.unit.is_whole() ? columns : macro_.unit.columns;
    for (std::int64_t row = group.rows.begin; row < group.rows.end; ++row) {
      row_at(group.block, row).cells += columns * plan_.lines();
      row_at(group.block, row).drives += (columns + at_once - 1) / at_once;
    }
    std::int64_t column = group.columns.begin;
    while (column < group.columns.end) {
      const std::int64_t channel = column / slices;
      const std::int64_t end = std::min(group.columns.end, (channel + 1) * slices);
      add_channel(group, channel, static_cast<std::size_t>(column - channel * slices),
                  static_cast<std::size_t>(end - channel * slices));
      column = end;
    }
  }

  // Slices [first, last) of a channel over the rows of a group.
  void add_channel(const arch::ColumnGroup& group, std::int64_t channel, std::size_t first,
                   std::size_t last) {
    const std::int64_t at = (group.block * channels_ + channel) * inputs_.rows();
    const auto weights =
        weights_.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(inputs_.rows()));
    if (plan_.encoding == arch::Encoding::kOffsetFlipped) {
      for (std::size_t slice = first; slice < last; ++slice) add_flippable(group, weights, slice);
      return;
    }
    const std::int64_t center = arch::center_of(plan_, weights);
    for (std::int64_t row = group.rows.begin; row < group.rows.end; ++row) {
      row_at(group.block, row).stored +=
          levels_.of(weights[static_cast<std::size_t>(row)], center, first, last);
    }
  }

  // A column that is stored inverted where that holds less.
  void add_flippable(const arch::ColumnGroup& group, std::span<const std::int32_t> weights,
                     std::size_t slice) {
    std::vector<std::int64_t> levels;
    for (std::int64_t row = group.rows.begin; row < group.rows.end; ++row) {
      levels.push_back(
          stored_level(plan_, weights[static_cast<std::size_t>(row)], 0, slice, slice + 1));
    }
    const std::int64_t sum = std::accumulate(levels.begin(), levels.end(), std::int64_t{0});
    const bool flipped = arch::is_flipped(plan_, plan_.slices[slice], group.rows.size(), sum);
    const std::int64_t most = (std::int64_t{1} << plan_.slices[slice].width) - 1;
    for (std::int64_t row = group.rows.begin; row < group.rows.end; ++row) {
      const std::int64_t level = levels[static_cast<std::size_t>(row - group.rows.begin)];
      row_at(group.block, row).stored += flipped ? most - level : level;
    }
  }

  const InputCounts& inputs_;
  std::span<const std::int32_t> weights_;
  std::int64_t channels_;
  const arch::MacroSpec& macro_;
  const arch::SlicePlan& plan_;
  StoredLevels levels_;
  std::vector<RowTotals> rows_;
};

void check_countable(const InputCounts& inputs, const arch::LayerLayout& layout,
                     const arch::MacroSpec& macro) {
  if (layout.plan.encoding == arch::Encoding::kXnor) {
    throw InputError(
        "energies by values are not those of bipolar cells, which answer to inputs of zero as "
        "well; choose another macro.encoding than xnor, or an array that does not depend on "
        "values");
  }
  if (inputs.input().is_signed && macro.signed_inputs == arch::SignedInputs::kTwoPhase) {
    throw InputError(
        "energies by values are not counted for inputs in two phases; choose another "
        "macro.signed_inputs, or an array that does not depend on values");
  }
}

}  // namespace

std::int64_t stored_level(const arch::SlicePlan& plan, std::int64_t weight, std::int64_t center,
                          std::size_t first, std::size_t last) {
  const std::vector<std::int64_t> cells = arch::encode(plan, weight, center);
  const auto lines = static_cast<std::size_t>(plan.lines());
  return std::accumulate(cells.begin() + static_cast<std::ptrdiff_t>(first * lines),
                         cells.begin() + static_cast<std::ptrdiff_t>(last * lines),
                         std::int64_t{0});
}

ArrayActivity array_activity(const InputCounts& inputs, std::span<const std::int32_t> weights,
                             std::int64_t channels, const arch::LayerLayout& layout,
                             const arch::MacroSpec& macro) {
  check_countable(inputs, layout, macro);
  LayerTotals totals(inputs, weights, channels, layout, macro);
  totals.add_driven();
  ArrayActivity activity;
  activity.vectors = inputs.vectors(0);
  const std::int64_t slices = kernels::InputSlicing{inputs.input().bits, macro.dac_bits}.slices();
  std::int64_t driven = 0;
  std::int64_t stored = 0;
  std::int64_t cells = 0;
  std::int64_t driven_rows = 0;
  for (const RowTotals& row : totals.rows()) {
    add_product(activity.level_reads, row.driven, row.stored);
    add_product(activity.drive_reads, row.driven, row.cells);
    add_product(activity.cell_reads, row.cells, slices * activity.vectors);
    add_product(activity.row_drives, row.drives, slices * activity.vectors);
    add_product(driven_rows, row.drives, row.driven);
    add_product(driven, row.driven, 1);
    stored += row.stored;
    cells += row.cells;
  }
  if (macro.dac_bits == 1) activity.driven_rows = driven_rows;
  // Means of slices add up: (sum of driven / rows) x (sum of stored) over the slices of both.
  const double mean = static_cast<double>(driven) / static_cast<double>(totals.rows().size());
  activity.independent_level_reads = mean * static_cast<double>(stored);
  activity.independent_drive_reads = mean * static_cast<double>(cells);
  return activity;
}

}  // namespace pimento::exact
