// SPDX-License-Identifier: Apache-2.0
// What the cells of an array really hold, once levels have been programmed into them, and how much
// a read of them varies. In this order: the conductance meant, cells that are stuck, the error of
// programming, drift, the deviation of a read; arch/device_spec.h has the formulas.
//
// A stuck cell holds the lowest or highest conductance exactly: it neither takes a programming
// error nor drifts. Leaves out: correlation between neighbouring cells, and between one read and
// the next (1/f noise is drawn anew at each read); currents that are not proportional to voltage.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arch/device_spec.h"
#include "sim/devices/normal_table.h"

namespace pimento::devices {

class CellModel {
 public:
  // Cells of 1 to 8 bits.
  CellModel(const arch::DeviceSpec& device, int cell_bits, std::uint64_t seed);

  // Whether programming gives anything but the levels meant.
  [[nodiscard]] bool changes_levels() const { return changes_levels_; }
  [[nodiscard]] bool has_read_noise() const { return noise_.kind != arch::ReadNoiseKind::kNone; }

  // A line of cells of one column: `wanted` are the levels meant for rows at_row, at_row + 1, ...
  // `levels` become what the cells hold, in units of ideal levels: what a cell adds to its column's
  // sum, the current of a lowest cell taken off where there is a reference column. So they may be
  // negative. `read_variances`, in levels squared, may be empty without read noise.
  // The result depends on the seed and on each cell's place alone.
  void program(std::int64_t macro, std::int64_t at_row, std::int64_t at_column,
               std::span<const std::uint8_t> wanted, std::span<float> levels,
               std::span<float> read_variances) const;

 private:
  // What is the same for all cells meant to hold one level. Conductances are in siemens.
  struct Level {
    double meant = 0.0;
    double programming_deviation = 0.0;
    double drift_mean = 0.0;  // of nu times ln(time / reference_time), or what relaxation adds
    double drift_deviation = 0.0;
    float undisturbed = 0.0F;  // the level of a cell that holds what was meant
  };
  struct Draws;
  struct Cell {
    double programmed = 0.0;
    double conductance = 0.0;  // by now
  };

  [[nodiscard]] Level level_of(const arch::DeviceSpec& device, int index, int highest) const;
  void tabulate_one_over_f(const arch::DeviceSpec& device);
  [[nodiscard]] Cell cell_at(const Level& level, std::uint64_t row, Draws& draws) const;
  [[nodiscard]] double programmed(const Level& level, double z) const;
  [[nodiscard]] double drifted(const Level& level, double conductance, double z) const;
  [[nodiscard]] double read_deviation(const Cell& cell) const;
  [[nodiscard]] double one_over_f(double programmed) const;

  std::uint64_t seed_;
  const NormalTable* normal_;
  arch::ProgrammingKind programming_;
  double sigma_;
  arch::DriftKind drift_;
  arch::ReadNoiseSpec noise_;
  arch::StuckSpec stuck_;
  double lowest_;
  double highest_;
  double offset_ = 0.0;  // conductance that counts as level 0
  double levels_per_siemens_ = 0.0;
  bool changes_levels_ = false;
  std::vector<Level> levels_;
  std::vector<double> one_over_f_;  // relative deviation at evenly spaced x
  double steps_per_siemens_ = 0.0;
  double one_over_f_growth_ = 0.0;  // sqrt(ln((time + window) / (2 window)))
};

}  // namespace pimento::devices
