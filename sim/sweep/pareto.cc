// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/pareto.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>

namespace pimento::sim {
namespace {

// The least third figure seen for each second figure, as stairs: ascending in the second, falling
// in the third.
class Stairs {
 public:
  [[nodiscard]] bool beats(double second, double third) const {
    const auto after = steps_.upper_bound(second);
    return after != steps_.begin() && std::prev(after)->second <= third;
  }
  // Of a pair that the stairs do not beat.
  void add(double second, double third) {
    auto step = steps_.insert_or_assign(second, third).first;
    for (++step; step != steps_.end() && step->second >= third;) step = steps_.erase(step);
  }

 private:
  std::map<double, double> steps_;
};

}  // namespace

std::vector<bool> pareto_optimal(std::span<const Objectives> points) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (std::all_of(points[i].begin(), points[i].end(),
                    [](double x) { return std::isfinite(x); })) {
      order.push_back(i);
    }
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
  // What beats a point comes before it in this order.
  std::vector<bool> optimal(points.size(), false);
  Stairs stairs;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Objectives& point = points[order[i]];
    if (i > 0 && point == points[order[i - 1]]) {
      optimal[order[i]] = optimal[order[i - 1]];
    } else if (!stairs.beats(point[1], point[2])) {
      optimal[order[i]] = true;
      stairs.add(point[1], point[2]);
    }
  }
  return optimal;
}

}  // namespace pimento::sim
