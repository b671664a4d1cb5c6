// SPDX-License-Identifier: Apache-2.0
// Counts times prices: where every joule of a report comes from.
#pragma once

#include <string>
#include <vector>

#include "arch/action.h"
#include "arch/chip_spec.h"
#include "base/units.h"

namespace pimento::sim {

// One line of the bill: energy = count x price.
struct BillItem {
  std::string name;       // "macro.adc", "tile.buffer:write_bit", "chip.io_link:static"
  std::string component;  // "macro.adc"
  std::string action;     // "adc_conversion", or "static"
  int bits = 0;           // precision, where the price depends on it
  double count = 0.0;     // how often; for static power, how many instances
  Energy price;           // of one; for static power, power x time of one instance
  Energy energy;
  Area area;  // of all instances, on the component's first line only
  double instances = 0.0;
  std::string basis;  // what values its energy stands on, where the price depends on them
};

// What a run did that no component of the chip has a price for.
struct UnpricedAction {
  std::string component;
  std::string action;
  std::int64_t count = 0;
};

struct Bill {
  std::vector<BillItem> items;
  std::vector<UnpricedAction> unpriced;
  [[nodiscard]] Energy energy() const;
  [[nodiscard]] Energy static_energy() const;
  [[nodiscard]] Area area() const;
};

// Prices counts on a chip of `tiles` tiles that was on for `duration`.
[[nodiscard]] Bill price(const arch::ChipSpec& chip, int tiles, const arch::Counts& counts,
                         Time duration);

}  // namespace pimento::sim
