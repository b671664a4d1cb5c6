// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/transfer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "base/error.h"

namespace pimento::kernels {
namespace {

// In single precision, as the vector code computes it: multiplied, rounded, added, rounded.
std::int64_t code_of(const Transfer& transfer, std::int64_t steps) {
  const float scaled = static_cast<float>(steps) * transfer.gain;
  return static_cast<std::int64_t>(scaled + transfer.bias);
}

constexpr double kLargestSum = 1 << 24;
constexpr double kLargestStep = 1 << 14;

std::int64_t fixed_point(double value) {
  return std::llround(std::ldexp(value, kFractionBits));
}

}  // namespace

std::int64_t Transfer::convert(std::int64_t sum) const {
  const std::int64_t inside = std::clamp<std::int64_t>(sum, low, high);
  switch (kind) {
    case Kind::kClamp:
      return inside;
    case Kind::kStepped:
      return offset + step * code_of(*this, inside - low);
    case Kind::kTable:
      return table[static_cast<std::size_t>(inside - low)];
  }
  return 0;
}

Transfer clamp_transfer(std::int32_t low, std::int32_t high) {
  ensure(low <= high, "the range of an ADC is empty");
  Transfer result;
  result.low = low;
  result.high = high;
  return result;
}

Transfer stepped_transfer(double zero, double step, int bits) {
  ensure(step >= 1.0 && std::abs(zero) < 0x1p31 && bits >= 1 && bits <= 31,
         "an ADC's step, zero or bits are out of range");
  const std::int64_t codes = std::int64_t{1} << bits;
  if (step == 1.0 && zero == std::floor(zero)) {
    constexpr double kMost = std::numeric_limits<std::int32_t>::max();
    return clamp_transfer(
        static_cast<std::int32_t>(zero),
        static_cast<std::int32_t>(std::min(kMost, zero + static_cast<double>(codes - 1))));
  }
  ensure(step < kLargestStep && std::abs(zero) < kLargestSum && bits <= 24,
         "an ADC's step, zero or bits are out of range");
  Transfer result;
  result.kind = Transfer::Kind::kStepped;
  // The whole sums that round to a code: zero - step/2 <= sum < zero + (codes - 1/2) step.
  const double first = std::ceil(zero - step / 2.0);
  const double last = std::ceil(zero + (static_cast<double>(codes) - 0.5) * step) - 1.0;
  result.low = static_cast<std::int32_t>(std::clamp(first, -kLargestSum, kLargestSum));
  result.high = static_cast<std::int32_t>(std::clamp(last, first, kLargestSum));
  result.gain = static_cast<float>(1.0 / step);
  result.bias =
      static_cast<float>(std::max(0.0, (static_cast<double>(result.low) - zero) / step + 0.5));
  result.step = fixed_point(step);
  // In whole steps as they are kept, so that a code for a sum of zero stands for zero.
  const double steps = std::nearbyint(zero / step);
  result.offset = static_cast<std::int64_t>(steps) * result.step + fixed_point(zero - steps * step);
  // Rounding of gain and bias must not carry the last sum into a code that is not there.
  while (result.high > result.low && code_of(result, result.high - result.low) >= codes) {
    --result.high;
  }
  return result;
}

Transfer table_transfer(std::int32_t low, const std::vector<double>& values) {
  ensure(!values.empty(), "the table of an ADC is empty");
  Transfer result;
  result.kind = Transfer::Kind::kTable;
  result.low = low;
  result.high = low + static_cast<std::int32_t>(values.size()) - 1;
  std::transform(values.begin(), values.end(), std::back_inserter(result.table), fixed_point);
  return result;
}

int fraction_bits_of(const std::vector<Transfer>& transfers) {
  const bool whole = std::all_of(transfers.begin(), transfers.end(), [](const Transfer& t) {
    return t.kind == Transfer::Kind::kClamp;
  });
  return whole ? 0 : kFractionBits;
}

double real_value(const Transfer& transfer, std::int64_t sum) {
  const auto value = static_cast<double>(transfer.convert(sum));
  return transfer.kind == Transfer::Kind::kClamp ? value : std::ldexp(value, -kFractionBits);
}

}  // namespace pimento::kernels
