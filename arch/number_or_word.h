// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "base/config_reader.h"

namespace pimento::arch {

// A whole number, or none where the file has `word` in its place ("tiles: auto"). A mistake is
// noted once and names both.
[[nodiscard]] std::optional<int> number_or_word(ConfigMap& map, std::string_view key,
                                                std::string_view word, IntRange range);

}  // namespace pimento::arch
