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
  // `may_be_negative`: whether an input without a quantizer can be. Throws InputError for
  // quantizers with more than one scale.
  InputGrid(const workloads::Layer& layer, bool may_be_negative);

  [[nodiscard]] const InputFormat& format() const { return format_; }
  // `zero_point` is that of integers whose operator says it itself.
  [[nodiscard]] IntegerInput integers(const workloads::Array& input,
                                      std::optional<double> zero_point = std::nullopt) const;

 private:
  InputFormat format_;
  std::optional<double> scale_;  // none: found anew
  double zero_point_ = 0.0;
};

// Whether what a layer reads can be below zero: all that is known without running is whether an
// activation cuts it off. `input_is_negative`: of the network's inputs.
[[nodiscard]] bool may_be_negative(const workloads::Network& network, int layer,
                                   bool input_is_negative);

}  // namespace pimento::exact
