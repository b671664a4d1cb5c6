// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/isaac_rule.h"

#include <algorithm>
#include <utility>

namespace pimento::mapper {
namespace {

std::int64_t most_pixels(const ReplicationProblem& problem) {
  std::int64_t most = 1;
  for (const ReplicationLayer& layer : problem.layers) most = std::max(most, layer.pixels);
  return most;
}

std::int64_t last_pixels(const ReplicationProblem& problem) {
  std::int64_t last = 1;
  for (const ReplicationLayer& layer : problem.layers) {
    if (layer.pixels > 1) last = layer.pixels;
  }
  return last;
}

// In proportion to pixels, `top` replicas for the layer that makes most of them.
Replication in_proportion(const ReplicationProblem& problem, std::int64_t top) {
  const std::int64_t most = most_pixels(problem);
  std::vector<std::int64_t> replicas;
  replicas.reserve(problem.layers.size());
  for (const ReplicationLayer& layer : problem.layers) {
    replicas.push_back(std::max<std::int64_t>(1, layer.pixels * top / most));
  }
  return replicated(problem, std::move(replicas));
}

}  // namespace

Replication isaac_rule(const ReplicationProblem& problem, IsaacScale scale) {
  problem.check();
  // Macros rise with the layer that has most replicas, so halving finds the most that fit.
  const std::int64_t most = most_pixels(problem);
  std::int64_t fits = 1;
  std::int64_t beyond = 1 + (scale == IsaacScale::kPublished ? most / last_pixels(problem) : most);
  while (beyond - fits > 1) {
    const std::int64_t middle = fits + ((beyond - fits) / 2);
    (in_proportion(problem, middle).macros <= problem.budget ? fits : beyond) = middle;
  }
  return in_proportion(problem, fits);
}

}  // namespace pimento::mapper
