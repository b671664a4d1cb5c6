// SPDX-License-Identifier: Apache-2.0
// A search by mutation after PIMCOMP (Sun et al., DAC 2023): a candidate is the number of replicas
// of each layer; children are made from one parent by adding replicas to a layer, taking some from
// one, or moving macros between two, without crossover; the best live on. The shorter interval
// is the fitter, then the shorter latency. It starts from ISAAC's rule, so it never loses to it.
//
// For comparison with the exact solvers, and for costs to come that have no closed form. PIMCOMP's
// genes also say on which core a replica lies; here they do not.
#pragma once

#include "mapper/replication/replication.h"

namespace pimento::mapper {

struct GeneticOptions {
  int population = 50;
  int generations = 400;
  std::uint64_t seed = 0;
};

// The same options give the same result. Throws InputError if the budget does not hold each layer
// once.
[[nodiscard]] Replication genetic(const ReplicationProblem& problem,
                                  const GeneticOptions& options = {});

}  // namespace pimento::mapper
