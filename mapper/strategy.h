// SPDX-License-Identifier: Apache-2.0
// Strategies are functions from a problem to a mapping, listed by name.
#pragma once

#include <functional>

#include "base/registry.h"
#include "mapper/mapping.h"

namespace pimento::mapper {

struct Strategy {
  // Throws InputError when the network does not fit the chip. Whether the result is right is not
  // for the strategy to say: callers run verify().
  std::function<Mapping(const MappingProblem&)> map;
  std::string description;  // what it is good for, in a line
};
using StrategyRegistry = Registry<Strategy>;

[[nodiscard]] const StrategyRegistry& strategies();

// Checks the problem, runs the named strategy and verifies its result. Throws InputError on an
// unknown name, listing the known ones.
[[nodiscard]] Mapping map_network(const MappingProblem& problem, const std::string& strategy);

}  // namespace pimento::mapper
