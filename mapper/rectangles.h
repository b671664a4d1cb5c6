// SPDX-License-Identifier: Apache-2.0
// Rectangles on sheets, and whether any two of a sheet overlap.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "arch/indices.h"

namespace pimento::mapper {

struct Rectangle {
  std::int64_t sheet = 0;
  arch::Range rows;
  arch::Range columns;
};

// Two that share a cell, by their place in the list, the one that starts further down second;
// nothing where none do. Time grows as n log n.
[[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> first_overlap(
    const std::vector<Rectangle>& rectangles);

}  // namespace pimento::mapper
