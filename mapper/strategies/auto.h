// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"

namespace pimento::mapper {

// The best of "dense", "sparse", "packed", "windows" and, where the chip has a fixed number of
// tiles and cores to spare beyond a dense mapping, "throughput". Best is the least product of
// dynamic energy of an image and interval between images (mapper/estimate.h); of equals the
// shorter interval, then the first in this order. The reason of the mapping has the figures of all.
//
// It is a rule by closed forms: static energy, what makes units wait for each other and the area of
// a chip that is sized to its mapping play no part, and energy that depends on values stands on
// those that the chip declares. A strategy that refuses the problem is left out and named in the
// reason. Fails when all of them do, as "dense" does.
[[nodiscard]] Mapping map_auto(const MappingProblem& problem);

}  // namespace pimento::mapper
