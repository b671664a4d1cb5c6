// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/exact_latency.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "mapper/replication/relaxation.h"

namespace pimento::mapper {
namespace {

// Room for the rounding of sums: what is within it of the bound is kept.
constexpr double kRounding = 1e-11;

struct Knapsack {
  std::vector<ReplicationChoices> layers;
  std::int64_t room = 0;
};

void add_layer(const std::vector<ReplicationStep>& steps, std::int64_t unit, Knapsack& knapsack) {
  ReplicationChoices choices;
  for (const ReplicationStep& step : steps) {
    const std::int64_t cost = (step.macros - steps.front().macros) / unit;
    choices.push_back({step.replicas, cost, step.time.value()});
  }
  knapsack.layers.push_back(std::move(choices));
}

[[noreturn]] void refuse_interval(const ReplicationProblem& problem, Time interval) {
  throw InputError(fmt::format(
      "replication: {} macros cannot keep an interval of {} a stage; give more macros or a longer "
      "interval",
      problem.budget, format_quantity(interval)));
}

// The layers' choices, each layer's cheapest one paid for.
Knapsack knapsack_of(const ReplicationProblem& problem, const std::optional<Time>& interval) {
  std::int64_t unit = problem.layers.front().macros;
  for (const ReplicationLayer& layer : problem.layers) unit = std::gcd(unit, layer.macros);
  Knapsack result;
  std::int64_t macros = problem.budget;
  std::int64_t useful = 0;
  for (std::size_t l = 0; l < problem.layers.size(); ++l) {
    std::vector<ReplicationStep> steps = replication_steps(problem, l);
    if (interval) {
      std::erase_if(steps, [&](const ReplicationStep& step) { return step.time > *interval; });
      if (steps.empty()) refuse_interval(problem, *interval);
    }
    macros -= steps.front().macros;
    add_layer(steps, unit, result);
    useful += result.layers.back().back().cost;
  }
  if (macros < 0 && interval) refuse_interval(problem, *interval);
  result.room = std::min(macros / unit, useful);
  return result;
}

[[noreturn]] void refuse(const char* what, std::int64_t found, std::int64_t limit) {
  throw InputError(
      fmt::format("replication: the shortest latency takes {} {}, at most {} are searched; lower "
                  "the budget, or ask for the shortest interval",
                  found, what, limit));
}

// Latencies that macros spent on the layers so far can buy; of two, the one with more macros is
// the shorter.
class Table {
 public:
  Table(const Knapsack& knapsack, const LatencyLimits& limits)
      : layers_(knapsack.layers),
        room_(knapsack.room),
        limits_(limits),
        relaxation_(relax(knapsack.layers, knapsack.room)),
        slack_(relaxation_.upper - relaxation_.lower +
               kRounding * (relaxation_.upper + relaxation_.price * double(knapsack.room))) {
    drop_choices();
  }

  std::vector<std::int64_t> solve() {
    best_.resize(std::size_t(room_) + 1);
    for (std::size_t l = 0; l < layers_.size(); ++l) add(l);
    return replicas();
  }

 private:
  struct State {
    std::int64_t cost = 0;
    double time = 0.0;
  };
  struct Origin {
    std::uint32_t state = 0;  // of the layer before
    std::uint32_t choice = 0;
  };
  struct Cell {
    double time = 0.0;
    Origin origin;
  };

  void drop_choices() {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      std::erase_if(layers_[l], [&](const ReplicationChoice& choice) {
        return relaxation_.excess(l, choice) > slack_;
      });
      ensure(!layers_[l].empty(), "replication: a layer without choices");
      still_to_pay_ += layers_[l].front().cost;
    }
  }

  void add(std::size_t layer) {
    const ReplicationChoices& choices = layers_[layer];
    transitions_ += std::ssize(states_) * std::ssize(choices);
    if (transitions_ > limits_.transitions) {
      refuse("steps", transitions_, limits_.transitions);
    }
    still_to_pay_ -= choices.front().cost;
    paid_ += relaxation_.least[layer];
    const std::int64_t low = states_.front().cost + choices.front().cost;
    const std::int64_t high =
        std::min(room_ - still_to_pay_, states_.back().cost + choices.back().cost);
    ensure(low <= high, "replication: no way through the table");
    std::fill(best_.begin() + low, best_.begin() + high + 1,
              Cell{std::numeric_limits<double>::infinity(), {}});
    for (std::size_t c = 0; c < choices.size(); ++c) try_choice(choices[c], c, high);
    keep(low, high);
  }

  void try_choice(const ReplicationChoice& choice, std::size_t index, std::int64_t high) {
    for (std::size_t s = 0; s < states_.size(); ++s) {
      const std::int64_t cost = states_[s].cost + choice.cost;
      if (cost > high) break;
      const double time = states_[s].time + choice.time;
      if (time + relaxation_.price * double(cost) - paid_ > slack_) continue;
      Cell& cell = best_[std::size_t(cost)];
      if (time < cell.time) {
        cell = {time, {static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(index)}};
      }
    }
  }

  // Of the cells from `low` to `high`, those that no cheaper one is as fast as.
  void keep(std::int64_t low, std::int64_t high) {
    states_.clear();
    std::vector<Origin> origins;
    double fastest = std::numeric_limits<double>::infinity();
    for (std::int64_t cost = low; cost <= high; ++cost) {
      const Cell& cell = best_[std::size_t(cost)];
      if (cell.time >= fastest) continue;
      fastest = cell.time;
      states_.push_back({cost, cell.time});
      origins.push_back(cell.origin);
    }
    ensure(!states_.empty(), "replication: no way through the table");
    kept_ += std::ssize(origins);
    if (kept_ > limits_.states) refuse("states", kept_, limits_.states);
    origins.shrink_to_fit();
    origins_.push_back(std::move(origins));
  }

  [[nodiscard]] std::vector<std::int64_t> replicas() const {
    std::vector<std::int64_t> result(layers_.size());
    std::size_t state = states_.size() - 1;
    for (std::size_t l = layers_.size(); l-- > 0;) {
      const Origin origin = origins_[l][state];
      result[l] = layers_[l][origin.choice].replicas;
      state = origin.state;
    }
    return result;
  }

  std::vector<ReplicationChoices> layers_;
  std::int64_t room_;
  LatencyLimits limits_;
  Relaxation relaxation_;
  double slack_;                   // how far above the lower bound it is worth to look
  std::int64_t still_to_pay_ = 0;  // by the layers to come, at least
  double paid_ = 0.0;              // the lower bound's share of the layers so far
  std::vector<State> states_ = {{}};
  std::vector<Cell> best_;  // by cost
  std::vector<std::vector<Origin>> origins_;
  std::int64_t kept_ = 0;
  std::int64_t transitions_ = 0;
};

}  // namespace

Replication exact_latency(const ReplicationProblem& problem, const std::optional<Time>& interval,
                          const LatencyLimits& limits) {
  problem.check();
  const Knapsack knapsack = knapsack_of(problem, interval);
  if (knapsack.room > limits.room) refuse("units of macros", knapsack.room, limits.room);
  return replicated(problem, Table(knapsack, limits).solve());
}

}  // namespace pimento::mapper
