// SPDX-License-Identifier: Apache-2.0
#include "arch/read_pace.h"

#include <algorithm>

#include "base/ceil_div.h"

namespace pimento::arch {

Time conversion_time(const ChipSpec& chip, std::int64_t max_columns) {
  const ComponentSlot* adc = chip.find(Role::kAdc);
  if (adc == nullptr) return Time{};
  const std::optional<Frequency> rate = adc->model->rate();
  if (!rate) return Time{};
  return double(ceil_div(max_columns, std::max(1, chip.macro.adcs()))) / *rate;
}

Pace read_pace(const ChipSpec& chip, std::int64_t reads, std::int64_t max_columns) {
  if (reads == 0) return {};
  const Time read = chip.macro.read_time;
  const Time convert = conversion_time(chip, max_columns);
  const Time step = std::max(read, convert);
  return {step * double(reads), read + step * double(reads - 1) + convert};
}

}  // namespace pimento::arch
