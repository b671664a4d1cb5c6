// SPDX-License-Identifier: Apache-2.0
#include "sim/report/format.h"

#include <cmath>

#include <fmt/format.h>

namespace pimento::sim {

std::string format_count(std::int64_t count) {
  std::string digits = fmt::format("{}", count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string format_amount(double amount) {
  // Whole doubles up to here are exact.
  if (amount == std::trunc(amount) && std::abs(amount) < 0x1p53) {
    return format_count(static_cast<std::int64_t>(amount));
  }
  return format_number(amount);
}

std::string format_percent(double share) {
  return fmt::format("{:.1f} %", 100.0 * share);
}

std::string format_ratio(std::optional<double> ratio) {
  return ratio ? fmt::format("{:.3f}x", *ratio) : "-";
}

std::string format_number(double value, int digits) {
  // Whole numbers instead of 1.235e+04, up to what still reads well.
  const double magnitude = std::abs(value);
  if (magnitude >= std::pow(10.0, digits) && magnitude < 1e12) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}g}", value, digits);
}

std::optional<double> ratio(double a, double b) {
  return b > 0.0 ? std::optional(a / b) : std::nullopt;
}

}  // namespace pimento::sim
