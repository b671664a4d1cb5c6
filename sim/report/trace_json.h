// SPDX-License-Identifier: Apache-2.0
// A timeline that browsers and Perfetto show: the Trace Event Format of Chrome, complete events
// ("ph": "X"), times in microseconds. A tile is a process, a unit a thread, a span is named by its
// stage.
#pragma once

#include <string>
#include <vector>

#include "sim/engine/simulate.h"

namespace pimento::sim {

// `stages`: names in the order of the program.
[[nodiscard]] std::string trace_json(const Trace& trace, const std::vector<std::string>& stages);

}  // namespace pimento::sim
