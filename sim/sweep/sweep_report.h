// SPDX-License-Identifier: Apache-2.0
// A finished sweep as text, CSV and JSON: axes, figures, what is Pareto-optimal in energy, latency
// and area, and what failed.
#pragma once

#include <string>
#include <vector>

#include "sim/report/style.h"
#include "sim/sweep/point_result.h"
#include "sim/sweep/sweep_spec.h"

namespace pimento::sim {

class SweepReport {
 public:
  SweepReport(const SweepSpec& spec, const std::vector<PointResult>& results);

  // For people. Beyond kMostShown points only the Pareto-optimal ones are listed.
  static constexpr std::size_t kMostShown = 1000;
  [[nodiscard]] std::string text(const Style& style) const;
  // Both hold every point and are the same bytes for the same sweep.
  [[nodiscard]] std::string csv() const;
  [[nodiscard]] std::string json(const std::string& program_version) const;

 private:
  [[nodiscard]] std::string table(const Style& style, bool all) const;
  [[nodiscard]] std::string failures() const;
  [[nodiscard]] std::string notes() const;

  const SweepSpec& spec_;
  const std::vector<PointResult>& results_;
  std::vector<bool> optimal_;
  std::size_t optimal_count_ = 0;
  std::size_t contests_ = 0;
};

}  // namespace pimento::sim
