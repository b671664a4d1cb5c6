// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/exact_interval.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace pimento::mapper {
namespace {

using Steps = std::vector<ReplicationStep>;

// The first step that keeps the interval; the end if none does.
Steps::const_iterator within(const Steps& steps, Time interval) {
  return std::partition_point(steps.begin(), steps.end(),
                              [&](const ReplicationStep& step) { return step.time > interval; });
}

bool can_be_had(const std::vector<Steps>& layers, Time interval, std::int64_t budget) {
  for (const Steps& steps : layers) {
    const auto step = within(steps, interval);
    if (step == steps.end() || step->macros > budget) return false;
    budget -= step->macros;
  }
  return true;
}

}  // namespace

Replication exact_interval(const ReplicationProblem& problem) {
  problem.check();
  std::vector<Steps> layers;
  std::vector<Time> intervals;
  for (std::size_t l = 0; l < problem.layers.size(); ++l) {
    layers.push_back(replication_steps(problem, l));
    for (const ReplicationStep& step : layers.back()) intervals.push_back(step.time);
  }
  std::sort(intervals.begin(), intervals.end());
  const auto least = std::partition_point(intervals.begin(), intervals.end(), [&](Time interval) {
    return !can_be_had(layers, interval, problem.budget);
  });
  ensure(least != intervals.end(), "replication: one replica each does not fit");
  std::vector<std::int64_t> replicas;
  replicas.reserve(layers.size());
  for (const Steps& steps : layers) replicas.push_back(within(steps, *least)->replicas);
  return replicated(problem, std::move(replicas));
}

}  // namespace pimento::mapper
