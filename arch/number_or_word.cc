// SPDX-License-Identifier: Apache-2.0
#include "arch/number_or_word.h"

#include <string>

#include <fmt/format.h>

#include "base/text.h"

namespace pimento::arch {

std::optional<int> number_or_word(ConfigMap& map, std::string_view key, std::string_view word,
                                  IntRange range) {
  const auto lowest = static_cast<int>(range.min);
  const std::string expected =
      fmt::format("expected \"{}\" or a whole number from {} to {}", word, range.min, range.max);
  if (!map.has(key)) {
    map.problem(key, "missing; " + expected);
    return lowest;
  }
  if (map.is_map(key) || map.is_list(key)) return static_cast<int>(map.integer(key, range));
  const std::string text = map.text(key);
  if (text == word) return std::nullopt;
  if (!text.empty() && text.find_first_not_of("-0123456789") == std::string::npos) {
    return static_cast<int>(map.integer(key, range));
  }
  map.problem(key, fmt::format("found \"{}\"; {}", printable(text), expected));
  return lowest;
}

}  // namespace pimento::arch
