// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/array_activity.h"

#include <algorithm>
#include <numeric>
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
  std::int64_t groups = 0;  // that it lies in, each with a driver
};

// Levels of weights that come again and again.
class StoredLevels {
 public:
  explicit StoredLevels(const arch::SlicePlan& plan)
      : plan_(plan), lowest_(arch::lowest_weight(plan)) {
    const std::int64_t span = arch::highest_weight(plan) - lowest_ + 1;
    if (span > kMostKnown) return;
    for (std::int64_t w = 0; w < span; ++w) {
      known_.push_back(stored_level(plan, lowest_ + w, 0, plan.slices.size()));
    }
  }
  // Of all slices.
  [[nodiscard]] std::int64_t of(std::int64_t weight) const {
    if (known_.empty()) return stored_level(plan_, weight, 0, plan_.slices.size());
    return known_.at(static_cast<std::size_t>(weight - lowest_));
  }

 private:
  static constexpr std::int64_t kMostKnown = std::int64_t{1} << 16;
  const arch::SlicePlan& plan_;
  std::int64_t lowest_;
  std::vector<std::int64_t> known_;
};

class LayerTotals {
 public:
  LayerTotals(const InputCounts& inputs, std::span<const std::int32_t> weights,
              std::int64_t channels, const arch::LayerLayout& layout)
      : inputs_(inputs),
        weights_(weights),
        channels_(channels),
        plan_(layout.plan),
        levels_(layout.plan),
        rows_(static_cast<std::size_t>(inputs.blocks() * inputs.rows())) {
    ensure(std::cmp_equal(weights.size(), inputs.blocks() * inputs.rows() * channels),
           "a layer's weights and the counts of its inputs have different shapes");
    for (const arch::ColumnGroup& group : layout.groups) add_stored(group);
  }

  void add_driven(const arch::MacroSpec& macro) {
    const int power = arch::drive_power(macro.drive);
    const bool offset = inputs_.input().is_signed && macro.dac_bits > 1;
    for (std::int64_t block = 0; block < inputs_.blocks(); ++block) {
      for (std::int64_t r = 0; r < inputs_.rows(); ++r) {
        RowTotals& row = row_at(block, r);
        for (int first = 0; first < inputs_.input().bits; first += macro.dac_bits) {
          row.driven += inputs_.sum(block, r, {first, macro.dac_bits}, power, offset);
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
    for (std::int64_t row = group.rows.begin; row < group.rows.end; ++row) {
      row_at(group.block, row).cells += group.columns.size();
      ++row_at(group.block, row).groups;
    }
    std::int64_t column = group.columns.begin;
    while (column < group.columns.end) {
      const std::int64_t channel = column / slices;
      const std::int64_t end = std::min(group.columns.end, (channel + 1) * slices);
      add_channel(group, channel, column - channel * slices, end - channel * slices);
      column = end;
    }
  }

  // Slices [first, last) of a channel over the rows of a group.
  void add_channel(const arch::ColumnGroup& group, std::int64_t channel, std::int64_t first,
                   std::int64_t last) {
    const bool is_whole = last - first == std::ssize(plan_.slices);
    const std::int32_t* weights =
        weights_.data() + (group.block * channels_ + channel) * inputs_.rows();
    for (std::int64_t row = group.rows.begin; row < group.rows.end; ++row) {
      row_at(group.block, row).stored +=
          is_whole ? levels_.of(weights[row])
                   : stored_level(plan_, weights[row], static_cast<std::size_t>(first),
                                  static_cast<std::size_t>(last));
    }
  }

  const InputCounts& inputs_;
  std::span<const std::int32_t> weights_;
  std::int64_t channels_;
  const arch::SlicePlan& plan_;
  StoredLevels levels_;
  std::vector<RowTotals> rows_;
};

}  // namespace

std::int64_t stored_level(const arch::SlicePlan& plan, std::int64_t weight, std::size_t first,
                          std::size_t last) {
  const std::vector<std::int64_t> cells = arch::encode(plan, weight);
  return std::accumulate(cells.begin() + static_cast<std::ptrdiff_t>(first),
                         cells.begin() + static_cast<std::ptrdiff_t>(last), std::int64_t{0});
}

ArrayActivity array_activity(const InputCounts& inputs, std::span<const std::int32_t> weights,
                             std::int64_t channels, const arch::LayerLayout& layout,
                             const arch::MacroSpec& macro) {
  LayerTotals totals(inputs, weights, channels, layout);
  totals.add_driven(macro);
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
    add_product(activity.row_drives, row.groups, slices * activity.vectors);
    add_product(driven_rows, row.groups, row.driven);
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
