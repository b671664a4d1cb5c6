// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <stdlib.h>
#include <string>

#include <gtest/gtest.h>

#include "sim/sweep/point_result.h"

namespace pimento::sim {

// A folder of its own that goes away with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "pimento_sweep_XXXXXX").string();
    const char* const made = mkdtemp(name.data());
    EXPECT_NE(made, nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// All different, and growing with `x`.
inline PointFigures some_figures(double x) {
  PointFigures figures;
  figures.energy_j = x * 1e-3;
  figures.latency_s = x * 2e-3;
  figures.area_mm2 = x * 3;
  figures.crossbars = 40;
  figures.adc_conversions = 5000;
  figures.cell_utilization = 0.5;
  figures.tops_per_w = 6.0;
  figures.edp = figures.energy_j * figures.latency_s;
  return figures;
}

}  // namespace pimento::sim
