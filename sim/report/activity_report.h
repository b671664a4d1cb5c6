// SPDX-License-Identifier: Apache-2.0
// What the arrays were read with, in whole numbers, and the energy that follows where the array's
// prices depend on values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"

namespace pimento::sim {

// Totals over all images, cells and reads (exact::ArrayActivity).
struct ActivityFigures {
  std::int64_t cell_reads = 0;
  std::int64_t level_reads = 0;
  std::int64_t drive_reads = 0;
  std::int64_t row_drives = 0;
  std::optional<std::int64_t> driven_rows;  // row drives that are not zero; none: not known
  // If rows were driven independently of what they store.
  double independent_level_reads = 0.0;
  double independent_drive_reads = 0.0;
  // Of the array, where its prices depend on values.
  Energy energy;
  Energy independent_energy;

  void add(const ActivityFigures& other);
  // How far independence is off, in percent; none without an energy.
  [[nodiscard]] std::optional<double> deviation_percent() const;
};

struct ActivityLayer {
  std::string name;
  std::int64_t vectors = 0;  // that each row of its weights was driven with
  ActivityFigures figures;
};

struct ActivityReport {
  std::int64_t images = 0;
  std::string inputs;      // "file test.npz", "synthetic uniform, seed 1"
  std::string weights;     // "synthetic gaussian, seed 1"
  std::string basis;       // "values of 8 images, real"
  std::string drive;       // "voltage"
  bool on_arrays = false;  // values as the arrays made them; else those of integers alone
  bool is_priced = false;  // the array's prices depend on values
  std::vector<ActivityLayer> layers;

  [[nodiscard]] ActivityFigures total() const;
};

}  // namespace pimento::sim
