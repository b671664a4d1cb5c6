// SPDX-License-Identifier: Apache-2.0
// A mapping seen from the macros: what lies on each, which of its cells hold nothing and why.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arch/chip_spec.h"
#include "mapper/mapping.h"

namespace pimento::app {

// A column group and the cells of its macro that it takes.
struct PlacedGroup {
  int layer = 0;  // position in the mapping
  const arch::ColumnGroup* group = nullptr;
  arch::Range rows;
  arch::Range columns;
  [[nodiscard]] std::int64_t cells() const { return rows.size() * columns.size(); }
};

// All groups, macro by macro, and on each round by round. A macro in one round is a writing: no two
// groups of it share a cell.
class MacroContents {
 public:
  explicit MacroContents(const mapper::Mapping& mapping);

  struct Writing {
    int macro = 0;
    int round = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  [[nodiscard]] const std::vector<Writing>& writings() const { return writings_; }
  // In the mapping's order.
  [[nodiscard]] std::vector<PlacedGroup> groups(const Writing& writing) const;
  [[nodiscard]] std::int64_t used_cells(const Writing& writing) const;
  // Positions in the mapping, ascending.
  [[nodiscard]] std::vector<int> layers(const Writing& writing) const;

 private:
  struct Entry {
    int macro = 0;
    int round = 0;
    int layer = 0;
    const arch::ColumnGroup* group = nullptr;
  };
  [[nodiscard]] std::span<const Entry> entries(const Writing& writing) const;

  const mapper::Mapping& mapping_;
  std::vector<Entry> entries_;
  std::vector<Writing> writings_;
};

// Cells that hold nothing. Each is counted once, under the first that fits.
struct EmptyCells {
  std::int64_t rows_below = 0;      // below the last row in use
  std::int64_t columns_beside = 0;  // beside them, behind the last column in use
  // Below a group, up to the next multiple of an operation unit's rows: nothing else may start
  // there.
  std::int64_t unit_remainder = 0;
  // The row is driven for one block of a grouped convolution, the column belongs to another block.
  std::int64_t other_blocks = 0;
  std::int64_t gaps = 0;  // any other
  [[nodiscard]] std::int64_t total() const {
    return rows_below + columns_beside + unit_remainder + other_blocks + gaps;
  }
  EmptyCells& operator+=(const EmptyCells& other);
  friend bool operator==(const EmptyCells&, const EmptyCells&) = default;
};
[[nodiscard]] EmptyCells empty_cells(std::span<const PlacedGroup> groups,
                                     const arch::MacroSpec& macro);

// Macros that hold nothing.
struct EmptyMacros {
  std::int64_t before_next_layer = 0;  // behind a core's last: the next layer starts a core
  std::int64_t behind_last_layer = 0;  // of the last core in use
  std::int64_t skipped = 0;            // any other of the cores in use
  std::int64_t in_unused_cores = 0;    // of tiles that the mapping reaches into
  std::int64_t in_unused_tiles = 0;
  [[nodiscard]] std::int64_t in_used_cores() const {
    return before_next_layer + behind_last_layer + skipped;
  }
  friend bool operator==(const EmptyMacros&, const EmptyMacros&) = default;
};
[[nodiscard]] EmptyMacros empty_macros(const MacroContents& contents, const arch::ChipSpec& chip,
                                       int tiles);

}  // namespace pimento::app
