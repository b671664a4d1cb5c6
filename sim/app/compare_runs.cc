// SPDX-License-Identifier: Apache-2.0
#include "sim/app/compare_runs.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/app/interrupt.h"

namespace pimento::app {
namespace {

std::size_t baseline_index(const CompareRequest& request) {
  if (request.baseline.empty()) return 0;
  const auto it = std::find(request.policies.begin(), request.policies.end(), request.baseline);
  if (it != request.policies.end()) {
    return static_cast<std::size_t>(it - request.policies.begin());
  }
  throw InputError(
      fmt::format("--baseline: found \"{}\"; expected one of the compared policies: {}",
                  printable(request.baseline), join(request.policies)));
}

void check_distinct(const std::vector<std::string>& policies) {
  for (auto it = policies.begin(); it != policies.end(); ++it) {
    if (std::find(policies.begin(), it, *it) != it) {
      throw InputError(
          fmt::format("--policies: \"{}\" is given twice; remove one", printable(*it)));
    }
  }
}

RunRequest with_policy(const CompareRequest& request, std::size_t index) {
  RunRequest result = request.run;
  result.policy = request.policies[index];
  return result;
}

// The first policy in order that failed, so that the message does not depend on timing.
void throw_failure(const CompareRequest& request, const std::vector<sim::TaskResult>& results) {
  using Outcome = sim::TaskResult::Outcome;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].outcome == Outcome::kOk) continue;
    const std::string message =
        fmt::format("policy \"{}\": {}", printable(request.policies[i]), results[i].error);
    if (results[i].outcome == Outcome::kInputError) throw InputError(message);
    throw SimulationError(message);
  }
}

sim::Comparison assemble(const CompareRequest& request,
                         const std::vector<sim::TaskResult>& results) {
  sim::Comparison comparison;
  comparison.baseline = baseline_index(request);
  for (std::size_t i = 0; i < results.size(); ++i) {
    sim::ComparedRun run = sim::unpack(results[i].output);
    if (i == 0) {
      comparison.network = run.network;
      comparison.chip = run.chip;
      comparison.provenance = run.provenance;
      comparison.provenance.policy_file.clear();
    }
    comparison.rows.push_back(std::move(run.row));
  }
  // Two files may call their policies the same; then rows go by what the user typed.
  for (std::size_t i = 0; i < comparison.rows.size(); ++i) {
    const std::string& name = comparison.rows[i].policy;
    const auto same =
        std::count_if(comparison.rows.begin(), comparison.rows.end(),
                      [&](const sim::ComparisonRow& row) { return row.policy == name; });
    if (same > 1) {
      for (std::size_t j = 0; j < comparison.rows.size(); ++j) {
        comparison.rows[j].policy = request.policies[j];
      }
      break;
    }
  }
  return comparison;
}

}  // namespace

sim::Comparison compare_runs(const CompareRequest& request, const CompareProgress& progress,
                             const sim::StopFlag& stop) {
  (void)baseline_index(request);
  check_distinct(request.policies);
  for (std::size_t i = 0; i < request.policies.size(); ++i) {
    (void)load_inputs(with_policy(request, i));
  }
  const auto task = [&](std::size_t index) {
    const sim::RunReport report = run(with_policy(request, index));
    return sim::pack({report.network, report.chip, report.provenance, sim::comparison_row(report)});
  };
  std::vector<sim::TaskResult> results(request.policies.size());
  std::size_t done = 0;
  progress(done, results.size());
  const auto on_done = [&](std::size_t index, const sim::TaskResult& result) {
    results[index] = result;
    progress(++done, results.size());
  };
  sim::run_in_processes(results.size(), request.jobs, task, on_done, stop);
  if (stop) throw Interrupted("interrupted; nothing was written");
  throw_failure(request, results);
  return assemble(request, results);
}

}  // namespace pimento::app
