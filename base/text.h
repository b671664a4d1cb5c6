// SPDX-License-Identifier: Apache-2.0
// Small helpers on names: nearest known name, glob matching, natural joining, safe printing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pimento {

// The known name nearest to `name` by Damerau-Levenshtein distance, if near enough to be a slip.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      std::span<const std::string> known);

// Shell-style match of a whole name: `*`, `?`, `[...]` (POSIX fnmatch).
[[nodiscard]] bool glob_matches(const std::string& pattern, const std::string& name);
[[nodiscard]] bool is_glob(std::string_view pattern);

// "a, b, c".
[[nodiscard]] std::string join(std::span<const std::string> items,
                               std::string_view separator = ", ");

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

// Text of a stranger's file for a message: control characters, bytes that are not UTF-8 and marks
// that reorder a line are written as escapes; beyond `limit` characters it is cut with "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 60);

// Where the first byte stands that is no UTF-8 text: ill-formed, or a control character other than
// tab, line feed and carriage return. npos when all is text.
[[nodiscard]] std::size_t find_non_text(std::string_view text);

}  // namespace pimento
