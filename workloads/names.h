// SPDX-License-Identifier: Apache-2.0
// How layers are named in policies and counting rules.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/text.h"
#include "workloads/limits.h"

namespace pimento::workloads {

// What makes a pattern unusable; empty when nothing does.
[[nodiscard]] inline std::string pattern_fault(const std::string& pattern) {
  if (pattern.empty()) return "found an empty pattern; expected a layer name or a glob";
  if (pattern.size() > kMaxNameLength) {
    return "found a pattern of more than 512 characters; use a shorter glob";
  }
  return {};
}

// A layer's own name comes before its reading as a glob, as exported names may hold brackets.
[[nodiscard]] inline bool matches_layer(const std::string& pattern, const std::string& name) {
  return pattern == name || glob_matches(pattern, name);
}

inline constexpr std::size_t kNamesCompared = 1000;

// The nearest of the first thousand names, so that a huge file cannot make a message take minutes.
[[nodiscard]] inline std::optional<std::string> nearest_layer(
    const std::string& name, const std::vector<std::string>& names) {
  return nearest_name(name, std::span(names.data(), std::min(names.size(), kNamesCompared)));
}

}  // namespace pimento::workloads
