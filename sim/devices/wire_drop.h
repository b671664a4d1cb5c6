// SPDX-License-Identifier: Apache-2.0
// What the resistance of wires takes from the cells of an array. Rows are driven at the side of
// column 0 through a driver's resistance; columns are read behind their last row, where a sense
// resistance leads to virtual ground. Each cell has its pitch of row wire before it, as seen from
// the driver, and its pitch of column wire behind it, towards the sense side. Rows that are not
// driven lie at 0 V behind their drivers. Leaves out: access transistors, currents not proportional
// to voltage, capacitances.
//
// The voltages u across the cells are the fixed point of u = v - drops(G u): the wires' drops, at
// the currents of the cells under u, taken off the voltages applied. The drops of all cells are
// running sums along rows and columns, so one evaluation costs as much as a few reads of the array.
// Putting u in again and again diverges once drops are as large as what is applied (128x128 cells
// of 100 uS on wires of 1 Ohm a cell will do). As the drops are symmetric (a cell's current costs
// another as much as the other's costs it), conjugate gradients find the same fixed point in few
// steps.
//
// Matrices lie column after column, as CellModel::program writes lines of columns.
#pragma once

#include <span>
#include <vector>

#include "arch/device_spec.h"

namespace pimento::devices {

class WireDrop {
 public:
  WireDrop(const arch::WireSpec& wires, int rows, int columns);

  struct Limits {
    double tolerance = 1e-12;  // what is left of the equation, relative to what was applied
    int iterations = 1000;
  };
  struct Solution {
    std::vector<double> cell_voltages;
    std::vector<double> column_currents;
    int iterations = 0;
  };
  // `conductances` in siemens; one voltage a row. Throws InputError when the limits do not suffice.
  [[nodiscard]] Solution solve(std::span<const double> conductances,
                               std::span<const double> row_voltages, Limits limits) const;
  [[nodiscard]] Solution solve(std::span<const double> conductances,
                               std::span<const double> row_voltages) const {
    return solve(conductances, row_voltages, Limits());
  }

  // What is left of each cell's conductance, 0 to 1, for sums of columns that leave the wires out:
  // its voltage when every row has 1 V. The sums are then exact for rows driven alike. For any
  // other input they are right to first order in the drops: what a cell's current costs the cells
  // of other rows on its column is what theirs would cost it. (Dividing by the voltages of rows
  // driven unlike, as by an expected input, is exact for that input and wrong in first order for
  // others.)
  [[nodiscard]] std::vector<double> factors(std::span<const double> conductances) const;

  // Multiplies levels, as CellModel::program gives them for a whole array, by their factors. A
  // reference column is taken to lose as much as the column it serves.
  void apply(const arch::DeviceSpec& device, int cell_bits, std::span<float> levels) const;

  // The conductances that give the sums of all inputs exactly: the current of column j for 1 V on
  // row i alone. As much work as factors(), for each column.
  [[nodiscard]] std::vector<double> response(std::span<const double> conductances) const;

 private:
  // The fixed point for a voltage applied to each cell; gives the currents of the cells.
  std::vector<double> currents(std::span<const double> conductances,
                               std::span<const double> applied, Limits limits,
                               int& iterations) const;
  // What the cells' currents cost each of them.
  void drops(std::span<const double> currents, std::span<double> result) const;
  [[nodiscard]] std::size_t cells() const { return rows_ * columns_; }

  double row_;
  double column_;
  double driver_;
  double sense_;
  std::size_t rows_;
  std::size_t columns_;
};

}  // namespace pimento::devices
