// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/throughput.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "arch/program/steps.h"
#include "arch/program/unit_times.h"
#include "base/ceil_div.h"
#include "mapper/lower.h"
#include "mapper/placement.h"
#include "mapper/replication/exact_interval.h"
#include "mapper/replication/exact_latency.h"
#include "mapper/replication/isaac_rule.h"
#include "mapper/strategies/dense.h"
#include "mapper/traffic.h"

namespace pimento::mapper {
namespace {

constexpr std::size_t kMostLayers = 2000;  // that the solvers take

// Of one copy, which begins on a core of its own.
std::int64_t cores_of(const MappingProblem& problem, const LayerMapping& layer) {
  return ceil_div(layer.macros, std::int64_t{problem.chip.macros_per_core});
}

// What is left once the interval is kept is spent on the latency of what copies divide: stages that
// are up to twice as fast as the interval asks make up for pixels that they had to wait for. Faster
// ones would only fill the buses with the steps of many copies at once.
Replication solve(const ReplicationProblem& problem) {
  Replication fastest = exact_interval(problem);
  ReplicationProblem divided = problem;
  for (ReplicationLayer& layer : divided.layers) layer.undivided = 0.5 * fastest.interval;
  try {
    return replicated(problem, exact_latency(divided, fastest.interval).replicas);
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

bool fits_memory(const Mapping& dense, const Replication& replication) {
  return groups_of(dense, replication) <= kMostGroups;
}

Replication replication_that_fits(ReplicationProblem wanted, const Mapping& dense) {
  while (true) {
    Replication replication = solve(wanted);
    if (fits_memory(dense, replication)) return replication;
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

// A mapping, and what sets its interval.
struct Paced {
  Mapping mapping;
  Replication replication;
  arch::Pacemaker pacemaker;
};

Paced paced(const MappingProblem& problem, const Mapping& dense, Replication replication) {
  Paced result{map_replicas(problem, dense, replication.replicas), std::move(replication), {}};
  result.pacemaker = arch::pacemaker(lower(problem, result.mapping).program, problem.chip);
  return result;
}

// The solver knows neither which layers meet on a tile nor what copies send over ports, so that it
// can lose to a rule by accident.
Paced best_of_all(const MappingProblem& problem, const Mapping& dense,
                  const ReplicationProblem& wanted) {
  Paced best = paced(problem, dense, replication_that_fits(wanted, dense));
  for (const IsaacScale scale : {IsaacScale::kPublished, IsaacScale::kBudget}) {
    Replication rule = isaac_rule(wanted, scale);
    if (rule.interval >= best.pacemaker.interval || !fits_memory(dense, rule)) continue;
    Paced other = paced(problem, dense, std::move(rule));
    if (other.pacemaker.interval < best.pacemaker.interval) best = std::move(other);
  }
  return best;
}

std::string reason_of(const MappingProblem& problem, const ReplicationProblem& wanted,
                      const Paced& found, Time single) {
  return fmt::format(
      "replicas take {} of {} cores, {}; an image every {} instead of {}, as {} "
      "{} most to do",
      found.replication.macros, wanted.budget,
      problem.chip.tiles ? "those of the chip"
                         : "assumed to be twice those of one copy, as chip.tiles is auto",
      format_quantity(found.pacemaker.interval), format_quantity(single),
      found.pacemaker.unit.text(),
      found.pacemaker.unit.kind == arch::UnitKind::kMacros ? "have" : "has");
}

// What every copy's pixels pass at the home of its layer: the units of the stages of vector work
// there, and the layer's own vector work. Which layers share a home is not known before they are
// placed.
std::vector<Time> undivided_times(const arch::Program& program, const arch::Timing& timing) {
  std::vector<arch::UnitTimes> homes;
  std::vector<std::size_t> home_of(program.stages.size(), 0);
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    const arch::Stage& stage = program.stages[s];
    const bool is_layer = !stage.tiles.empty();
    if (is_layer) {
      home_of[s] = homes.size();
      homes.emplace_back();
    } else if (stage.inputs.front().producer != arch::kChipInput) {
      home_of[s] = home_of[static_cast<std::size_t>(stage.inputs.front().producer)];
    }
    if (homes.empty()) continue;
    for (const auto& [unit, time] : arch::unit_times(program, static_cast<int>(s), timing)) {
      const bool is_at_home = unit.kind == arch::UnitKind::kVectorUnit ||
                              unit.kind == arch::UnitKind::kPoolingUnit ||
                              (unit.kind == arch::UnitKind::kBus && !is_layer);
      if (is_at_home) homes[home_of[s]][{unit.kind}] += time;
    }
  }
  std::vector<Time> result;
  for (const arch::UnitTimes& units : homes) {
    Time most;
    for (const auto& [unit, time] : units) most = std::max(most, time);
    result.push_back(most);
  }
  return result;
}

ReplicationProblem problem_of(const MappingProblem& problem, const Mapping& dense,
                              const arch::Program& program) {
  const arch::Timing timing(problem.chip, program.tiles);
  const std::vector<Time> undivided = undivided_times(program, timing);
  ReplicationProblem result;
  for (const arch::Stage& stage : program.stages) {
    if (stage.tiles.empty()) continue;
    const std::size_t l = result.layers.size();
    result.layers.push_back({cores_of(problem, dense.layers.at(l)), arch::Steps(stage).count(),
                             arch::step_time(stage, 0, timing), undivided.at(l)});
  }
  result.budget = problem.chip.tiles
                      ? std::int64_t{*problem.chip.tiles} * problem.chip.cores_per_tile
                      : 2 * least_macros(result);
  return result;
}

}  // namespace

ReplicationProblem replication_problem(const MappingProblem& problem, const Mapping& dense) {
  return problem_of(problem, dense, lower(problem, dense).program);
}

bool has_spare_cores(const MappingProblem& problem, const Mapping& dense) {
  if (!problem.chip.tiles) return false;
  std::int64_t cores = 0;
  for (const LayerMapping& layer : dense.layers) cores += cores_of(problem, layer);
  return cores < std::int64_t{*problem.chip.tiles} * problem.chip.cores_per_tile;
}

Mapping map_replicas(const MappingProblem& problem, const Mapping& dense,
                     const std::vector<std::int64_t>& replicas) {
  Mapping mapping;
  mapping.strategy = "throughput";
  FreshMacros macros(problem);
  for (std::size_t l = 0; l < dense.layers.size(); ++l) {
    mapping.layers.push_back(
        replicated_layer(problem, dense.layers[l].layer, replicas.at(l), macros));
  }
  mapping.macros = macros.count();
  place_tiles(problem, mapping);
  return mapping;
}

Mapping map_throughput_of(const MappingProblem& problem, const Mapping& dense) {
  if (dense.layers.size() > kMostLayers) {
    throw InputError(
        fmt::format("the network has {} layers with weights; expected at most {} for "
                    "the strategy \"throughput\"; use another strategy",
                    dense.layers.size(), kMostLayers));
  }
  const arch::Program program = lower(problem, dense).program;
  const ReplicationProblem wanted = problem_of(problem, dense, program);
  Paced best = best_of_all(problem, dense, wanted);
  best.mapping.reason =
      reason_of(problem, wanted, best, arch::pacemaker(program, problem.chip).interval);
  return std::move(best.mapping);
}

Mapping map_throughput(const MappingProblem& problem) {
  return map_throughput_of(problem, map_dense(problem));
}

}  // namespace pimento::mapper
