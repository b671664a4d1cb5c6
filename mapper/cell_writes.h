// SPDX-License-Identifier: Apache-2.0
// Which cells change where a network takes several rounds: a cell is written only where the next
// round wants another level of it than it holds; cells that a round does not use stay as they are.
#pragma once

#include <cstdint>
#include <vector>

#include "mapper/mapping.h"

namespace pimento::mapper {

struct CellWrites {
  Rewriting rewriting;
  struct Layer {
    std::int64_t taken = 0;    // cells
    std::int64_t written = 0;  // that held another level
  };
  std::vector<Layer> layers;  // as in the mapping
};

// By the weights, which are read, or drawn, cell by cell, in a run behind another run of the same
// network. Nothing is written where there is one round. Throws InputError where a weight has no
// place in its cells.
[[nodiscard]] CellWrites cell_writes(const Mapping& mapping, const MappingProblem& problem);

}  // namespace pimento::mapper
