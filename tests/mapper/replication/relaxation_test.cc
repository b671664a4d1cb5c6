// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/relaxation.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pimento::mapper {
namespace {

// Costs and times of two layers by hand: the hull of the first leaves out its middle choice.
// Edges: 12/4 = 3 a unit (first layer), 6/3 = 2 (second), 1/1 (second).
const std::vector<ReplicationChoices> kTwo = {{{1, 0, 20}, {2, 2, 19}, {3, 4, 8}},
                                              {{1, 0, 10}, {2, 3, 4}, {3, 4, 3}}};

TEST(Relaxation, ThePriceIsThatOfTheFirstEdgeThatDoesNotFit) {
  const Relaxation five = relax(kTwo, 5);  // the first layer's edge fits, of the next 1/3
  EXPECT_EQ(five.price, 2);
  EXPECT_EQ(five.lower, 8 + 10 - 2 * 1);
  EXPECT_EQ(five.upper, 8 + 10);
  EXPECT_EQ(five.excess(0, kTwo[0][2]), 0);
  EXPECT_EQ(five.excess(0, kTwo[0][1]), (19 + 2 * 2) - (8 + 2 * 4));
  const Relaxation seven = relax(kTwo, 7);  // two edges fit to the unit: no gap
  EXPECT_EQ(seven.price, 1);
  EXPECT_EQ(seven.lower, 8 + 4);
  EXPECT_EQ(seven.upper, 8 + 4);
}

TEST(Relaxation, ChoicesBesideTheHullUseWhatIsLeft) {
  const Relaxation two = relax(kTwo, 2);  // no edge fits; the middle choice does
  EXPECT_EQ(two.price, 3);
  EXPECT_EQ(two.upper, 19 + 10);
}

TEST(Relaxation, HasNoPriceIfAllFits) {
  const Relaxation all = relax(kTwo, 8);
  EXPECT_EQ(all.price, 0);
  EXPECT_EQ(all.lower, 8 + 3);
  EXPECT_EQ(all.upper, 8 + 3);
}

// Three layers of up to five choices; the shortest time with each choice by trying all.
class RandomKnapsack {
 public:
  explicit RandomKnapsack(std::uint64_t seed) : random_(seed, stream_of("tests.relaxation")) {
    for (int l = 0; l < 3; ++l) {
      ReplicationChoices choices = {{1, 0, double(60 + next(60))}};
      while (choices.size() < std::size_t(1 + next(5)) && choices.back().time > 1) {
        choices.push_back({std::ssize(choices) + 1, choices.back().cost + 1 + next(9),
                           double(next(std::int64_t(choices.back().time)))});
      }
      layers.push_back(std::move(choices));
    }
    room = next(40);
  }
  [[nodiscard]] double shortest_with(std::size_t layer, std::size_t choice) const {
    double shortest = std::numeric_limits<double>::infinity();
    for (const ReplicationChoice& a : layers[layer == 0 ? 1 : 0]) {
      for (const ReplicationChoice& b : layers[layer == 2 ? 1 : 2]) {
        const ReplicationChoice& c = layers[layer][choice];
        if (a.cost + b.cost + c.cost > room) continue;
        shortest = std::min(shortest, a.time + b.time + c.time);
      }
    }
    return shortest;
  }
  std::vector<ReplicationChoices> layers;
  std::int64_t room = 0;

 private:
  std::int64_t next(std::int64_t below) {
    return std::int64_t(random_.uniform(position_++) * double(below));
  }
  CounterRandom random_;
  std::uint64_t position_ = 0;
};

TEST(Relaxation, BoundsWhatTryingAllFinds) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const RandomKnapsack knapsack(seed);
    const Relaxation found = relax(knapsack.layers, knapsack.room);
    double shortest = std::numeric_limits<double>::infinity();
    for (std::size_t l = 0; l < 3; ++l) {
      for (std::size_t c = 0; c < knapsack.layers[l].size(); ++c) {
        const double with = knapsack.shortest_with(l, c);
        shortest = std::min(shortest, with);
        EXPECT_GE(with + 1e-9, found.lower + found.excess(l, knapsack.layers[l][c])) << seed;
      }
    }
    EXPECT_GE(found.upper, shortest) << seed;
    EXPECT_LE(found.lower, shortest + 1e-9) << seed;
  }
}

}  // namespace
}  // namespace pimento::mapper
