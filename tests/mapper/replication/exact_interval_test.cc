// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/exact_interval.h"

#include <gtest/gtest.h>

#include "mapper/replication/isaac_rule.h"
#include "tests/mapper/replication/support.h"

namespace pimento::mapper {
namespace {

TEST(ExactInterval, EqualsTryingAll) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const ReplicationProblem problem =
        random_problem({.undivided = std::int64_t(seed % 3) * 9}, seed);
    Replication best = replicated(problem, Counts(problem.layers.size(), 1));
    visit_all(problem, [&](const Replication& any) {
      if (std::tie(any.interval, any.macros) < std::tie(best.interval, best.macros)) best = any;
    });
    const Replication found = exact_interval(problem);
    EXPECT_EQ(found.interval, best.interval) << seed;
    EXPECT_EQ(found.macros, best.macros) << seed;
    EXPECT_LE(found.macros, problem.budget) << seed;
  }
}

// 8 pixels of 3 macros, 5 pixels of 4: one replica each takes 7 and 8; intervals of 5 and 4 are
// bought at 3*2 + 4 = 10 and 3*2 + 4*2 = 14.
TEST(ExactInterval, OneMacroLessIsAStepBack) {
  const std::vector<ReplicationLayer> layers = {layer_of(3, 8), layer_of(4, 5)};
  const auto interval = [&](std::int64_t budget) {
    return exact_interval(problem_of(layers, budget)).interval.value();
  };
  EXPECT_EQ(interval(7), 8);
  EXPECT_EQ(interval(9), 8);
  EXPECT_EQ(interval(10), 5);
  EXPECT_EQ(interval(13), 5);
  EXPECT_EQ(interval(14), 4);
}

// With the found macros the interval is kept; with one fewer it never is.
TEST(ExactInterval, SpendsNoMacroInVain) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    ReplicationProblem problem =
        random_problem({.layers = 30, .macros = 50, .pixels = 5000, .times = 40}, seed);
    const Replication found = exact_interval(problem);
    if (found.macros == least_macros(problem)) continue;
    problem.budget = found.macros;
    EXPECT_EQ(exact_interval(problem).replicas, found.replicas) << seed;
    --problem.budget;
    EXPECT_GT(exact_interval(problem).interval, found.interval) << seed;
  }
}

TEST(ExactInterval, NeverLosesToIsaacsRule) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const ReplicationProblem problem = random_problem({.layers = 30,
                                                       .macros = 50,
                                                       .pixels = 5000,
                                                       .times = 40,
                                                       .undivided = std::int64_t(seed % 2) * 20000},
                                                      seed);
    const Time found = exact_interval(problem).interval;
    EXPECT_LE(found, isaac_rule(problem).interval) << seed;
    EXPECT_LE(found, isaac_rule(problem, IsaacScale::kBudget).interval) << seed;
  }
  for (const char* name : {"resnet18_imagenet", "vgg8"}) {
    for (std::int64_t times = 1; times <= 16; ++times) {
      const ReplicationProblem problem = real_problem(name, times);
      const Time found = exact_interval(problem).interval;
      EXPECT_LE(found, isaac_rule(problem).interval) << name << times;
      EXPECT_LE(found, isaac_rule(problem, IsaacScale::kBudget).interval) << name << times;
    }
  }
}

TEST(ExactInterval, RefusesABudgetBelowOneReplicaEach) {
  EXPECT_EQ(message_of<InputError>([] { (void)exact_interval(problem_of({layer_of(4, 9)}, 3)); }),
            "replication: the budget is 3 macros, and the 1 layers take 4 with one replica each; "
            "give at least 4, or lower the bits of weights");
}

}  // namespace
}  // namespace pimento::mapper
