// SPDX-License-Identifier: Apache-2.0
// What operators ask of the element types and scales of their inputs. Optional inputs that are left
// out pass.
#pragma once

#include <cmath>
#include <initializer_list>

#include <fmt/format.h>

#include "workloads/graph/operator.h"

namespace pimento::workloads {

inline void expect_reals(const Call& call, std::initializer_list<int> inputs) {
  for (const int input : inputs) {
    if (call.has(input) && is_integer(call.type(input))) {
      call.fail(fmt::format("input {} holds integers; expected real numbers", input));
    }
  }
}

inline void expect_integers(const Call& call, std::initializer_list<int> inputs) {
  for (const int input : inputs) {
    if (call.has(input) && !is_integer(call.type(input))) {
      call.fail(fmt::format("input {} holds real numbers; expected integers", input));
    }
  }
}

// Scales above 0, if they are known.
inline void expect_scales(const Call& call, int input) {
  if (!call.is_known(input)) return;
  const Array& scales = call.array(input);
  for (std::int64_t i = 0; i < scales.size(); ++i) {
    if (!(scales.real(i) > 0.0) || !std::isfinite(scales.real(i))) {
      call.fail(fmt::format("input {} holds the scale {}; expected scales above 0", input,
                            scales.real(i)));
    }
  }
}

// The type of input `first` for all inputs after it.
inline void expect_one_type(const Call& call, int first = 0) {
  for (int input = first + 1; input < call.input_count(); ++input) {
    if (call.has(input) && call.type(input) != call.type(first)) {
      call.fail(fmt::format("its inputs are {} and {}; expected one type",
                            name_of(call.type(first)), name_of(call.type(input))));
    }
  }
}

}  // namespace pimento::workloads
