// SPDX-License-Identifier: Apache-2.0
// The cells of a column group as an array of real devices holds them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arch/chip_spec.h"
#include "arch/device_spec.h"
#include "arch/layout.h"
#include "sim/devices/cell_model.h"

namespace pimento::exact {

// What the cells of all arrays are made of. The spec must outlive it.
struct ArrayDevices {
  ArrayDevices(const arch::DeviceSpec& device, int cell_bits, std::uint64_t number)
      : spec(device), model(device, cell_bits, number), seed(number) {}
  const arch::DeviceSpec& spec;
  devices::CellModel model;
  std::uint64_t seed;

  // Whether anything of them differs from what is meant.
  [[nodiscard]] bool are_ideal() const;
};

class ProgrammedGroup {
 public:
  ProgrammedGroup(const ArrayDevices& devices, const arch::MacroSpec& macro,
                  const arch::ColumnGroup& group);

  // Programs a line of cells: line 0 of a column, or line 1 of a pair. `column` counts the group's
  // columns of weights.
  void program(std::int64_t column, int line, std::span<const std::uint8_t> wanted);
  // Once all are there: what the wires take. Wires are as long as the array's; cells outside the
  // group conduct nothing.
  void connect();

  // Of a column: the positive line less the negative, row by row.
  [[nodiscard]] std::vector<float> levels(std::int64_t column) const;
  // Those of both lines together; empty without read noise.
  [[nodiscard]] std::vector<float> variances(std::int64_t column) const;

 private:
  [[nodiscard]] std::size_t at(std::int64_t column, int line) const {
    return static_cast<std::size_t>((column * lines_ + line) * group_.rows.size());
  }

  const ArrayDevices& devices_;
  const arch::MacroSpec& macro_;
  const arch::ColumnGroup& group_;
  int lines_;
  std::vector<float> levels_;  // line after line
  std::vector<float> variances_;
};

}  // namespace pimento::exact
