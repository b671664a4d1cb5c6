// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them, for text reports only. JSON and CSV carry full precision.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/units.h"

namespace pimento::sim {

// "1,814,073,344".
[[nodiscard]] std::string format_count(std::int64_t count);
// A number of actions or instances, which may be a fraction: "42", "0.25".
[[nodiscard]] std::string format_amount(double amount);
// 0.9961 -> "99.6 %".
[[nodiscard]] std::string format_percent(double share);
// 0.5123 -> "0.512x"; nothing -> "-".
[[nodiscard]] std::string format_ratio(std::optional<double> ratio);
// A pure number with at least `digits` significant digits: "12.34", "123456".
[[nodiscard]] std::string format_number(double value, int digits = 4);

// a / b, where b says anything.
[[nodiscard]] std::optional<double> ratio(double a, double b);

// The SI base unit of area is the square metre, chips are measured in square millimetres.
[[nodiscard]] inline double square_millimetres(Area area) {
  return area.value() * 1e6;
}

}  // namespace pimento::sim
