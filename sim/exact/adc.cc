// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/adc.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace pimento::exact {
namespace {

int rows_at_once(const arch::MacroSpec& macro, int unit_rows) {
  return unit_rows == 0 ? macro.rows : std::min(unit_rows, macro.rows);
}

bool tells_all_apart(std::int64_t largest, const ColumnReading& reading) {
  return !reading.adc_bits || (std::int64_t{1} << *reading.adc_bits) > largest;
}

double step_of(std::int64_t largest, int bits) {
  return static_cast<double>(largest) / (std::ldexp(1.0, bits) - 1.0);
}

}  // namespace

ColumnReading column_reading(const arch::ChipSpec& chip) {
  ColumnReading reading;
  if (chip.macro.readout == arch::Readout::kDigital) return reading;
  const arch::ComponentSlot* adc = chip.find(arch::Role::kAdc);
  if (adc != nullptr) reading.adc_bits = adc->model->resolution();
  return reading;
}

std::int64_t largest_sum(const arch::MacroSpec& macro, int unit_rows) {
  const std::int64_t cell = (std::int64_t{1} << macro.cell_bits) - 1;
  const std::int64_t input = (std::int64_t{1} << macro.dac_bits) - 1;
  return rows_at_once(macro, unit_rows) * cell * input;
}

kernels::Transfer full_range(const arch::MacroSpec& macro, const ColumnReading& reading) {
  const std::int64_t largest = largest_sum(macro, reading.unit_rows);
  if (!reading.adc_bits) {
    return kernels::clamp_transfer(0, std::numeric_limits<std::int32_t>::max());
  }
  if (tells_all_apart(largest, reading)) {
    return kernels::clamp_transfer(
        0, static_cast<std::int32_t>((std::int64_t{1} << *reading.adc_bits) - 1));
  }
  return kernels::stepped_transfer(0.0, step_of(largest, *reading.adc_bits), *reading.adc_bits);
}

std::string describe(const arch::MacroSpec& macro, const ColumnReading& reading) {
  const std::int64_t largest = largest_sum(macro, reading.unit_rows);
  if (!reading.adc_bits) return fmt::format("every sum from 0 to {} is told apart", largest);
  if (tells_all_apart(largest, reading)) {
    return fmt::format("{} bits, which tell every sum from 0 to {} apart", *reading.adc_bits,
                       largest);
  }
  return fmt::format("{} bits, full range: 0 to {} in steps of {:.4g}", *reading.adc_bits, largest,
                     step_of(largest, *reading.adc_bits));
}

}  // namespace pimento::exact
