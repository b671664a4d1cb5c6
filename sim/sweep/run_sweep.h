// SPDX-License-Identifier: Apache-2.0
// All points of a sweep, from the store where they are known, from a run where they are not.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sim/sweep/point_result.h"
#include "sim/sweep/sweep_spec.h"
#include "sim/sweep/worker_pool.h"

namespace pimento::sim {

// What a point means. `inputs` tells everything that `run` depends on as one text; it is called
// here, `run` in a child process. A wrong point throws InputError in `run`.
struct PointRunner {
  std::function<std::string(const SweepPoint&)> inputs;
  std::function<PointFigures(const SweepPoint&)> run;
};

struct SweepOptions {
  int workers = 1;
  std::filesystem::path store;  // folder of finished points
  bool fresh = false;           // run all points, whatever the store holds
  // Called once with the number of points the store had, then after each run.
  std::function<void(std::size_t done, std::size_t total)> on_progress;
};

struct SweepOutcome {
  std::vector<PointResult> results;  // in the order of points; empty ones were not reached
  std::size_t reused = 0;            // from the store
  std::size_t succeeded = 0;         // the reused ones included
  std::size_t failed = 0;
  [[nodiscard]] std::size_t done() const { return succeeded + failed; }
  [[nodiscard]] bool complete() const { return done() == results.size(); }
};

// Points that fail are not stored, so that another call tries them again. Ends early when `stop`
// is set. Throws InputError when the store cannot be written.
[[nodiscard]] SweepOutcome run_sweep(const SweepSpec& spec, const PointRunner& runner,
                                     const SweepOptions& options, const StopFlag& stop);

}  // namespace pimento::sim
