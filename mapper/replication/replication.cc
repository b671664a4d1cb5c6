// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/replication.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/ceil_div.h"
#include "base/error.h"

namespace pimento::mapper {
namespace {

// Keep sums of products, over two thousand layers, within 64 bits.
constexpr std::int64_t kMostMacros = std::int64_t{1} << 24;
constexpr std::int64_t kMostPixels = std::int64_t{1} << 28;

Time stage_time(const ReplicationLayer& layer, std::int64_t replicas) {
  return std::max(double(ceil_div(layer.pixels, replicas)) * layer.time, layer.undivided);
}

}  // namespace

std::int64_t least_macros(const ReplicationProblem& problem) {
  std::int64_t macros = 0;
  for (const ReplicationLayer& layer : problem.layers) macros += layer.macros;
  return macros;
}

void ReplicationProblem::check() const {
  ensure(!layers.empty() && layers.size() <= 2000, "replication: number of layers");
  for (const ReplicationLayer& layer : layers) {
    ensure(layer.macros >= 1 && layer.macros <= kMostMacros, "replication: macros of a layer");
    ensure(layer.pixels >= 1 && layer.pixels <= kMostPixels, "replication: pixels of a layer");
    ensure(std::isfinite(layer.time.value()) && layer.time.value() > 0,
           "replication: time of a pixel");
    ensure(std::isfinite(layer.undivided.value()) && layer.undivided.value() >= 0,
           "replication: time of a stage");
  }
  const std::int64_t least = least_macros(*this);
  if (budget >= least) return;
  throw InputError(fmt::format(
      "replication: the budget is {} macros, and the {} layers take {} with one replica each; give "
      "at least {}, or lower the bits of weights",
      budget, layers.size(), least, least));
}

Replication replicated(const ReplicationProblem& problem, std::vector<std::int64_t> replicas) {
  ensure(replicas.size() == problem.layers.size(), "replication: replicas of each layer");
  Replication result;
  for (std::size_t l = 0; l < replicas.size(); ++l) {
    const ReplicationLayer& layer = problem.layers[l];
    ensure(replicas[l] >= 1 && replicas[l] <= layer.pixels, "replication: replicas of a layer");
    const Time stage = stage_time(layer, replicas[l]);
    result.interval = std::max(result.interval, stage);
    result.latency += stage;
    result.macros += replicas[l] * layer.macros;
  }
  result.replicas = std::move(replicas);
  return result;
}

std::vector<ReplicationStep> replication_steps(const ReplicationProblem& problem,
                                               std::size_t layer) {
  const ReplicationLayer& of = problem.layers[layer];
  const std::int64_t most = 1 + ((problem.budget - least_macros(problem)) / of.macros);
  std::vector<ReplicationStep> steps;
  for (std::int64_t replicas = 1; replicas <= most;) {
    steps.push_back({replicas, replicas * of.macros, stage_time(of, replicas)});
    const std::int64_t rounds = ceil_div(of.pixels, replicas);
    if (rounds == 1 || steps.back().time <= of.undivided) break;
    replicas = ceil_div(of.pixels, rounds - 1);
  }
  return steps;
}

}  // namespace pimento::mapper
