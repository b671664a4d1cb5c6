// SPDX-License-Identifier: Apache-2.0
// Where the weights lie: what `pimento map` shows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/app/pipeline.h"
#include "sim/report/style.h"

namespace pimento::app {

struct LayerPlacement {
  std::string name;
  int weight_bits = 0;
  std::int64_t blocks = 1;  // groups of a grouped convolution, each a matrix of its own
  std::int64_t rows = 0;    // of one block's weight matrix
  std::int64_t columns = 0;
  std::int64_t slices = 0;  // physical columns a weight
  std::int64_t macros = 0;
  std::int64_t row_tiles = 0;     // pieces that the matrix is cut into by rows ...
  std::int64_t column_tiles = 0;  // ... and by physical columns
  std::int64_t used_cells = 0;
  std::int64_t allocated_cells = 0;
  std::int64_t first_tile = 0;
  std::int64_t first_core = 0;  // within its tile
  [[nodiscard]] double cell_share() const;
};

struct MappingView {
  std::string network;
  std::string policy;
  std::string chip;
  std::string strategy;
  std::string encoding;
  std::vector<std::string> overrides;
  int macro_rows = 0;
  int macro_columns = 0;
  int cell_bits = 0;
  int tiles = 0;
  bool sized_to_network = false;
  std::int64_t chip_macros = 0;
  std::int64_t macros = 0;  // that hold weights
  mapper::Utilization utilization;
  std::vector<LayerPlacement> layers;
};

[[nodiscard]] MappingView view_mapping(const RunRequest& request, const Inputs& inputs,
                                       const Mapped& mapped);
[[nodiscard]] std::string mapping_text(const MappingView& view, const sim::Style& style);
[[nodiscard]] std::string mapping_json(const MappingView& view);

}  // namespace pimento::app
