// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/programmed_group.h"

#include "sim/devices/wire_drop.h"

namespace pimento::exact {

bool ArrayDevices::are_ideal() const {
  const bool has_wires = spec.wires.has_value();
  const bool has_adc = spec.adc && (spec.adc->noise != 0.0 || spec.adc->inl != 0.0);
  return !model.changes_levels() && !model.has_read_noise() && !has_wires && !has_adc;
}

ProgrammedGroup::ProgrammedGroup(const ArrayDevices& devices, const arch::MacroSpec& macro,
                                 const arch::ColumnGroup& group)
    : devices_(devices), macro_(macro), group_(group), lines_(arch::lines(macro.encoding)) {
  levels_.resize(at(group.columns.size(), 0), 0.0F);
  if (devices.model.has_read_noise()) variances_.resize(levels_.size(), 0.0F);
}

void ProgrammedGroup::program(std::int64_t column, int line, std::span<const std::uint8_t> wanted) {
  const std::span<float> levels = std::span(levels_).subspan(at(column, line), wanted.size());
  const std::span<float> variances =
      variances_.empty() ? std::span<float>()
                         : std::span(variances_).subspan(at(column, line), wanted.size());
  devices_.model.program(group_.macro, group_.at_row, group_.at_column + column * lines_ + line,
                         wanted, levels, variances);
}

void ProgrammedGroup::connect() {
  if (!devices_.spec.wires) return;
  arch::WireSpec wires = *devices_.spec.wires;
  // Pitches of wire between the group and the edges of the array.
  const auto before = static_cast<double>(group_.at_column);
  const auto behind = static_cast<double>(macro_.rows - group_.at_row - group_.rows.size());
  wires.driver += wires.row * before;
  wires.sense += wires.column * behind;
  const devices::WireDrop drop(wires, static_cast<int>(group_.rows.size()),
                               static_cast<int>(group_.columns.size() * lines_));
  drop.apply(devices_.spec, macro_.cell_bits, levels_);
}

std::vector<float> ProgrammedGroup::levels(std::int64_t column) const {
  std::vector<float> result(static_cast<std::size_t>(group_.rows.size()));
  for (std::size_t row = 0; row < result.size(); ++row) {
    result[row] =
        levels_[at(column, 0) + row] - (lines_ == 2 ? levels_[at(column, 1) + row] : 0.0F);
  }
  return result;
}

std::vector<float> ProgrammedGroup::variances(std::int64_t column) const {
  if (variances_.empty()) return {};
  std::vector<float> result(static_cast<std::size_t>(group_.rows.size()));
  for (std::size_t row = 0; row < result.size(); ++row) {
    result[row] =
        variances_[at(column, 0) + row] + (lines_ == 2 ? variances_[at(column, 1) + row] : 0.0F);
  }
  return result;
}

}  // namespace pimento::exact
