// SPDX-License-Identifier: Apache-2.0
// Executing a mapped network on inputs, value by value.
#pragma once

#include <optional>

#include "sim/app/kept_reads.h"
#include "sim/app/pipeline.h"
#include "sim/report/activity_report.h"
#include "sim/report/exact_report.h"

namespace pimento::app {

struct ExactRun {
  sim::ExactReport report;
  std::optional<sim::ActivityReport> activity;  // where prices depend on values
  std::optional<CountedReads> reads;            // where the chip passes over inputs of zero
};

// Throws InputError on the user's mistakes, and on what cannot be executed.
[[nodiscard]] ExactRun run_exact(const RunRequest& request, const Inputs& inputs,
                                 const mapper::Mapping& mapping);

}  // namespace pimento::app
