// SPDX-License-Identifier: Apache-2.0
#include "mapper/replication/relaxation.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace pimento::mapper {
namespace {

// From one corner of a layer's lower convex hull over (cost, time) to the next.
struct Edge {
  double gain = 0.0;  // time for a unit of cost
  std::size_t layer = 0;
  std::size_t from = 0;
  std::size_t to = 0;
};

double slope(const ReplicationChoice& a, const ReplicationChoice& b) {
  return (a.time - b.time) / double(b.cost - a.cost);
}

void add_hull(const ReplicationChoices& choices, std::size_t layer, std::vector<Edge>& edges) {
  std::vector<std::size_t> hull;
  for (std::size_t c = 0; c < choices.size(); ++c) {
    while (hull.size() >= 2 && slope(choices[hull[hull.size() - 2]], choices[hull.back()]) <=
                                   slope(choices[hull.back()], choices[c])) {
      hull.pop_back();
    }
    hull.push_back(c);
  }
  for (std::size_t h = 1; h < hull.size(); ++h) {
    edges.push_back({slope(choices[hull[h - 1]], choices[hull[h]]), layer, hull[h - 1], hull[h]});
  }
}

// Takes edges by their gain; the gain of the first that does not fit is the best price.
class Greedy {
 public:
  Greedy(const std::vector<ReplicationChoices>& layers, std::int64_t room)
      : layers_(layers), room_(room), taken_(layers.size(), 0) {}

  double take(const std::vector<Edge>& edges) {
    double price = 0.0;
    for (const Edge& edge : edges) {
      if (taken_[edge.layer] != edge.from) continue;
      const ReplicationChoices& choices = layers_[edge.layer];
      const std::int64_t cost = choices[edge.to].cost - choices[edge.from].cost;
      if (cost <= room_) {
        room_ -= cost;
        taken_[edge.layer] = edge.to;
      } else if (price == 0.0) {
        price = edge.gain;
      }
    }
    return price;
  }
  // Spends what is left on whatever saves most time, on the hull or not.
  void fill() {
    while (take_best()) {
    }
  }
  [[nodiscard]] double time() const {
    double time = 0.0;
    for (std::size_t l = 0; l < layers_.size(); ++l) time += layers_[l][taken_[l]].time;
    return time;
  }

 private:
  bool take_best() {
    double best = 0.0;
    std::size_t layer = 0;
    std::size_t choice = 0;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const ReplicationChoice& now = layers_[l][taken_[l]];
      const std::size_t last = last_within(layers_[l], now.cost + room_);
      if (now.time - layers_[l][last].time <= best) continue;
      best = now.time - layers_[l][last].time;
      layer = l;
      choice = last;
    }
    if (best == 0.0) return false;
    room_ -= layers_[layer][choice].cost - layers_[layer][taken_[layer]].cost;
    taken_[layer] = choice;
    return true;
  }
  static std::size_t last_within(const ReplicationChoices& choices, std::int64_t cost) {
    const auto beyond =
        std::partition_point(choices.begin(), choices.end(),
                             [&](const ReplicationChoice& choice) { return choice.cost <= cost; });
    return std::size_t(beyond - choices.begin()) - 1;
  }

  const std::vector<ReplicationChoices>& layers_;
  std::int64_t room_;
  std::vector<std::size_t> taken_;
};

}  // namespace

Relaxation relax(const std::vector<ReplicationChoices>& layers, std::int64_t room) {
  std::vector<Edge> edges;
  for (std::size_t l = 0; l < layers.size(); ++l) add_hull(layers[l], l, edges);
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
    return std::tuple(-a.gain, a.layer, a.from) < std::tuple(-b.gain, b.layer, b.from);
  });
  Greedy greedy(layers, room);
  Relaxation result;
  result.price = greedy.take(edges);
  greedy.fill();
  result.upper = greedy.time();
  result.lower = -result.price * double(room);
  for (const ReplicationChoices& choices : layers) {
    double least = std::numeric_limits<double>::infinity();
    for (const ReplicationChoice& choice : choices) {
      least = std::min(least, choice.time + result.price * double(choice.cost));
    }
    result.least.push_back(least);
    result.lower += least;
  }
  return result;
}

}  // namespace pimento::mapper
