// SPDX-License-Identifier: Apache-2.0
#include "mapper/sparse/unit_slots.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ceil_div.h"

namespace pimento::mapper {

UnitSlots::UnitSlots(const MappingProblem& problem, const std::string& strategy,
                     FreshMacros& macros, LayerMapping& layer)
    : problem_(problem), macros_(macros), layer_(layer) {
  const arch::MacroSpec& macro = problem.chip.macro;
  if (macro.unit.is_whole()) {
    throw InputError(
        fmt::format("{}: the strategy \"{}\" leaves out operation units, and this chip reads whole "
                    "arrays; give "
                    "macro.operation_unit, such as --set macro.operation_unit.rows=9 --set "
                    "macro.operation_unit.columns=8",
                    problem.chip.file, strategy));
  }
  unit_rows_ = macro.unit.rows;
  unit_columns_ = std::min<std::int64_t>(macro.unit.columns, macro.weight_columns());
  stripes_ = macro.weight_columns() / unit_columns_;
  units_in_a_stripe_ = std::max<std::int64_t>(1, macro.rows / unit_rows_);
  unit_rows_ = std::min<std::int64_t>(unit_rows_, macro.rows);
  stripe_ = stripes_;
}

void UnitSlots::next_stripe() {
  unit_ = 0;
  ++stripe_;
  if (stripe_ < stripes_ && macro_ >= 0) return;
  macro_ = macros_.take(layer_.layer);
  ++layer_.macros;
  stripe_ = 0;
}

void UnitSlots::add(std::int64_t block, const Indices& rows, const Indices& columns,
                    std::vector<arch::SharedColumn> shared) {
  ensure(columns.size() <= unit_columns_ && (shared.empty() || rows.size() <= unit_rows_),
         "a unit is wider or higher than the chip's");
  std::int64_t from = 0;
  while (from < rows.size()) {
    if (macro_ < 0 || unit_ == units_in_a_stripe_) next_stripe();
    const std::int64_t room = (units_in_a_stripe_ - unit_) * unit_rows_;
    ColumnGroup group;
    group.block = block;
    group.rows = rows.part(from, std::min(room, rows.size() - from));
    group.columns = columns;
    group.macro = macro_;
    group.at_row = unit_ * unit_rows_;
    group.at_column = stripe_ * unit_columns_ * layer_.plan.lines();
    if (!shared.empty()) {
      group.details = std::make_shared<const arch::GroupDetails>(
          arch::GroupDetails{{}, std::exchange(shared, {})});
    }
    unit_ += ceil_div(group.rows.size(), unit_rows_);
    from += group.rows.size();
    macros_.reserve(layer_.layer, 0, 1);
    layer_.groups.push_back(std::move(group));
  }
}

}  // namespace pimento::mapper
