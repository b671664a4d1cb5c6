// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/exact_latency.h"

#include <gtest/gtest.h>

#include "mapper/replication/exact_interval.h"
#include "mapper/replication/isaac_rule.h"
#include "tests/mapper/replication/support.h"

namespace pimento::mapper {
namespace {

TEST(ExactLatency, EqualsTryingAll) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const ReplicationProblem problem =
        random_problem({.undivided = std::int64_t(seed % 3) * 9}, seed);
    Replication best = replicated(problem, Counts(problem.layers.size(), 1));
    visit_all(problem, [&](const Replication& any) {
      if (std::tie(any.latency, any.macros) < std::tie(best.latency, best.macros)) best = any;
    });
    const Replication found = exact_latency(problem);
    EXPECT_EQ(found.latency, best.latency) << seed;
    EXPECT_LE(found.macros, problem.budget) << seed;
  }
}

// Any interval that can be had, and the best one.
TEST(ExactLatency, EqualsTryingAllThatKeepAnInterval) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const ReplicationProblem problem =
        random_problem({.undivided = std::int64_t(seed % 3) * 9}, seed);
    const Time shortest = exact_interval(problem).interval;
    for (const Time& interval : {shortest, 1.5 * shortest}) {
      Time best = replicated(problem, Counts(problem.layers.size(), 1)).latency;
      visit_all(problem, [&](const Replication& any) {
        if (any.interval <= interval) best = std::min(best, any.latency);
      });
      const Replication found = exact_latency(problem, interval);
      EXPECT_EQ(found.latency, best) << seed;
      EXPECT_LE(found.interval, interval) << seed;
      EXPECT_LE(found.macros, problem.budget) << seed;
    }
  }
}

// The plain dynamic program, over every number of macros and replicas.
double plain_latency(const ReplicationProblem& problem) {
  std::vector<double> shortest(std::size_t(problem.budget) + 1, 0.0);
  for (const ReplicationLayer& layer : problem.layers) {
    std::vector<double> next(shortest.size(), 1e300);
    for (std::int64_t n = 1; n <= layer.pixels && n * layer.macros <= problem.budget; ++n) {
      const double time = replicated(problem_of({layer}, n * layer.macros), {n}).latency.value();
      for (auto spent = std::size_t(n * layer.macros); spent < next.size(); ++spent) {
        next[spent] = std::min(next[spent], shortest[spent - std::size_t(n * layer.macros)] + time);
      }
    }
    shortest = std::move(next);
  }
  return shortest.back();
}

TEST(ExactLatency, EqualsThePlainDynamicProgram) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const ReplicationProblem problem =
        random_problem({.layers = 20, .macros = 30, .pixels = 150, .times = 30}, seed);
    EXPECT_EQ(exact_latency(problem).latency.value(), plain_latency(problem)) << seed;
  }
  for (const char* name : {"resnet18_imagenet", "vgg8"}) {
    const ReplicationProblem problem = real_problem(name, 2);
    EXPECT_EQ(exact_latency(problem).latency.value(), plain_latency(problem)) << name;
  }
}

// Sums of such times are rounded; nothing is lost but the last digits.
TEST(ExactLatency, TimesNeedNotBeWholeNumbers) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    ReplicationProblem problem =
        random_problem({.layers = 20, .macros = 30, .pixels = 150, .times = 30}, seed);
    for (ReplicationLayer& layer : problem.layers) layer.time *= 1e-9 / 3;
    const double plain = plain_latency(problem);
    EXPECT_NEAR(exact_latency(problem).latency.value(), plain, 1e-12 * plain) << seed;
  }
}

// Macros in hundreds: the unit is not one.
TEST(ExactLatency, CountsMacrosInTheirGreatestCommonDivisor) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    ReplicationProblem problem = random_problem({.layers = 8, .pixels = 60}, seed);
    const Time small = exact_latency(problem).latency;
    for (ReplicationLayer& layer : problem.layers) layer.macros *= 100;
    problem.budget = 100 * problem.budget + 99;
    EXPECT_EQ(exact_latency(problem).latency, small) << seed;
  }
}

// The second layer saves 3 for 4 macros; the first 4 for 3, then 1 for 3 more.
TEST(ExactLatency, OneMacroLessIsAStepBack) {
  const std::vector<ReplicationLayer> layers = {layer_of(3, 8), layer_of(4, 5)};
  const auto latency = [&](std::int64_t budget) {
    return exact_latency(problem_of(layers, budget)).latency.value();
  };
  EXPECT_EQ(latency(7), 8 + 5);
  EXPECT_EQ(latency(9), 8 + 5);
  EXPECT_EQ(latency(10), 4 + 5);
  EXPECT_EQ(latency(12), 4 + 5);
  EXPECT_EQ(latency(13), 3 + 5);
  EXPECT_EQ(latency(14), 4 + 3);
}

TEST(ExactLatency, BuysAllThatHelpsIfTheBudgetIsAmple) {
  const ReplicationProblem problem = problem_of({layer_of(3, 8), layer_of(4, 5)}, 1000000000000);
  EXPECT_EQ(exact_latency(problem).replicas, (Counts{8, 5}));
}

TEST(ExactLatency, NeverLosesToIsaacsRule) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const ReplicationProblem problem =
        random_problem({.layers = 30, .macros = 50, .pixels = 5000, .times = 40}, seed);
    const Replication isaac = isaac_rule(problem, IsaacScale::kBudget);
    EXPECT_LE(exact_latency(problem).latency, isaac.latency) << seed;
    EXPECT_LE(exact_latency(problem, isaac.interval).latency, isaac.latency) << seed;
    EXPECT_LE(exact_latency(problem).latency, exact_interval(problem).latency) << seed;
  }
  for (const char* name : {"resnet18_imagenet", "vgg8"}) {
    for (const std::int64_t times : {1, 2, 3, 4, 8}) {
      const ReplicationProblem problem = real_problem(name, times);
      const Replication isaac = isaac_rule(problem, IsaacScale::kBudget);
      EXPECT_LE(exact_latency(problem).latency, isaac.latency) << name << times;
      EXPECT_LE(exact_latency(problem).latency, isaac_rule(problem).latency) << name << times;
    }
  }
}

// 54 and 200 layers in the shapes of ImageNet networks, no two layers with the same costs and
// times; a budget of 100000 macros. The limits, far below the usual ones, stand for some tens of
// milliseconds; beyond them it would throw.
TEST(ExactLatency, TakesLargeNetworks) {
  for (const std::int64_t layers : {54, 200}) {
    ReplicationProblem problem;
    const std::int64_t sides[] = {112, 56, 28, 14, 7};
    for (std::int64_t l = 0; l < layers; ++l) {
      const std::int64_t side = sides[l * 5 / layers];
      problem.layers.push_back(
          layer_of(4 + (l * 37) % 101 + 20000 / (side * side), side * side, double(100 + l % 61)));
    }
    problem.budget = 100000;
    const LatencyLimits limits{.states = 1 << 20, .transitions = 1 << 23};
    const Replication found = exact_latency(problem, std::nullopt, limits);
    EXPECT_LE(found.macros, problem.budget);
    EXPECT_LE(found.latency, exact_interval(problem).latency);
    problem.budget = found.macros - 1;
    EXPECT_GT(exact_latency(problem).latency, found.latency) << "spends no macro in vain";
  }
}

TEST(ExactLatency, RefusesWhatItCannotKeep) {
  const ReplicationProblem problem = problem_of({layer_of(3, 8, 1e-9), layer_of(4, 5, 1e-9)}, 13);
  EXPECT_EQ(message_of<InputError>([&] { (void)exact_latency(problem, from_si<Time>(4e-9)); }),
            "replication: 13 macros cannot keep an interval of 4 ns a stage; give more macros or a "
            "longer interval");
  EXPECT_EQ(message_of<InputError>([&] { (void)exact_latency(problem, from_si<Time>(0.5e-9)); }),
            "replication: 13 macros cannot keep an interval of 500 ps a stage; give more macros or "
            "a longer interval");
  EXPECT_EQ(exact_latency(problem, from_si<Time>(5e-9)).replicas, (Counts{3, 1}));
  EXPECT_EQ(message_of<InputError>([] { (void)exact_latency(problem_of({layer_of(4, 9)}, 3)); }),
            "replication: the budget is 3 macros, and the 1 layers take 4 with one replica each; "
            "give at least 4, or lower the bits of weights");
}

TEST(ExactLatency, RefusesWhatIsBeyondItsLimits) {
  const ReplicationProblem problem =
      problem_of({layer_of(3, 50), layer_of(4, 70), layer_of(5, 90)}, 12 + 40);
  const auto with = [&](const LatencyLimits& limits) {
    return message_of<InputError>([&] { (void)exact_latency(problem, std::nullopt, limits); });
  };
  const std::string remedy = "; lower the budget, or ask for the shortest interval";
  EXPECT_EQ(with({.room = 40}), "nothing thrown");
  EXPECT_EQ(with({.room = 39}),
            "replication: the shortest latency takes 40 units of macros, at most 39 are searched" +
                remedy);
  EXPECT_EQ(with({.states = 2}),
            "replication: the shortest latency takes 3 states, at most 2 are searched" + remedy);
  EXPECT_EQ(with({.transitions = 2}),
            "replication: the shortest latency takes 3 steps, at most 2 are searched" + remedy);
}

}  // namespace
}  // namespace pimento::mapper
