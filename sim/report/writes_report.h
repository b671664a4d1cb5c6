// SPDX-License-Identifier: Apache-2.0
// What writing the arrays came to in a run of several rounds.
#pragma once

#include <cstdint>
#include <optional>

#include "base/units.h"

namespace pimento::sim {

// Of a run that follows another of the same network.
struct WritesReport {
  int rounds = 1;
  std::int64_t cells_set = 0;
  std::int64_t cells_reset = 0;
  std::int64_t cells_taken = 0;  // written if all cells of every round were, changed or not
  std::optional<Energy> energy;  // none: the chip gives no price for one of the two
  std::optional<Time> time;  // in which nothing else is done; none: the chip gives no write_time
  Time hidden_time;          // in which other cores work
  double share_of_run = 0.0;
  std::int64_t most_writes_of_a_cell = 0;
  std::optional<double> endurance;  // writes
  Time run;                         // how long the run took

  [[nodiscard]] std::int64_t cells_written() const { return cells_set + cells_reset; }
  // Until the cell that is written most has been written `endurance` times, if runs follow each
  // other without a pause: endurance / most writes x time of a run, in years of 365.25 days.
  [[nodiscard]] std::optional<double> years() const;
};

}  // namespace pimento::sim
