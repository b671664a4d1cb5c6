// SPDX-License-Identifier: Apache-2.0
// Executing a mapped network on inputs, value by value.
#pragma once

#include <string>

#include "sim/app/pipeline.h"
#include "sim/report/exact_report.h"

namespace pimento::app {

// Throws InputError on the user's mistakes, and on what cannot be executed.
[[nodiscard]] sim::ExactReport run_exact(const RunRequest& request, const Inputs& inputs,
                                         const mapper::Mapping& mapping);

}  // namespace pimento::app
