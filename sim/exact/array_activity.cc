// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/array_activity.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "arch/cell_table.h"
#include "base/ceil_div.h"
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
  std::int64_t driven = 0;  // level^k, in the slices of the inputs' own bits
  std::int64_t signs = 0;   // in a slice above them, where a sign is driven on
  // Of each group that it lies in: levels, cells, and drives a read, one for each unit of its
  // columns.
  struct Stored {
    std::int64_t level = 0;
    std::int64_t cells = 0;
    std::int64_t drives = 0;
  };
  Stored stored;
  Stored signed_on;  // times the slices above, of which a row has the fewer the more it is shifted
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
        centers_(arch::centers_of(layout.plan, weights, inputs.rows())),
        table_(layout.plan),
        largest_shift_(layout.largest_row_shift()),
        rows_(static_cast<std::size_t>(inputs.blocks() * inputs.rows())) {
    ensure(std::cmp_equal(weights.size(), inputs.blocks() * inputs.rows() * channels),
           "a layer's weights and the counts of its inputs have different shapes");
    for (const arch::ColumnGroup& group : layout.groups) {
      if (group.replica == 0) add_stored(group);
    }
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
        // Rows are shifted with one-bit drives alone.
        if (largest_shift_ > 0 && inputs_.input().is_signed && !offset) {
          row.signs = inputs_.sum(block, r, {inputs_.input().bits - 1, 1}, power, false);
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
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      store(group, i, {0, columns * plan_.lines(), ceil_div(columns, at_once)});
    }
    for (std::int64_t first = 0; first < columns;) {
      const std::int64_t channel = group.columns[first] / slices;
      std::uint64_t held = 0;  // slices
      std::int64_t last = first;
      for (; last < columns && group.columns[last] / slices == channel; ++last) {
        held |= std::uint64_t{1} << (group.columns[last] % slices);
      }
      add_channel(group, channel, held);
      first = last;
    }
  }

  void store(const arch::ColumnGroup& group, std::int64_t i, const RowTotals::Stored& more) {
    RowTotals& row = row_at(group.block, group.rows[i]);
    const auto add = [&more](RowTotals::Stored& to, std::int64_t times) {
      to.level += times * more.level;
      to.cells += times * more.cells;
      to.drives += times * more.drives;
    };
    add(row.stored, 1);
    add(row.signed_on, largest_shift_ - group.row_shift(i));
  }

  // The slices of a channel whose bits are set, over the rows of a group.
  void add_channel(const arch::ColumnGroup& group, std::int64_t channel, std::uint64_t held) {
    const std::int64_t at = (group.block * channels_ + channel) * inputs_.rows();
    const auto weights =
        weights_.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(inputs_.rows()));
    if (plan_.encoding == arch::Encoding::kOffsetFlipped) {
      for (std::size_t slice = 0; slice < plan_.slices.size(); ++slice) {
        if ((held >> slice & 1) != 0) add_flippable(group, weights, slice);
      }
      return;
    }
    const std::int64_t center =
        centers_[static_cast<std::size_t>(group.block * channels_ + channel)];
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      const std::int64_t row = group.rows[i];
      const std::int32_t weight = weights[static_cast<std::size_t>(row)] >> group.row_shift(i);
      store(group, i, {stored_level(table_.of(weight, center), held), 0, 0});
    }
  }

  [[nodiscard]] std::int64_t stored_level(const arch::CellTable::Entry& entry,
                                          std::uint64_t held) const {
    const auto lines = static_cast<std::size_t>(plan_.lines());
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < entry.cells.size(); ++i) {
      if ((held >> (i / lines) & 1) != 0) sum += entry.cells[i];
    }
    return sum;
  }

  // A column that is stored inverted where that holds less.
  void add_flippable(const arch::ColumnGroup& group, std::span<const std::int32_t> weights,
                     std::size_t slice) {
    std::vector<std::int64_t> levels;
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      const std::int32_t weight = weights[static_cast<std::size_t>(group.rows[i])];
      levels.push_back(table_.of(weight).cells[slice]);
    }
    const std::int64_t sum = std::accumulate(levels.begin(), levels.end(), std::int64_t{0});
    const bool flipped = arch::is_flipped(plan_, plan_.slices[slice], group.rows.size(), sum);
    const std::int64_t most = (std::int64_t{1} << plan_.slices[slice].width) - 1;
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      const std::int64_t level = levels[static_cast<std::size_t>(i)];
      store(group, i, {flipped ? most - level : level, 0, 0});
    }
  }

  const InputCounts& inputs_;
  std::span<const std::int32_t> weights_;
  std::int64_t channels_;
  const arch::MacroSpec& macro_;
  const arch::SlicePlan& plan_;
  std::vector<std::int64_t> centers_;  // of blocks x channels
  arch::CellTable table_;
  std::int64_t largest_shift_;
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

ArrayActivity array_activity(const InputCounts& inputs, std::span<const std::int32_t> weights,
                             std::int64_t channels, const arch::LayerLayout& layout,
                             const arch::MacroSpec& macro) {
  check_countable(inputs, layout, macro);
  LayerTotals totals(inputs, weights, channels, layout, macro);
  totals.add_driven();
  ArrayActivity activity;
  activity.vectors = inputs.vectors(0);
  const int driven_bits = inputs.input().bits + layout.largest_row_shift();
  const std::int64_t slices = kernels::InputSlicing{driven_bits, macro.dac_bits}.slices();
  RowTotals::Stored all;
  std::int64_t driven = 0;  // over row drives
  for (const RowTotals& row : totals.rows()) {
    add_product(activity.level_reads, row.driven, row.stored.level);
    add_product(activity.level_reads, row.signs, row.signed_on.level);
    add_product(activity.drive_reads, row.driven, row.stored.cells);
    add_product(activity.drive_reads, row.signs, row.signed_on.cells);
    add_product(activity.cell_reads, row.stored.cells, slices * activity.vectors);
    add_product(activity.row_drives, row.stored.drives, slices * activity.vectors);
    add_product(driven, row.driven, row.stored.drives);
    add_product(driven, row.signs, row.signed_on.drives);
    all.level += row.stored.level;
    all.cells += row.stored.cells;
    all.drives += row.stored.drives;
  }
  if (macro.dac_bits == 1) activity.driven_rows = driven;
  // Means of slices add up: (sum of driven / rows) x (sum of stored) over the slices of both. A row
  // counts as often as it is driven, and one that no group stores not at all.
  const double mean =
      all.drives == 0 ? 0.0 : static_cast<double>(driven) / static_cast<double>(all.drives);
  activity.independent_level_reads = mean * static_cast<double>(all.level);
  activity.independent_drive_reads = mean * static_cast<double>(all.cells);
  return activity;
}

}  // namespace pimento::exact
