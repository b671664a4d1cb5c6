// SPDX-License-Identifier: Apache-2.0
// A plan carried out: which piece lies where.
#pragma once

#include <cstdint>
#include <vector>

#include "mapper/packing/plan.h"

namespace pimento::mapper::packing {

// Bins are numbered from `first_bin`; the places come bin by bin.
[[nodiscard]] std::vector<Place> replay(const Plan& plan, Stock pieces, const Problem& problem,
                                        std::int64_t first_bin);

}  // namespace pimento::mapper::packing
