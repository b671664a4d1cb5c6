// SPDX-License-Identifier: Apache-2.0
// How fast macros are read: the closed form that the model keeps and mappers plan with.
#pragma once

#include "arch/chip_spec.h"

namespace pimento::arch {

// A pipelined unit: it takes the next request an interval after this one and answers after the
// latency.
struct Pace {
  Time interval;
  Time latency;
};

// Of one read of so many columns; the columns of an ADC are converted one after the other.
[[nodiscard]] Time conversion_time(const ChipSpec& chip, std::int64_t max_columns);

// One pixel through macros of which the busiest takes `reads` reads of at most `max_columns`
// columns: one for every input slice and operation unit. Reading and conversion are two steps of a
// pipeline, joined by the sample-and-hold: the interval is reads x max(read, convert), the latency
// read + (reads - 1) max(read, convert) + convert. No reads take no time.
[[nodiscard]] Pace read_pace(const ChipSpec& chip, std::int64_t reads, std::int64_t max_columns);

}  // namespace pimento::arch
