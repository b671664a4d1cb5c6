// SPDX-License-Identifier: Apache-2.0
// What a sweep keeps of one run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/report/run_report.h"
#include "sim/sweep/pareto.h"

namespace pimento::sim {

struct PointFigures {
  double energy_j = 0.0;
  double latency_s = 0.0;
  double area_mm2 = 0.0;
  std::int64_t crossbars = 0;
  std::int64_t adc_conversions = 0;
  double cell_utilization = 0.0;
  double tops_per_w = 0.0;
  double edp = 0.0;
  std::vector<std::string> notes;  // of the run's report

  [[nodiscard]] Objectives objectives() const { return {energy_j, latency_s, area_mm2}; }
  friend bool operator==(const PointFigures&, const PointFigures&) = default;
};

[[nodiscard]] PointFigures point_figures(const RunReport& report);

// JSON gives back the same numbers. figures_from() is empty for anything but such an object.
[[nodiscard]] nlohmann::ordered_json to_json(const PointFigures& figures);
[[nodiscard]] std::optional<PointFigures> figures_from(const nlohmann::ordered_json& json);

// Figures, or why there are none.
struct PointResult {
  std::optional<PointFigures> figures;
  std::string error;
};

}  // namespace pimento::sim
