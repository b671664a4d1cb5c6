// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "arch/program/program.h"
#include "mapper/mapping.h"
#include "mapper/replication/replication.h"

namespace pimento::mapper {

// Layers as "dense" places them, each in as many copies as give the shortest interval between
// images and, at that interval, the shortest latency (mapper/replication: exact_interval, then
// exact_latency; where the latter is beyond its limits, the replicas of the former), no stage being
// made more than twice as fast as the interval asks. Copies take
// turns over the pixels; each starts on a core of its own, so that cores are what is spent. Tiles
// are then placed by their traffic (mapper/traffic.h).
//
// The budget is the chip's cores. Where chip.tiles is auto there is none, and twice the cores of
// the dense mapping are assumed. No more copies are made than memory holds column groups: on chips
// that are far larger than the network the budget is halved until they fit.
//
// A stage's time for a pixel is that of its slowest core's reads and conversions or of the bus that
// serves it, and no stage is faster than what copies do not divide: the vector and pooling work at
// its home. What is solved for so is then held against the rules of ISAAC in the closed form of the
// whole program (arch/program/unit_times.h), which also knows what shares a tile and a port, and
// the shorter interval is kept. Left out: what copies cost in buffers. Objective: interval. Fails
// when the chip has too few macros for one copy of each layer.
[[nodiscard]] Mapping map_throughput(const MappingProblem& problem);

// The same, with the dense mapping at hand.
[[nodiscard]] Mapping map_throughput_of(const MappingProblem& problem, const Mapping& dense);

// Whether the chip has more cores than one copy of each layer takes; not where it is sized to the
// network.
[[nodiscard]] bool has_spare_cores(const MappingProblem& problem, const Mapping& dense);

// Layers in so many copies each, placed as map_throughput() does.
[[nodiscard]] Mapping map_replicas(const MappingProblem& problem, const Mapping& dense,
                                   const std::vector<std::int64_t>& replicas);

// What is solved for: a layer's cores for "macros", its steps for pixels.
[[nodiscard]] ReplicationProblem replication_problem(const MappingProblem& problem,
                                                     const Mapping& dense);

}  // namespace pimento::mapper
