// SPDX-License-Identifier: Apache-2.0
// Quantizers of any number of bits, as the formats that go beyond ONNX's own types define them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "workloads/graph/operator.h"

namespace pimento::workloads {

// How Quant and Trunc round; the words of QONNX.
enum class Rounding { kHalfEven, kCeil, kFloor, kUp, kDown, kHalfUp, kHalfDown };
[[nodiscard]] Rounding rounding_of(const Call& call, const std::string& otherwise);
[[nodiscard]] double round_by(Rounding rounding, double value);

// The integers a Quant of these properties can give.
struct IntegerRange {
  double low = 0.0;
  double high = 0.0;
};
[[nodiscard]] IntegerRange integer_range(int bits, bool has_sign, bool narrow);

// The bit width input of Trunc: whole, 1 to 32, the same for all values.
[[nodiscard]] int bit_width_of(const Call& call, int input);
// That of Quant, which may hold one for each value of the data, or for a channel or block of them.
void check_bit_widths(const Call& call, int input);
// Whether they are all the same.
[[nodiscard]] bool is_one_width(const Array& widths);

// Those of a Quant that rounds to the nearest, ties to even.
[[nodiscard]] std::map<std::string, Attribute> quantizer_attributes(bool has_sign, bool narrow);

}  // namespace pimento::workloads
