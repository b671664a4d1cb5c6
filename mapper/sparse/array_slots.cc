// SPDX-License-Identifier: Apache-2.0
#include "mapper/sparse/array_slots.h"

#include <algorithm>
#include <utility>

#include "base/ceil_div.h"

namespace pimento::mapper {

void ArraySlots::put(ColumnGroup group, const std::vector<std::uint8_t>& row_shifts) {
  const bool is_shifted =
      std::any_of(row_shifts.begin(), row_shifts.end(), [](std::uint8_t s) { return s != 0; });
  if (is_shifted) {
    group.details = std::make_shared<const arch::GroupDetails>(arch::GroupDetails{row_shifts, {}});
  }
  macros_.reserve(layer_.layer, 0, 1);
  layer_.groups.push_back(std::move(group));
}

std::int64_t ArraySlots::room_beside() const {
  return macro_ < 0 ? 0 : problem_.chip.macro.weight_columns() - next_column_;
}

std::int64_t ArraySlots::add_beside(std::int64_t block, const Indices& rows, const Indices& columns,
                                    const std::vector<std::uint8_t>& row_shifts) {
  const std::int64_t count = std::min(room_beside(), columns.size());
  if (count <= 0) return 0;
  ColumnGroup group;
  group.block = block;
  group.rows = rows;
  group.columns = columns.part(0, count);
  group.macro = macro_;
  group.at_row = top_;
  group.at_column = next_column_ * layer_.plan.lines();
  next_column_ += count;
  put(std::move(group), row_shifts);
  return count;
}

void ArraySlots::add(std::int64_t block, const Indices& rows, const Indices& columns,
                     const std::vector<std::uint8_t>& row_shifts) {
  const arch::MacroSpec& macro = problem_.chip.macro;
  const std::int64_t width = macro.weight_columns();
  const std::int64_t unit = macro.unit.is_whole() ? 1 : macro.unit.rows;
  for (std::int64_t row = 0; row < rows.size(); row += macro.rows) {
    const std::int64_t height = std::min<std::int64_t>(macro.rows, rows.size() - row);
    for (std::int64_t column = 0; column < columns.size(); column += width) {
      const std::int64_t count = std::min(width, columns.size() - column);
      const bool has_room =
          macro_ >= 0 && next_row_ + height <= macro.rows && next_column_ + count <= width;
      if (!has_room) {
        macro_ = macros_.take(layer_.layer);
        ++layer_.macros;
        next_row_ = 0;
        next_column_ = 0;
      }
      ColumnGroup group;
      group.block = block;
      group.rows = rows.part(row, height);
      group.columns = columns.part(column, count);
      group.macro = macro_;
      group.at_row = next_row_;
      group.at_column = next_column_ * layer_.plan.lines();
      top_ = next_row_;
      next_row_ += ceil_div(height, unit) * unit;
      next_column_ += count;
      std::vector<std::uint8_t> shifts;
      if (!row_shifts.empty()) {
        shifts.assign(row_shifts.begin() + row, row_shifts.begin() + row + height);
      }
      put(std::move(group), shifts);
    }
  }
}

}  // namespace pimento::mapper
