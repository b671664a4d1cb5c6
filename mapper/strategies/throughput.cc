// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/throughput.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "arch/program/steps.h"
#include "arch/read_pace.h"
#include "base/ceil_div.h"
#include "mapper/lower.h"
#include "mapper/placement.h"
#include "mapper/replication/exact_interval.h"
#include "mapper/replication/exact_latency.h"
#include "mapper/strategies/dense.h"
#include "mapper/traffic.h"

namespace pimento::mapper {
namespace {

constexpr std::size_t kMostLayers = 2000;  // that the solvers take

Time pixel_time(const arch::Stage& stage, const arch::ChipSpec& chip) {
  Time slowest;
  for (const arch::TileWork& tile : stage.tiles) {
    for (const arch::CoreWork& work : tile.cores) {
      slowest = std::max(
          slowest,
          arch::read_pace(chip, stage.input_slices * work.reads, work.max_columns).interval);
    }
  }
  return slowest;
}

Replication solve(const ReplicationProblem& problem) {
  Replication fastest = exact_interval(problem);
  try {
    return exact_latency(problem, fastest.interval);
  } catch (const InputError&) {
    return fastest;  // the search is beyond its limits
  }
}

std::int64_t groups_of(const Mapping& dense, const Replication& replication) {
  std::int64_t groups = 0;
  for (std::size_t l = 0; l < dense.layers.size(); ++l) {
    groups += replication.replicas[l] * std::ssize(dense.layers[l].groups);
  }
  return groups;
}

Replication replication_that_fits(const MappingProblem& problem, const Mapping& dense) {
  if (dense.layers.size() > kMostLayers) {
    throw InputError(
        fmt::format("the network has {} layers with weights; expected at most {} for "
                    "the strategy \"throughput\"; use another strategy",
                    dense.layers.size(), kMostLayers));
  }
  ReplicationProblem wanted = replication_problem(problem, dense);
  while (true) {
    Replication replication = solve(wanted);
    if (groups_of(dense, replication) <= kMostGroups) return replication;
    wanted.budget = std::max(least_macros(wanted), wanted.budget / 2);
  }
}

LayerMapping replicated_layer(const MappingProblem& problem, int index, std::int64_t replicas,
                              FreshMacros& macros) {
  LayerMapping layer = unplaced_layer(problem, index);
  const MatrixTiles tiles =
      array_tiles(problem.network.matrix(index), layer.plan, problem.chip.macro);
  for (std::int64_t replica = 0; replica < replicas; ++replica) {
    const std::size_t first = layer.groups.size();
    macros.start_core();
    macros.place(layer, tiles);
    for (std::size_t g = first; g < layer.groups.size(); ++g) {
      layer.groups[g].replica = static_cast<int>(replica);
    }
  }
  if (replicas > 1) {
    PassReport report;
    report.pass = "replication";
    report.cells_saved = -(used_cells(layer) / replicas * (replicas - 1));
    layer.passes.push_back(std::move(report));
  }
  return layer;
}

std::string reason_of(const MappingProblem& problem, const ReplicationProblem& wanted,
                      const Replication& replication) {
  const Replication single = replicated(wanted, std::vector<std::int64_t>(wanted.layers.size(), 1));
  return fmt::format(
      "replicas take {} of {} cores, {}; the slowest layer's reads take {} an image instead of {}",
      replication.macros, wanted.budget,
      problem.chip.tiles ? "those of the chip"
                         : "assumed to be twice those of one copy, as chip.tiles is auto",
      format_quantity(replication.interval), format_quantity(single.interval));
}

}  // namespace

ReplicationProblem replication_problem(const MappingProblem& problem, const Mapping& dense) {
  const arch::Program program = lower(problem, dense).program;
  ReplicationProblem result;
  for (const arch::Stage& stage : program.stages) {
    if (stage.tiles.empty()) continue;
    const LayerMapping& layer = dense.layers.at(result.layers.size());
    result.layers.push_back({ceil_div(layer.macros, std::int64_t{problem.chip.macros_per_core}),
                             arch::Steps(stage).count(), pixel_time(stage, problem.chip)});
  }
  result.budget = problem.chip.tiles
                      ? std::int64_t{*problem.chip.tiles} * problem.chip.cores_per_tile
                      : 2 * least_macros(result);
  return result;
}

Mapping map_throughput(const MappingProblem& problem) {
  const Mapping dense = map_dense(problem);
  const Replication replication = replication_that_fits(problem, dense);
  Mapping mapping;
  mapping.strategy = "throughput";
  mapping.reason = reason_of(problem, replication_problem(problem, dense), replication);
  FreshMacros macros(problem);
  for (std::size_t l = 0; l < dense.layers.size(); ++l) {
    mapping.layers.push_back(
        replicated_layer(problem, dense.layers[l].layer, replication.replicas[l], macros));
  }
  mapping.macros = macros.count();
  place_tiles(problem, mapping);
  return mapping;
}

}  // namespace pimento::mapper
