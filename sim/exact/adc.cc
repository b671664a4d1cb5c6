// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/adc.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace pimento::exact {
namespace {

// Where codes begin, and how far apart they are.
struct Codes {
  double zero = 0.0;
  double step = 1.0;
};

Codes codes_of(const arch::SumRange& sums, int bits) {
  const auto highest = static_cast<double>(sums.highest);
  if (sums.lowest >= 0) return {0.0, std::max(1.0, highest / (std::ldexp(1.0, bits) - 1.0))};
  if (bits == 1) return {-highest, std::max(1.0, 2.0 * highest)};
  const double above = std::ldexp(1.0, bits - 1);
  const double step = std::max(1.0, highest / (above - 1.0));
  return {-above * step, step};
}

}  // namespace

ColumnReading column_reading(const arch::ChipSpec& chip) {
  ColumnReading reading;
  reading.unit_rows = chip.macro.unit.rows;
  if (chip.macro.readout == arch::Readout::kDigital) return reading;
  const arch::ComponentSlot* adc = chip.find(arch::Role::kAdc);
  if (adc != nullptr) reading.adc_bits = adc->model->resolution();
  return reading;
}

arch::SumRange sums_of(const arch::MacroSpec& macro, int unit_rows) {
  const int rows = unit_rows == 0 ? macro.rows : std::min(unit_rows, macro.rows);
  return arch::sum_range(macro.encoding, rows, macro.cell_bits, macro.dac_bits);
}

kernels::Transfer full_range(const arch::MacroSpec& macro, const ColumnReading& reading) {
  const arch::SumRange sums = sums_of(macro, reading.unit_rows);
  if (!reading.adc_bits) {
    return kernels::clamp_transfer(static_cast<std::int32_t>(sums.lowest),
                                   static_cast<std::int32_t>(sums.highest));
  }
  const Codes codes = codes_of(sums, *reading.adc_bits);
  return kernels::stepped_transfer(codes.zero, codes.step, *reading.adc_bits);
}

std::string describe(const arch::MacroSpec& macro, const ColumnReading& reading) {
  const arch::SumRange sums = sums_of(macro, reading.unit_rows);
  const std::string range = fmt::format("{} to {}", sums.lowest, sums.highest);
  if (!reading.adc_bits) return fmt::format("every sum from {} is told apart", range);
  const Codes codes = codes_of(sums, *reading.adc_bits);
  if (codes.step == 1.0) {
    return fmt::format("{} bits, which tell every sum from {} apart", *reading.adc_bits, range);
  }
  return fmt::format("{} bits, full range: {} in steps of {:.4g}", *reading.adc_bits, range,
                     codes.step);
}

}  // namespace pimento::exact
