// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/pareto.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>

namespace pimento::sim {
namespace {

using testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool beats(const Objectives& a, const Objectives& b) {
  bool better = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    better = better || a[k] < b[k];
  }
  return better;
}

std::vector<bool> by_brute_force(const std::vector<Objectives>& points) {
  std::vector<bool> optimal(points.size(), true);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (const Objectives& other : points) optimal[i] = optimal[i] && !beats(other, points[i]);
  }
  return optimal;
}

TEST(Pareto, OfNothingIsNothing) {
  EXPECT_TRUE(pareto_optimal({}).empty());
}

TEST(Pareto, OnePointIsOptimal) {
  const std::vector<Objectives> points = {{1, 2, 3}};
  EXPECT_THAT(pareto_optimal(points), ElementsAre(true));
}

TEST(Pareto, ABetterPointBeatsOnlyWhatItIsNowhereWorseThan) {
  const std::vector<Objectives> points = {{1, 1, 1}, {1, 1, 2}, {2, 0, 1}, {2, 1, 1}, {0, 9, 9}};
  EXPECT_THAT(pareto_optimal(points), ElementsAre(true, false, true, false, true));
}

TEST(Pareto, EqualPointsStandOrFallTogether) {
  const std::vector<Objectives> points = {{1, 2, 3}, {2, 2, 3}, {1, 2, 3}, {2, 2, 3}};
  EXPECT_THAT(pareto_optimal(points), ElementsAre(true, false, true, false));
}

TEST(Pareto, WhatIsNotFiniteTakesNoPart) {
  const std::vector<Objectives> points = {{kNan, 0, 0}, {1, 1, 1}, {0, kInfinity, 0}, {0, 0, kNan}};
  EXPECT_THAT(pareto_optimal(points), ElementsAre(false, true, false, false));
}

// Few different values make many ties, many make long fronts.
TEST(Pareto, AgreesWithBruteForce) {
  std::mt19937 random(7);
  for (const int values : {1, 2, 3, 5, 20, 1000}) {
    for (int round = 0; round < 40; ++round) {
      std::uniform_int_distribution<int> figure(0, values - 1);
      std::vector<Objectives> points(random() % 120);
      for (Objectives& point : points) {
        for (double& x : point) x = figure(random);
      }
      ASSERT_EQ(pareto_optimal(points), by_brute_force(points)) << values << " round " << round;
    }
  }
}

// Of a million points each on the front, which the quadratic way would not finish.
TEST(Pareto, TakesAMillionPoints) {
  std::vector<Objectives> points;
  for (int i = 0; i < 1'000'000; ++i) points.push_back({double(i), double(-i), double(i % 7)});
  const std::vector<bool> optimal = pareto_optimal(points);
  EXPECT_EQ(std::count(optimal.begin(), optimal.end(), true), 1'000'000);
}

}  // namespace
}  // namespace pimento::sim
