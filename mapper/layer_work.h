// SPDX-License-Identifier: Apache-2.0
// The cells a layer takes, and how often their columns are converted.
#pragma once

#include <cstdint>

#include "mapper/mapping.h"

namespace pimento::mapper {

struct LayerWork {
  std::int64_t cells = 0;
  std::int64_t conversions = 0;  // of one input slice at one position
};

// Of the layer as a dense matrix cut where arrays end: rows are read in operation units that do not
// reach over the edge of an array.
[[nodiscard]] LayerWork dense_work(const MappingProblem& problem, int layer);

// Of one copy of the layer as it is mapped.
[[nodiscard]] LayerWork mapped_work(const MappingProblem& problem, const LayerMapping& layer);

}  // namespace pimento::mapper
