// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/genetic.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "mapper/replication/isaac_rule.h"

namespace pimento::mapper {
namespace {

// Fitter first; what is as fit in an order of its own, so that a sort has one result.
bool fitter(const Replication& a, const Replication& b) {
  return std::tie(a.interval, a.latency, a.macros, a.replicas) <
         std::tie(b.interval, b.latency, b.macros, b.replicas);
}

// The words of one child.
class Draw {
 public:
  Draw(const CounterRandom& random, std::uint64_t child)
      : first_(random.words(2 * child)), second_(random.words((2 * child) + 1)) {}
  [[nodiscard]] std::int64_t parent(std::int64_t parents) const { return first_[0] % parents; }
  [[nodiscard]] std::uint32_t operation() const { return first_[1] % 3; }
  [[nodiscard]] std::size_t giver(std::size_t layers) const { return first_[2] % layers; }
  [[nodiscard]] std::size_t taker(std::size_t layers) const { return first_[3] % layers; }
  // Whether single replicas are moved, or as many as half of what is there.
  [[nodiscard]] std::int64_t given(std::int64_t most) const { return amount(second_[0], most); }
  [[nodiscard]] std::int64_t taken(std::int64_t most) const { return amount(second_[1], most); }

 private:
  // From 1 to `most`, half of the time 1.
  static std::int64_t amount(std::uint32_t word, std::int64_t most) {
    return word % 2 == 0 ? 1 : 1 + (word / 2) % most;
  }
  std::array<std::uint32_t, 4> first_;
  std::array<std::uint32_t, 4> second_;
};

enum Operation : std::uint32_t { kAdd, kRemove, kMove };

Replication child_of(const Replication& parent, const ReplicationProblem& problem,
                     const Draw& draw) {
  std::vector<std::int64_t> replicas = parent.replicas;
  std::int64_t left = problem.budget - parent.macros;
  if (draw.operation() != kAdd) {
    const std::size_t giver = draw.giver(replicas.size());
    if (replicas[giver] > 1) {
      const std::int64_t given = draw.given(replicas[giver] - 1);
      replicas[giver] -= given;
      left += given * problem.layers[giver].macros;
    }
  }
  if (draw.operation() != kRemove) {
    const std::size_t taker = draw.taker(replicas.size());
    const ReplicationLayer& layer = problem.layers[taker];
    const std::int64_t most = std::min(left / layer.macros, layer.pixels - replicas[taker]);
    if (most > 0) replicas[taker] += std::min(most, draw.taken(replicas[taker]));
  }
  return replicated(problem, std::move(replicas));
}

}  // namespace

Replication genetic(const ReplicationProblem& problem, const GeneticOptions& options) {
  ensure(options.population >= 1 && options.generations >= 0, "replication: genetic options");
  std::vector<Replication> living = {isaac_rule(problem)};
  const CounterRandom random(options.seed, stream_of("replication.genetic"));
  std::uint64_t child = 0;
  for (int generation = 0; generation < options.generations; ++generation) {
    const std::int64_t parents = std::ssize(living);
    for (int c = 0; c < options.population; ++c) {
      const Draw draw(random, child++);
      const auto parent = static_cast<std::size_t>(draw.parent(parents));
      living.push_back(child_of(living[parent], problem, draw));
    }
    std::sort(living.begin(), living.end(), fitter);
    const auto same = [](const Replication& a, const Replication& b) {
      return a.replicas == b.replicas;
    };
    living.erase(std::unique(living.begin(), living.end(), same), living.end());
    if (std::ssize(living) > options.population) {
      living.resize(static_cast<std::size_t>(options.population));
    }
  }
  return living.front();
}

}  // namespace pimento::mapper
