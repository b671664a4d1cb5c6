// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <cctype>
#include <fnmatch.h>
#include <limits>

#include <boost/locale/utf.hpp>
#include <fmt/format.h>

namespace pimento {
namespace {

// Longer names are never the slip of a known one; this also bounds the distance's cost.
constexpr std::size_t kLongestName = 64;

// Case and the kind of hyphen are the commonest slips, so they cost nothing.
std::string folded(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

// Edits that turn a into b: insert, delete, replace, swap of neighbours (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

CodePoint decode(std::string_view text, std::size_t at) {
  using Traits = boost::locale::utf::utf_traits<char>;
  const char* const begin = text.data() + at;
  const char* next = begin;
  const auto value = Traits::decode(next, text.data() + text.size());
  if (value == boost::locale::utf::illegal || value == boost::locale::utf::incomplete) return {};
  return {static_cast<char32_t>(value), static_cast<std::size_t>(next - begin), true};
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

// Line and paragraph separators, and the marks that turn the direction of writing.
bool disturbs_a_line(char32_t c) {
  return (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
         c == 0x200f || c == 0xfeff;
}

std::string escape(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  const auto code = static_cast<unsigned>(c);
  return c < 0x80 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> known) {
  if (name.empty() || name.size() > kLongestName) return std::nullopt;
  const std::string wanted = folded(name);
  const std::string* best = nullptr;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestName) continue;
    const std::size_t distance = edit_distance(wanted, folded(candidate));
    const std::size_t allowed = std::max(wanted.size(), candidate.size()) / 3;
    if (distance <= allowed && distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  if (best == nullptr) return std::nullopt;
  return *best;
}

bool glob_matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?[") != std::string_view::npos;
}

std::string join(std::span<const std::string> items, std::string_view separator) {
  return fmt::format("{}", fmt::join(items, separator));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> result;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    result.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return result;
    begin = end + 1;
  }
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    if (count == limit) return result + "...";
    const CodePoint point = decode(text, at);
    if (!point.valid) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    } else if (is_control(point.value) || disturbs_a_line(point.value)) {
      result += escape(point.value);
    } else {
      result += text.substr(at, point.length);
    }
    at += point.length;
  }
  return result;
}

std::size_t find_non_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte < 0x7f) {
      ++at;
      continue;
    }
    const CodePoint point = decode(text, at);
    const bool layout = point.value == '\t' || point.value == '\n' || point.value == '\r';
    if (!point.valid || (is_control(point.value) && !layout)) return at;
    at += point.length;
  }
  return std::string_view::npos;
}

}  // namespace pimento
