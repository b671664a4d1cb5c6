// SPDX-License-Identifier: Apache-2.0
// The multiple-choice knapsack behind exact_latency.h: one choice a layer, the sum of costs within
// a room, the sum of times as small as can be; and what is known of it before any search.
#pragma once

#include <cstdint>
#include <vector>

namespace pimento::mapper {

struct ReplicationChoice {
  std::int64_t replicas = 0;
  std::int64_t cost = 0;
  double time = 0.0;
};

// A layer's choices: costs rise from 0, times fall.
using ReplicationChoices = std::vector<ReplicationChoice>;

// Lagrange's relaxation with `price` as time for a unit of cost: no replication that fits is faster
// than `lower`, and one that takes choice c of layer l is not faster than `lower` + excess(l, c),
// or the sum of the excesses of all that it takes. `price` is the one that makes `lower` largest.
struct Relaxation {
  double price = 0.0;
  std::vector<double> least;  // a layer: min over choices of time + price * cost
  double lower = 0.0;
  double upper = 0.0;  // some replication that fits takes this long

  [[nodiscard]] double excess(std::size_t layer, const ReplicationChoice& choice) const {
    return choice.time + price * double(choice.cost) - least[layer];
  }
};

[[nodiscard]] Relaxation relax(const std::vector<ReplicationChoices>& layers, std::int64_t room);

}  // namespace pimento::mapper
