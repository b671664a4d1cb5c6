// SPDX-License-Identifier: Apache-2.0
// A transfer for sums that are no whole numbers: the same codes at whole sums, and what noise and a
// bent converter make of them. All in single precision, in the order written here, so that every
// instruction set finds the same codes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "sim/kernels/analog_tile.h"

namespace pimento::kernels {

// code = whole part of t, cut to [0, last]; t = sum gain + bias + deviation x normal + bow.
struct AnalogConverter {
  float codes_of_unit = 1.0F;  // gain, for one unit of the column's sums
  float bias = 0.5F;
  float last = 0.0F;
  float variance_unit = 0.0F;  // of codes squared, for one unit of the column's variances
  float own_variance = 0.0F;   // the converter's noise, in codes squared
  float bow = 0.0F;            // four times its height
  bool is_silent = true;

  AnalogConverter(const AnalogTile& tile, const AnalogTile::Column& column) {
    const Transfer& transfer = tile.transfer(column);
    float gain = 1.0F;
    std::int64_t codes = std::int64_t{transfer.high} - transfer.low;
    if (transfer.kind == Transfer::Kind::kStepped) {
      gain = transfer.gain;
      bias = transfer.bias;
      codes = static_cast<std::int64_t>(static_cast<float>(codes) * gain + bias);
    }
    bias -= static_cast<float>(transfer.low) * gain;
    last = static_cast<float>(codes);
    codes_of_unit = gain * std::ldexp(1.0F, -column.value_bits);
    variance_unit = column.variance_unit * gain * gain;
    const auto noise = static_cast<float>(tile.faults().noise);
    own_variance = noise * noise;
    bow = 4.0F * static_cast<float>(tile.faults().bow);
    is_silent = variance_unit == 0.0F && own_variance == 0.0F;
  }
};

// What is added to a column's total for its codes, and for a code.
struct CodeWorth {
  std::int64_t offset = 0;
  std::int64_t step = 0;
};
[[nodiscard]] inline CodeWorth worth_of_codes(const AnalogTile& tile,
                                              const AnalogTile::Column& column) {
  const Transfer& transfer = tile.transfer(column);
  const bool clamp = transfer.kind == Transfer::Kind::kClamp;
  const std::int64_t unit = std::int64_t{1} << tile.fraction_bits();
  const std::int64_t worth =
      (column.place.negative ? -1 : 1) * (std::int64_t{1} << column.place.shift);
  return {worth * (clamp ? transfer.low * unit : transfer.offset) * tile.groups().reads(),
          worth * (clamp ? unit : transfer.step)};
}

}  // namespace pimento::kernels
