// SPDX-License-Identifier: Apache-2.0
// The integers that a layer reads: its real input on the grid of its quantizer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/exact/mapped_matrix.h"
#include "workloads/network.h"

namespace pimento::exact {

// real = scale x (integer - zero point).
struct IntegerInput {
  std::vector<std::int32_t> integers;
  double scale = 1.0;
  double zero_point = 0.0;
};

// How a layer's input becomes integers: by the quantizer of its file where that has the policy's
// bits, else by a scale found anew for every tensor, so that its largest magnitude is the largest
// integer.
class InputGrid {
 public:
  // `is_signed` as workloads::reads_negative() has it. Throws InputError for quantizers with more
  // than one scale.
  InputGrid(const workloads::Layer& layer, bool is_signed);

  [[nodiscard]] const InputFormat& format() const { return format_; }
  // `zero_point` is that of integers whose operator says it itself.
  [[nodiscard]] IntegerInput integers(const workloads::Array& input,
                                      std::optional<double> zero_point = std::nullopt) const;

 private:
  InputFormat format_;
  std::optional<double> scale_;  // none: found anew
  double zero_point_ = 0.0;
};

}  // namespace pimento::exact
