// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/genetic.h"

#include <gtest/gtest.h>

#include "mapper/replication/exact_interval.h"
#include "mapper/replication/exact_latency.h"
#include "mapper/replication/isaac_rule.h"
#include "tests/mapper/replication/support.h"

namespace pimento::mapper {
namespace {

// Neither worse than what it starts from, nor better than the exact ones: in the interval, in the
// latency, and in the latency among those of its interval.
void expect_between(const ReplicationProblem& problem, const GeneticOptions& options) {
  const Replication found = genetic(problem, options);
  EXPECT_LE(found.macros, problem.budget);
  EXPECT_LE(found.interval, isaac_rule(problem).interval);
  EXPECT_GE(found.interval, exact_interval(problem).interval);
  EXPECT_GE(found.latency, exact_latency(problem).latency);
  EXPECT_GE(found.latency, exact_latency(problem, found.interval).latency);
}

TEST(Genetic, LiesBetweenIsaacsRuleAndTheExactOnes) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    expect_between(random_problem({.layers = 20, .macros = 50, .pixels = 2000, .times = 40}, seed),
                   {.population = 20, .generations = 50, .seed = seed});
  }
  for (const char* name : {"resnet18_imagenet", "vgg8"}) {
    for (const std::int64_t times : {1, 2, 4, 8}) {
      SCOPED_TRACE(name + std::to_string(times));
      expect_between(real_problem(name, times), {.generations = 100});
    }
  }
}

TEST(Genetic, FindsTheShortestIntervalOfSmallPipelines) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const ReplicationProblem problem = random_problem({}, seed);
    found += int(genetic(problem).interval == exact_interval(problem).interval);
  }
  EXPECT_EQ(found, 100);
}

TEST(Genetic, TheSeedAloneDecides) {
  const ReplicationProblem problem =
      random_problem({.layers = 20, .macros = 50, .pixels = 2000, .times = 40}, 7);
  const GeneticOptions options{.population = 10, .generations = 20, .seed = 3};
  EXPECT_EQ(genetic(problem, options).replicas, genetic(problem, options).replicas);
  GeneticOptions other = options;
  other.seed = 4;
  EXPECT_NE(genetic(problem, options).replicas, genetic(problem, other).replicas);
}

TEST(Genetic, WithoutGenerationsItIsIsaacsRule) {
  const ReplicationProblem problem = real_problem("vgg8", 3);
  EXPECT_EQ(genetic(problem, {.generations = 0}).replicas, isaac_rule(problem).replicas);
}

TEST(Genetic, RefusesABudgetBelowOneReplicaEach) {
  EXPECT_EQ(message_of<InputError>([] { (void)genetic(problem_of({layer_of(4, 9)}, 3)); }),
            "replication: the budget is 3 macros, and the 1 layers take 4 with one replica each; "
            "give at least 4, or lower the bits of weights");
}

}  // namespace
}  // namespace pimento::mapper
