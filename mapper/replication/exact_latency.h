// SPDX-License-Identifier: Apache-2.0
// The replication with the shortest latency, the sum of all stages, within the budget; if asked,
// among those whose every stage keeps an interval. With the result of exact_interval() as interval
// it is the shortest latency at the best throughput.
//
// A multiple-choice knapsack, solved by a dynamic program over macros spent that keeps, layer by
// layer, for each number of macros the shortest latency (the frame of Li et al., TODAES 2023, on
// the closed form of replication.h). Three things keep it small, none of which gives up exactness:
// macros count in units of their greatest common divisor; only numbers of replicas that shorten a
// stage are choices; and what cannot beat a replication already at hand, by Lagrange's bound
// (relaxation.h), is dropped. "Exact" is up to the rounding of a sum of doubles; times that are
// whole numbers of a unit, such as nanoseconds counted as doubles, are added without any.
#pragma once

#include <optional>

#include "mapper/replication/replication.h"

namespace pimento::mapper {

// Beyond these it is refused: memory stays below some 300 MB and time at some seconds.
struct LatencyLimits {
  std::int64_t room = std::int64_t{1} << 20;         // units of macros beyond one replica each
  std::int64_t states = std::int64_t{1} << 25;       // kept, over all layers
  std::int64_t transitions = std::int64_t{1} << 32;  // tried, over all layers
};

// Throws InputError if the budget does not hold each layer once or cannot keep `interval`, or if
// the problem is beyond the limits.
[[nodiscard]] Replication exact_latency(const ReplicationProblem& problem,
                                        const std::optional<Time>& interval = std::nullopt,
                                        const LatencyLimits& limits = {});

}  // namespace pimento::mapper
