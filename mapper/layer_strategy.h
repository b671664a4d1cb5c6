// SPDX-License-Identifier: Apache-2.0
// Strategies that place one layer after the other, each on macros of its own.
#pragma once

#include <functional>
#include <string>

#include "mapper/mapping.h"
#include "mapper/placement.h"

namespace pimento::mapper {

// Places a layer on macros that it takes from the macros. Throws InputError where it cannot.
using LayerStrategy =
    std::function<LayerMapping(const MappingProblem& problem, int layer, FreshMacros& macros)>;

// Every layer with weights by the same strategy. Each starts on a fresh core, because a core's
// input register serves one layer.
[[nodiscard]] Mapping map_layers(const MappingProblem& problem, const std::string& name,
                                 const LayerStrategy& strategy);

}  // namespace pimento::mapper
