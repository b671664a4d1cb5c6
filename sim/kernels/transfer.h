// SPDX-License-Identifier: Apache-2.0
// What an ADC makes of a column sum.
#pragma once

#include <cstdint>
#include <vector>

namespace pimento::kernels {

// Sums are whole numbers of cell levels. Values of a stepped or tabled transfer are fixed-point
// numbers with kFractionBits; those of a clamp are whole numbers.
inline constexpr int kFractionBits = 16;

struct Transfer {
  enum class Kind {
    kClamp,    // value = sum, cut to [low, high]
    kStepped,  // value = offset + step x code, code = whole part of gain x (sum - low) + bias
    kTable,    // value = table[sum - low]
  };
  Kind kind = Kind::kClamp;
  // Sums outside saturate: they are converted as the nearer of the two.
  std::int32_t low = 0;
  std::int32_t high = 0;
  float gain = 0.0F;
  float bias = 0.0F;
  std::int64_t step = 0;
  std::int64_t offset = 0;
  std::vector<std::int64_t> table;

  [[nodiscard]] bool saturates(std::int64_t sum) const { return sum < low || sum > high; }
  // In the units of its kind.
  [[nodiscard]] std::int64_t convert(std::int64_t sum) const;
  // Whether every sum in [lowest, highest] comes out as it is.
  [[nodiscard]] bool is_exact(std::int64_t lowest, std::int64_t highest) const {
    return kind == Kind::kClamp && lowest >= low && highest <= high;
  }
};

// An ADC whose codes are the sums themselves.
[[nodiscard]] Transfer clamp_transfer(std::int32_t low, std::int32_t high);

// An ADC of 2^bits codes: code = round((sum - zero) / step), halves up, cut to [0, 2^bits - 1]; it
// stands for zero + step x code. The step is at least 1, the distance of two sums. Saturated are
// the sums outside the half step beyond the first and the last code. Where zero and step are whole
// and the step is one, this is a clamp.
[[nodiscard]] Transfer stepped_transfer(double zero, double step, int bits);

// A non-linear ADC: values[i] is what the sum low + i comes out as.
[[nodiscard]] Transfer table_transfer(std::int32_t low, const std::vector<double>& values);

// What converted sums of columns with these transfers count in: 0 where all are clamps, else
// kFractionBits.
[[nodiscard]] int fraction_bits_of(const std::vector<Transfer>& transfers);

// The value of a transfer as a real number.
[[nodiscard]] double real_value(const Transfer& transfer, std::int64_t sum);

}  // namespace pimento::kernels
