// SPDX-License-Identifier: Apache-2.0
// The replication with the shortest interval between images, and of those the one with the fewest
// macros.
//
// It is exact without a dynamic program. The interval is the time of some stage, so it is among the
// times of all layers' steps. For a given interval each layer by itself needs at least the fewest
// replicas that keep it, and with these the interval is kept: the sum of their macros says whether
// the interval can be had. That sum does not rise with the interval, so halving over the sorted
// times finds the least one.
#pragma once

#include "mapper/replication/replication.h"

namespace pimento::mapper {

// Throws InputError if the budget does not hold each layer once.
[[nodiscard]] Replication exact_interval(const ReplicationProblem& problem);

}  // namespace pimento::mapper
