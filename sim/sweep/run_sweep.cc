// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/run_sweep.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sim/sweep/result_store.h"

namespace pimento::sim {
namespace {

PointFigures decode(const std::string& output) {
  std::optional<PointFigures> figures =
      figures_from(nlohmann::ordered_json::parse(output, nullptr, false));
  if (!figures) throw InternalError("a run of a sweep returned no figures");
  return *std::move(figures);
}

}  // namespace

SweepOutcome run_sweep(const SweepSpec& spec, const PointRunner& runner,
                       const SweepOptions& options, const StopFlag& stop) {
  const ResultStore store(options.store);
  SweepOutcome outcome;
  outcome.results.resize(spec.points());
  const auto report = [&] {
    if (options.on_progress) options.on_progress(outcome.done(), outcome.results.size());
  };

  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < outcome.results.size() && !stop; ++i) {
    if (!options.fresh) outcome.results[i].figures = store.load(runner.inputs(spec.point(i)));
    if (outcome.results[i].figures) {
      ++outcome.reused;
    } else {
      open.push_back(i);
    }
  }
  outcome.succeeded = outcome.reused;
  report();

  const auto task = [&](std::size_t k) { return to_json(runner.run(spec.point(open[k]))).dump(); };
  const auto on_done = [&](std::size_t k, const TaskResult& result) {
    PointResult& point = outcome.results[open[k]];
    if (result.outcome == TaskResult::Outcome::kOk) {
      point.figures = decode(result.output);
      store.save(runner.inputs(spec.point(open[k])), *point.figures);
      ++outcome.succeeded;
    } else {
      point.error = result.error;
      ++outcome.failed;
    }
    report();
  };
  run_in_processes(open.size(), options.workers, task, on_done, stop);
  return outcome;
}

}  // namespace pimento::sim
