// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/replication.h"

#include <gtest/gtest.h>

#include "base/ceil_div.h"
#include "tests/mapper/replication/support.h"

namespace pimento::mapper {
namespace {

// Stages of ceil(10/4)*2 = 6 and ceil(3/2)*5 = 10.
TEST(Replication, TheSlowestStageIsTheInterval) {
  const ReplicationProblem problem = problem_of({layer_of(3, 10, 2), layer_of(7, 3, 5)}, 26);
  const Replication result = replicated(problem, {4, 2});
  EXPECT_EQ(result.interval.value(), 10);
  EXPECT_EQ(result.latency.value(), 6 + 10);
  EXPECT_EQ(result.macros, 3 * 4 + 7 * 2);
  EXPECT_EQ(result.replicas, (Counts{4, 2}));
}

// 10 pixels of 2 and 3 pixels of 5, with 7 and 4 that replicas do not divide.
TEST(Replication, NoStageIsFasterThanWhatIsNotDivided) {
  const ReplicationProblem problem = problem_of({layer_of(3, 10, 2, 7), layer_of(7, 3, 5, 4)}, 26);
  EXPECT_EQ(replicated(problem, {1, 1}).latency.value(), 20 + 15);
  EXPECT_EQ(replicated(problem, {2, 1}).latency.value(), 10 + 15);
  EXPECT_EQ(replicated(problem, {4, 2}).latency.value(), 7 + 10);
  EXPECT_EQ(replicated(problem, {10, 3}).interval.value(), 7);
}

TEST(Replication, MoreReplicasThanPixelsAreAFault) {
  const ReplicationProblem problem = problem_of({layer_of(1, 3)}, 9);
  EXPECT_EQ(replicated(problem, {3}).interval.value(), 1);
  EXPECT_EQ(message_of<InternalError>([&] { (void)replicated(problem, {4}); }),
            "replication: replicas of a layer");
  EXPECT_EQ(message_of<InternalError>([&] { (void)replicated(problem, {0}); }),
            "replication: replicas of a layer");
}

TEST(Replication, TheBudgetHoldsEachLayerOnce) {
  ReplicationProblem problem = problem_of({layer_of(3, 10), layer_of(7, 3)}, 10);
  problem.check();
  problem.budget = 9;
  EXPECT_EQ(message_of<InputError>([&] { problem.check(); }),
            "replication: the budget is 9 macros, and the 2 layers take 10 with one replica each; "
            "give at least 10, or lower the bits of weights");
}

TEST(Replication, WhatIsNoLayerIsAFault) {
  EXPECT_EQ(message_of<InternalError>([] { problem_of({}, 1).check(); }),
            "replication: number of layers");
  EXPECT_EQ(message_of<InternalError>([] { problem_of({layer_of(0, 1)}, 1).check(); }),
            "replication: macros of a layer");
  EXPECT_EQ(message_of<InternalError>([] { problem_of({layer_of(1, 0)}, 1).check(); }),
            "replication: pixels of a layer");
  EXPECT_EQ(message_of<InternalError>([] { problem_of({layer_of(1, 1, 0)}, 1).check(); }),
            "replication: time of a pixel");
  EXPECT_EQ(message_of<InternalError>([] { problem_of({layer_of(1, 1, 1, -1)}, 1).check(); }),
            "replication: time of a stage");
}

// ceil(10/n) is 10, 5, 4, 3, 2, 2, 2, 2, 2, 1 for n from 1 to 10.
TEST(ReplicationSteps, AreWhereAStageBecomesFaster) {
  const ReplicationProblem problem = problem_of({layer_of(2, 10, 3)}, 100);
  Counts replicas;
  for (const ReplicationStep& step : replication_steps(problem, 0)) {
    replicas.push_back(step.replicas);
    EXPECT_EQ(step.macros, 2 * step.replicas);
    EXPECT_EQ(step.time.value(), 3.0 * double(ceil_div(10, step.replicas)));
  }
  EXPECT_EQ(replicas, (Counts{1, 2, 3, 4, 5, 10}));
}

// The first stage of at most 13 is the last step; one of exactly that ends them too.
TEST(ReplicationSteps, EndWhereReplicasDivideNothingMore) {
  const auto last = [](double undivided) {
    const ReplicationProblem problem = problem_of({layer_of(2, 10, 3, undivided)}, 100);
    const ReplicationStep step = replication_steps(problem, 0).back();
    return std::pair(step.replicas, step.time.value());
  };
  EXPECT_EQ(last(13), (std::pair<std::int64_t, double>{3, 13}));
  EXPECT_EQ(last(12), (std::pair<std::int64_t, double>{3, 12}));
  EXPECT_EQ(last(11), (std::pair<std::int64_t, double>{4, 11}));
  EXPECT_EQ(last(30), (std::pair<std::int64_t, double>{1, 30}));
}

TEST(ReplicationSteps, AreAllThatTheBudgetLeavesRoomFor) {
  for (std::int64_t pixels = 1; pixels <= 200; ++pixels) {
    const ReplicationProblem problem = problem_of({layer_of(3, pixels), layer_of(5, 9)}, 5 + 299);
    Counts expected;
    for (std::int64_t n = 1; n <= std::min<std::int64_t>(pixels, 99); ++n) {
      if (n == 1 || ceil_div(pixels, n) < ceil_div(pixels, n - 1)) expected.push_back(n);
    }
    Counts found;
    for (const ReplicationStep& step : replication_steps(problem, 0)) {
      found.push_back(step.replicas);
    }
    EXPECT_EQ(found, expected) << pixels;
  }
}

}  // namespace
}  // namespace pimento::mapper
