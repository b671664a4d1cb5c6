// SPDX-License-Identifier: Apache-2.0
// An array of resistive cells, by what the conductances of its cells take:
//   on_resistance: 10 kOhm, off_resistance: 1 MOhm, read_voltage: 0.2 V, pulse: 10 ns, rate: 10
//   MHz, input_density: 0.25, stored_density: 0.4, cell_area: 0.0015 um2, cell_static_power: 0 W
// A cell that stores level g of g_max = 2^cell_bits - 1, on a row driven with level x of
// x_max = 2^dac_bits - 1, takes in one read, by Joule's law,
//   E = V^2 t (G_off + (G_on - G_off) g / g_max) (x / x_max)^k,
// G = 1 / resistance, with k = 2 where the voltage is V x / x_max for the whole pulse t, and k = 1
// where it is V for the time t x / x_max (macro.drive). `pulse` is t.
// Where values are known, level_read prices the part of g x^k and drive_read that of x^k. Elsewhere
// a cell_read has the mean of (x / x_max)^k given as input_density and that of g / g_max given as
// stored_density, taken as independent. Power at full rate is by the two densities as well.
// The levels of a cell are equally spaced conductances, columns are held at 0 V.
// What writing takes is told in cell_writing.h.
// Leaves out: wires, selectors, currents of cells that depend on the voltage otherwise, cells on
// rows that are not driven, charging of rows (the drivers are macro.dac).
#include <cmath>

#include <fmt/format.h>

#include "arch/components/cell_writing.h"
#include "arch/components/kinds.h"

namespace pimento::arch {
namespace {

class ResistiveArray final : public WritableArray {
 public:
  Energy level_read;
  Energy drive_read;
  Energy cell_read;
  Area cell_area;
  Power idle_per_cell;
  Frequency read_rate;
  double cells = 0;
  std::string densities;

  [[nodiscard]] Area area() const override { return cell_area * cells; }
  [[nodiscard]] Power static_power() const override { return idle_per_cell * cells; }
  [[nodiscard]] Power peak_power() const override {
    return cell_read * cells * read_rate + static_power();
  }
  // The macro's read time sets the pace, not the cost model.
  [[nodiscard]] std::optional<Frequency> rate() const override { return std::nullopt; }
  [[nodiscard]] std::optional<std::string> declared_values() const override { return densities; }

 private:
  [[nodiscard]] Energy read_energy(Action action) const override {
    switch (action) {
      case Action::kLevelRead:
        return level_read;
      case Action::kDriveRead:
        return drive_read;
      default:
        return cell_read;
    }
  }
};

// Largest value of `bits` bits.
double largest(int bits) {
  return std::exp2(bits) - 1.0;
}

}  // namespace

std::unique_ptr<Component> make_resistive_array(ConfigMap& map, const RoleInfo& /*role*/,
                                                const MacroGeometry& macro) {
  auto result = std::make_unique<ResistiveArray>();
  constexpr RealRange kResistance{1e-3, 1e15};
  const auto on = map.quantity<Resistance>("on_resistance", kResistance);
  const auto off = map.quantity<Resistance>("off_resistance", kResistance);
  if (map.has("on_resistance") && map.has("off_resistance") && off <= on) {
    map.problem("off_resistance",
                fmt::format("found {}, which is not above on_resistance, {}; expected the cell "
                            "that stores 0 to conduct least",
                            format_quantity(off), format_quantity(on)));
  }
  const auto voltage = map.quantity<Voltage>("read_voltage", {.min = 1e-6, .max = 1e3});
  const auto pulse = map.quantity<Time>("pulse", {.min = 1e-15, .max = 1.0});
  if (map.has("pulse") && macro.read_time.value() > 0.0 && pulse > macro.read_time) {
    map.problem("pulse", fmt::format("found {}, longer than the whole read; expected at most "
                                     "macro.read_time, {}",
                                     format_quantity(pulse), format_quantity(macro.read_time)));
  }
  const double driven = map.number("input_density", {.min = 0.0, .max = 1.0});
  const double stored = map.number("stored_density", {.min = 0.0, .max = 1.0});
  result->densities =
      fmt::format("declared densities, {} of inputs and {} of stored levels", driven, stored);
  result->read_rate = map.quantity<Frequency>("rate", {.min = 1.0});
  result->cell_area = map.quantity_or<Area>("cell_area", Area{});
  result->idle_per_cell = map.quantity_or<Power>("cell_static_power", Power{});
  result->cells = double(macro.rows) * double(macro.columns);
  result->writing = read_cell_writing(map);

  const Energy least = voltage * voltage / off * pulse;  // of a driven cell that stores 0
  const Energy span = voltage * voltage / on * pulse - least;
  const double drive = std::pow(largest(macro.dac_bits), drive_power(macro.drive));
  result->level_read = span / (largest(macro.cell_bits) * drive);
  result->drive_read = least / drive;
  result->cell_read = driven * (least + stored * span);
  return result;
}

}  // namespace pimento::arch
