// SPDX-License-Identifier: Apache-2.0
// What the tests of replication share: random and real problems, and the answer by trying all.
#pragma once

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "mapper/replication/replication.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {

using Counts = std::vector<std::int64_t>;

inline ReplicationProblem problem_of(std::vector<ReplicationLayer> layers, std::int64_t budget) {
  return {std::move(layers), budget};
}

// Times are whole numbers, so that sums of them have no rounding.
inline ReplicationLayer layer_of(std::int64_t macros, std::int64_t pixels, double time = 1.0,
                                 double undivided = 0.0) {
  return {macros, pixels, from_si<Time>(time), from_si<Time>(undivided)};
}

struct RandomShape {
  int layers = 4;
  std::int64_t macros = 5;
  std::int64_t pixels = 12;
  std::int64_t times = 6;
  double most_over_least = 4.0;
  std::int64_t undivided = 0;  // 0: nothing
};

// At most so many of each as `shape` says.
inline ReplicationProblem random_problem(const RandomShape& shape, std::uint64_t seed) {
  const CounterRandom random(seed, stream_of("tests.replication"));
  std::uint64_t position = 0;
  const auto up_to = [&](std::int64_t most) {
    return 1 + std::int64_t(random.uniform(position++) * double(most));
  };
  ReplicationProblem problem;
  for (std::int64_t l = up_to(shape.layers); l > 0; --l) {
    const std::int64_t macros = up_to(shape.macros);
    const std::int64_t pixels = up_to(shape.pixels);
    problem.layers.push_back(layer_of(macros, pixels, double(up_to(shape.times))));
  }
  const auto least = double(least_macros(problem));
  problem.budget =
      std::int64_t(least + random.uniform(position++) * least * (shape.most_over_least - 1));
  if (shape.undivided == 0) return problem;
  for (ReplicationLayer& layer : problem.layers) {
    layer.undivided = from_si<Time>(double(up_to(shape.undivided) - 1));
  }
  return problem;
}

// Calls `visit` with every replication within the budget.
inline void visit_all(const ReplicationProblem& problem,
                      const std::function<void(const Replication&)>& visit, Counts counts = {}) {
  if (counts.size() == problem.layers.size()) {
    const Replication all = replicated(problem, counts);
    if (all.macros <= problem.budget) visit(all);
    return;
  }
  counts.push_back(1);
  for (const std::int64_t pixels = problem.layers[counts.size() - 1].pixels;
       counts.back() <= pixels; ++counts.back()) {
    visit_all(problem, visit, counts);
  }
}

// A shipped network, mapped densely on arrays of 128 x 128: macros of one replica, and one unit of
// time for a pixel of any layer.
inline ReplicationProblem real_problem(const std::string& name, std::int64_t times_least) {
  const workloads::Network network = shipped_network(name, "uniform8");
  const arch::ChipSpec chip = make_chip({});
  ReplicationProblem problem;
  for (const LayerMapping& layer : map_network({network, chip}, "dense").layers) {
    problem.layers.push_back(layer_of(layer.macros, network.matrix(layer.layer).positions));
  }
  problem.budget = times_least * least_macros(problem);
  return problem;
}

}  // namespace pimento::mapper
