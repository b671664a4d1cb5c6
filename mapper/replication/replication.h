// SPDX-License-Identifier: Apache-2.0
// Weight duplication: how many replicas of each layer's weights a pipeline of layers keeps on a
// chip with a budget of macros. Replica i of n makes every n-th pixel, so that a stage takes
// ceil(pixels / n) intervals of one pixel for an image, or as long as what replicas do not divide:
// the work of the units that all pixels of the layer pass, whichever replica makes them.
//
// Left out: where replicas lie, what they and other layers share there, what their traffic costs,
// pixels a stage waits for, and what is lost at the ends of rows when neighbouring pixels are made
// by different replicas.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"

namespace pimento::mapper {

struct ReplicationLayer {
  std::int64_t macros = 0;  // of one replica
  std::int64_t pixels = 0;  // of the output, an image
  Time time;                // between two pixels of one replica
  Time undivided;           // of the stage for an image, at least, with however many replicas
};

// Macros stand for whatever is handed out: cores, if each replica begins on a core of its own.
struct ReplicationProblem {
  std::vector<ReplicationLayer> layers;
  std::int64_t budget = 0;  // macros

  // Throws InputError if the budget does not hold each layer once.
  void check() const;
};

struct Replication {
  std::vector<std::int64_t> replicas;  // a layer
  Time interval;                       // between two images: the slowest stage
  Time latency;                        // of an image if the stages ran one after the other
  std::int64_t macros = 0;
};

// What `replicas` of each layer come to; the budget plays no part.
[[nodiscard]] Replication replicated(const ReplicationProblem& problem,
                                     std::vector<std::int64_t> replicas);

[[nodiscard]] std::int64_t least_macros(const ReplicationProblem& problem);

// A number of replicas with which the layer's stage is faster than with any smaller number.
struct ReplicationStep {
  std::int64_t replicas = 0;
  std::int64_t macros = 0;  // of all replicas
  Time time;                // of the stage, an image
};

// The steps of layer `layer` that the budget leaves room for when each other layer has one replica,
// from one replica up: macros rise, times fall. There are at most 2 * sqrt(pixels) of them, as
// ceil(pixels / n) has no more values; the last is the first that takes no longer than what
// replicas do not divide.
[[nodiscard]] std::vector<ReplicationStep> replication_steps(const ReplicationProblem& problem,
                                                             std::size_t layer);

}  // namespace pimento::mapper
