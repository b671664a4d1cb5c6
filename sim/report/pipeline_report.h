// SPDX-License-Identifier: Apache-2.0
// How a run's images followed each other, and how busy the chip's units were.
#pragma once

#include <optional>
#include <vector>

#include "base/units.h"
#include "sim/engine/limits.h"

namespace pimento::sim {

struct PipelineReport {
  Time first_image;  // until its last result: the pipeline fills, works and drains
  // From the last result of an image to that of the next: the mean, and that of the last two, which
  // is the steady one. None of a single image.
  std::optional<Time> mean_interval;
  std::optional<Time> last_interval;
  Time run;
  std::vector<UnitUse> units;

  // Of the units of a kind that did anything, over the whole run.
  [[nodiscard]] double mean_occupancy(const UnitUse& kind) const;
  [[nodiscard]] double largest_occupancy(const UnitUse& kind) const;
  // Of a request, before its service.
  [[nodiscard]] Time mean_queueing(const UnitUse& kind) const;
};

}  // namespace pimento::sim
