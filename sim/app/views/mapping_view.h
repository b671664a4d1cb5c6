// SPDX-License-Identifier: Apache-2.0
// Where the weights lie: what `pimento map` shows as text and as JSON.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/app/pipeline.h"
#include "sim/app/views/macro_contents.h"
#include "sim/report/style.h"

namespace pimento::app {

struct LayerPlacement {
  std::string name;
  int weight_bits = 0;
  std::int64_t blocks = 1;  // groups of a grouped convolution, each a matrix of its own
  std::int64_t rows = 0;    // of one block's matrix, as the mapping has it
  std::int64_t columns = 0;
  std::array<std::int64_t, 2> copies{1, 1};  // of the kernel in that matrix
  arch::SlicePlan plan;                      // a physical column a slice and weight
  int replicas = 1;
  int turns = 1;   // the most that one macro is read in
  int rounds = 1;  // in which its macros are written
  std::int64_t macros = 0;
  std::int64_t row_tiles = 0;     // pieces that the matrix is cut into by rows ...
  std::int64_t column_tiles = 0;  // ... and by physical columns
  std::int64_t used_cells = 0;
  std::int64_t dense_cells = 0;  // of the kernel's own matrix, stored once and whole
  std::int64_t allocated_cells = 0;
  std::int64_t first_tile = 0;
  std::int64_t first_core = 0;  // within its tile
  std::vector<mapper::PassReport> passes;
  // Of each bit-plane, plane 0 the least significant: the share of the matrix's cells that are
  // stored; nothing where the plane has no slice.
  std::vector<std::optional<double>> planes;
  EmptyCells empty;  // of macros that hold no other layer

  [[nodiscard]] std::int64_t slices() const { return std::ssize(plan.slices); }
  [[nodiscard]] std::int64_t metadata_bits() const;
  [[nodiscard]] std::int64_t metadata_reads() const;
  // Of one replica, of the cells of a dense mapping. Above 1 where copies of the kernel store
  // weights, and the zeros between them, several times.
  [[nodiscard]] double stored_share() const;
  [[nodiscard]] double cell_share() const;
};

struct MappingView {
  std::string network;
  std::string policy;
  std::string chip;
  std::string strategy;
  std::string reason;  // why this mapping; empty where the strategy has no choice
  std::optional<mapper::TrafficSummary> traffic;
  std::string encoding;
  std::vector<std::string> overrides;
  int macro_rows = 0;
  int macro_columns = 0;
  int cell_bits = 0;
  int tiles = 0;
  std::int64_t macros_per_core = 1;
  std::int64_t macros_per_tile = 1;
  bool sized_to_network = false;
  std::int64_t chip_macros = 0;
  std::int64_t macros = 0;         // that hold weights
  std::int64_t shared_macros = 0;  // that hold several layers at once
  std::int64_t writings = 0;       // of macros: as many, unless some are written anew
  mapper::Utilization utilization;
  std::vector<LayerPlacement> layers;
  EmptyCells empty_of_shared;  // of the shared macros
  EmptyMacros empty_macros;

  // Of all writings.
  [[nodiscard]] EmptyCells empty() const;
};

[[nodiscard]] MappingView view_mapping(const RunRequest& request, const Inputs& inputs,
                                       const mapper::Mapping& mapping);
[[nodiscard]] std::string mapping_text(const MappingView& view, const sim::Style& style);
[[nodiscard]] std::string mapping_json(const MappingView& view);

// The same with every column group, a line each, piece by piece to `write`. Throws InputError above
// kMostListedGroups before anything is written.
inline constexpr std::int64_t kMostListedGroups = 1'000'000;
void write_mapping_json(const MappingView& view, const mapper::Mapping& mapping,
                        const std::function<void(const std::string&)>& write);

}  // namespace pimento::app
