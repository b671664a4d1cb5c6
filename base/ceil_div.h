// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pimento {

// How many parts of size `b` hold `a`; neither is negative, and `b` is not zero.
[[nodiscard]] constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace pimento
