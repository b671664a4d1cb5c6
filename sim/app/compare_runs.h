// SPDX-License-Identifier: Apache-2.0
// Runs every policy of a comparison in a process of its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/app/pipeline.h"
#include "sim/report/comparison.h"
#include "sim/sweep/worker_pool.h"

namespace pimento::app {

struct CompareRequest {
  RunRequest run;  // of every policy; its own policy is not looked at
  std::vector<std::string> policies;
  std::string baseline;  // one of them; empty: the first
  int jobs = 1;
};

// Called in the parent whenever a policy is done.
using CompareProgress = std::function<void(std::size_t done, std::size_t total)>;

// All inputs are read and checked before the first simulation begins. Throws InputError or
// SimulationError that names the policy, Interrupted when `stop` was set.
[[nodiscard]] sim::Comparison compare_runs(const CompareRequest& request,
                                           const CompareProgress& progress,
                                           const sim::StopFlag& stop);

}  // namespace pimento::app
