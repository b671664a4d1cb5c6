// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/isaac_rule.h"

#include <gtest/gtest.h>

#include "tests/mapper/replication/support.h"

namespace pimento::mapper {
namespace {

// Strides of 2, 1, 2 lead to a last layer of 4 x 4; a fully connected one follows.
std::vector<ReplicationLayer> pyramid() {
  return {layer_of(1, 256), layer_of(2, 64), layer_of(2, 64), layer_of(10, 16), layer_of(30, 1)};
}

TEST(IsaacRule, IsTheSquareOfTheStridesBehind) {
  EXPECT_EQ(isaac_rule(problem_of(pyramid(), 1000)).replicas, (Counts{16, 4, 4, 1, 1}));
  EXPECT_EQ(isaac_rule(problem_of(pyramid(), 16 + 8 + 8 + 10 + 30)).replicas,
            (Counts{16, 4, 4, 1, 1}));
}

// One macro short of the rule, all but the first have a fifteenth of 16 less: 4 * 15 / 16 = 3.75.
TEST(IsaacRule, IsScaledDownByOneFactor) {
  EXPECT_EQ(isaac_rule(problem_of(pyramid(), 71)).replicas, (Counts{15, 3, 3, 1, 1}));
  EXPECT_EQ(isaac_rule(problem_of(pyramid(), 56)).replicas, (Counts{8, 2, 2, 1, 1}));
  EXPECT_EQ(isaac_rule(problem_of(pyramid(), 55)).replicas, (Counts{7, 1, 1, 1, 1}));
  EXPECT_EQ(isaac_rule(problem_of(pyramid(), 45)).replicas, (Counts{1, 1, 1, 1, 1}));
}

TEST(IsaacRule, GrowsWithTheBudgetIfAsked) {
  const auto grown = [](std::int64_t budget) {
    return isaac_rule(problem_of(pyramid(), budget), IsaacScale::kBudget).replicas;
  };
  EXPECT_EQ(grown(30 + 32 + 2 * 16 + 20), (Counts{32, 8, 8, 2, 1}));
  EXPECT_EQ(grown(30 + 32 + 2 * 16 + 20 - 1), (Counts{31, 7, 7, 1, 1}));
  EXPECT_EQ(grown(56), (Counts{8, 2, 2, 1, 1}));
  EXPECT_EQ(grown(100000), (Counts{256, 64, 64, 16, 1}));
}

TEST(IsaacRule, LayersOfOnePixelKeepOneReplica) {
  EXPECT_EQ(isaac_rule(problem_of({layer_of(1, 1), layer_of(1, 1)}, 50)).replicas, (Counts{1, 1}));
}

TEST(IsaacRule, StaysWithinTheBudgetAndThePixels) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const ReplicationProblem problem = random_problem({.layers = 12, .pixels = 300}, seed);
    for (const IsaacScale scale : {IsaacScale::kPublished, IsaacScale::kBudget}) {
      const Replication result = isaac_rule(problem, scale);
      EXPECT_LE(result.macros, problem.budget) << seed;
    }
  }
}

TEST(IsaacRule, RefusesABudgetBelowOneReplicaEach) {
  EXPECT_EQ(message_of<InputError>([] { (void)isaac_rule(problem_of(pyramid(), 44)); }),
            "replication: the budget is 44 macros, and the 5 layers take 45 with one replica each; "
            "give at least 45, or lower the bits of weights");
}

// Four strides of two before a last layer of 7 x 7; the layers between strides share a number.
TEST(IsaacRule, GivesResNet18ItsSquares) {
  const ReplicationProblem problem = real_problem("resnet18_imagenet", 100);
  const Replication result = isaac_rule(problem);
  for (std::size_t l = 0; l < problem.layers.size(); ++l) {
    const std::int64_t pixels = problem.layers[l].pixels;
    EXPECT_EQ(result.replicas[l], pixels == 1 ? 1 : pixels / 49) << l;
  }
  EXPECT_EQ(result.replicas.front(), 256);
  EXPECT_EQ(result.interval.value(), 49);
}

}  // namespace
}  // namespace pimento::mapper
