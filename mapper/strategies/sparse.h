// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"

namespace pimento::mapper {

// Each layer by the best of "dense", "planes", "sre", "bwq", "similar", "sme" and "forms", as far
// as they apply to the chip. Best is the one with the fewest reads for a pixel (those of the
// busiest macro, for all input slices), of these the one with the fewest cells, then with the least
// metadata; of equals the first in this order.
// It does not weigh reads against metadata, which most of these cost and "dense" does not; "auto"
// compares the whole by energy and time. The reason of the mapping says how many layers went to
// which. It looks at each weight once for every strategy: some seconds for ten million weights.
// Fails when the chip has too few macros.
[[nodiscard]] Mapping map_sparse(const MappingProblem& problem);

}  // namespace pimento::mapper
