// SPDX-License-Identifier: Apache-2.0
// What stands at the columns of an array: how many rows are read at once, and what an ADC makes of
// their sums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "arch/chip_spec.h"
#include "sim/kernels/transfer.h"

namespace pimento::exact {

struct ColumnReading {
  int unit_rows = 0;            // rows read at once; 0: all of the array
  std::optional<int> adc_bits;  // none: every sum is told apart
};

// As the chip has it: its ADC's resolution, all rows at once.
[[nodiscard]] ColumnReading column_reading(const arch::ChipSpec& chip);

// The largest sum of a column of an array that is read so.
[[nodiscard]] std::int64_t largest_sum(const arch::MacroSpec& macro, int unit_rows);

// An ADC whose range is the full one, [0, largest_sum()]. One with a code for every sum gives them
// back as they are; a coarser one has steps of largest_sum / (2^bits - 1).
[[nodiscard]] kernels::Transfer full_range(const arch::MacroSpec& macro,
                                           const ColumnReading& reading);

// "full range: 0 to 128 in steps of 4.129".
[[nodiscard]] std::string describe(const arch::MacroSpec& macro, const ColumnReading& reading);

}  // namespace pimento::exact
