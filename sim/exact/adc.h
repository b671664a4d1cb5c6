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

// As the chip has it: its ADC's resolution, the rows of its operation unit.
[[nodiscard]] ColumnReading column_reading(const arch::ChipSpec& chip);

// The sums of a column of an array that is read so.
[[nodiscard]] arch::SumRange sums_of(const arch::MacroSpec& macro, int unit_rows);

// An ADC whose range is the full one, that of sums_of(). One with a code for every sum gives them
// back as they are. A coarser one of sums from zero on has steps of highest / (2^bits - 1); one of
// sums with a sign has codes from -2^(bits-1) on and steps of highest / (2^(bits-1) - 1), so that
// zero is a code (one of a single bit has the two ends).
[[nodiscard]] kernels::Transfer full_range(const arch::MacroSpec& macro,
                                           const ColumnReading& reading);

// "full range: 0 to 128 in steps of 4.129".
[[nodiscard]] std::string describe(const arch::MacroSpec& macro, const ColumnReading& reading);

}  // namespace pimento::exact
