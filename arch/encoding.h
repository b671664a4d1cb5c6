// SPDX-License-Identifier: Apache-2.0
// How signed numbers become cells and row drives that know no sign.
#pragma once

#include <cstdint>
#include <string_view>

namespace pimento::arch {

// Weights in cells; arch/slices.h says how each is cut.
enum class Encoding {
  kTwosComplement,  // bit-planes; the top one subtracts
  kOffset,          // the weight plus half the range
  kOffsetFlipped,   // the same; columns that hold more than half of what they could are stored
                    // inverted (ISAAC's flipped weights)
  kDifferential,    // magnitude in a positive or in a negative column, each with its conversion
  kSignMagnitude,   // magnitude on one of two lines that are subtracted before the conversion
  kCenterOffset,    // distance from a center of the output channel, as sign and magnitude (RAELLA)
  kCsd,             // canonical signed digits on such pairs of lines
  kXnor,            // bipolar: a cell and a row agree or do not; sums count how many do
};
[[nodiscard]] std::string_view encoding_name(Encoding encoding);

// Lines of cells that one column consists of: two where a pair is subtracted before the conversion.
[[nodiscard]] int lines(Encoding encoding);

// Inputs below zero, on rows.
enum class SignedInputs {
  kTwosComplement,  // the slice of the top bit subtracts; a DAC of one bit only
  kOffset,          // half the range is added, and taken off digitally
  kTwoPhase,        // what is above zero first, then what is below, which subtracts
};
[[nodiscard]] std::string_view signed_inputs_name(SignedInputs inputs);

// Sums that a column of `rows` rows can have when they are read together, in levels of a cell.
struct SumRange {
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  friend bool operator==(const SumRange&, const SumRange&) = default;
};
[[nodiscard]] SumRange sum_range(Encoding encoding, std::int64_t rows, int cell_bits, int dac_bits);

}  // namespace pimento::arch
