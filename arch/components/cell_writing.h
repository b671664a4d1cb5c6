// SPDX-License-Identifier: Apache-2.0
// What writing the cells of an array takes, for every kind of array:
//   set_energy: 0.6 pJ, reset_energy: 0.6 pJ, endurance: 1e6
// set_energy is that of a cell whose level rises, reset_energy that of one whose level falls, by
// however much; endurance is how often a cell can be written. Each may be left out: what it would
// price is then counted but not priced.
// Leaves out: pulses of write-and-verify, half-selected cells, cells that fail early.
#pragma once

#include <optional>

#include "arch/component.h"

namespace pimento::arch {

struct CellWriting {
  std::optional<Energy> set;
  std::optional<Energy> reset;
  std::optional<double> endurance;

  // Null for actions that write nothing.
  [[nodiscard]] const std::optional<Energy>* price(Action action) const {
    if (action == Action::kCellSet) return &set;
    if (action == Action::kCellReset) return &reset;
    return nullptr;
  }
};

[[nodiscard]] CellWriting read_cell_writing(ConfigMap& map);

// An array with cells that can be written.
class WritableArray : public Component {
 public:
  CellWriting writing;

  [[nodiscard]] Energy energy(Action action, int /*bits*/) const final {
    const std::optional<Energy>* write = writing.price(action);
    return write == nullptr ? read_energy(action) : write->value_or(Energy{});
  }
  [[nodiscard]] bool prices(Action action) const final {
    const std::optional<Energy>* write = writing.price(action);
    return write == nullptr || write->has_value();
  }
  [[nodiscard]] std::optional<double> endurance() const final { return writing.endurance; }

 private:
  [[nodiscard]] virtual Energy read_energy(Action action) const = 0;
};

}  // namespace pimento::arch
