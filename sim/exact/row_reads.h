// SPDX-License-Identifier: Apache-2.0
// How often rows are read for one input vector where a macro passes over inputs of zero.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/chip_spec.h"

namespace pimento::exact {

// Rows that are driven together, or unit by unit, by where their inputs lie in a vector.
struct RowSet {
  std::vector<std::int32_t> inputs;
  std::vector<std::uint8_t> shifts;  // inputs are driven 2^shift times as large; empty: none is
  friend bool operator==(const RowSet&, const RowSet&) = default;
};

// What decides how a macro reads them.
struct ReadingRule {
  arch::ZeroSkipping skipping = arch::ZeroSkipping::kNone;
  std::int64_t unit_rows = 0;  // of a read, at most
  int dac_bits = 1;
  int driven_bits = 8;  // of an input, shifts included
  [[nodiscard]] int slices() const { return (driven_bits + dac_bits - 1) / dac_bits; }
};

struct RowReads {
  std::int64_t reads = 0;   // one after the other
  std::int64_t drives = 0;  // of rows
  RowReads& operator+=(const RowReads& other) {
    reads += other.reads;
    drives += other.drives;
    return *this;
  }
};

// With nothing passed over.
[[nodiscard]] RowReads all_reads(const RowSet& rows, const ReadingRule& rule);

// `vector`: the inputs as they are driven, bits of negative ones in two's complement.
//   leading_bits  a fragment, the rows of one unit, takes the slices up to the highest bit of all
//                 of its inputs.
//   slices        a fragment takes the slices in which any of its inputs has a bit.
//   rows          a slice takes the rows that have a bit in it, in units as full as they go.
[[nodiscard]] RowReads reads_of(const RowSet& rows, const ReadingRule& rule,
                                const std::uint32_t* vector);

}  // namespace pimento::exact
