// SPDX-License-Identifier: Apache-2.0
// Which points of a sweep no other point beats.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace pimento::sim {

// Three figures, of each of which less is better.
using Objectives = std::array<double, 3>;

// For each point, whether no other is at least as good in all figures and better in one. Equal
// points stand or fall together. A point with a figure that is not finite is out of the contest.
// Takes O(n log n).
[[nodiscard]] std::vector<bool> pareto_optimal(std::span<const Objectives> points);

}  // namespace pimento::sim
