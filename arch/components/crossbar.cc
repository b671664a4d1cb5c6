// SPDX-License-Identifier: Apache-2.0
// An array of cells. A read costs the cells that take part in it, each the same energy whatever it
// stores; area grows with the number of cells. Figures are given either for one cell
//   cell_energy: 1.83 fJ, cell_area: 0.00153 um2
// or for a whole array of a stated size, as papers list it
//   power: 0.3 mW, rate: 10 MHz, area: 25 um2, of: {rows: 128, columns: 128}
// where one read at full rate costs power / rate shared by all its cells. What writing takes is
// told in cell_writing.h. Leaves out: dependence on stored and driven values, wires.
#include "arch/components/cell_writing.h"
#include "arch/components/kinds.h"

namespace pimento::arch {
namespace {

class Crossbar final : public WritableArray {
 public:
  Energy cell_energy;
  Area cell_area;
  Power idle_per_cell;
  Frequency read_rate;
  double cells = 0;

  [[nodiscard]] Area area() const override { return cell_area * cells; }
  [[nodiscard]] Power static_power() const override { return idle_per_cell * cells; }
  [[nodiscard]] Power peak_power() const override {
    return cell_energy * cells * read_rate + static_power();
  }
  // The macro's read time sets the pace, not the cost model.
  [[nodiscard]] std::optional<Frequency> rate() const override { return std::nullopt; }

 private:
  [[nodiscard]] Energy read_energy(Action /*action*/) const override { return cell_energy; }
};

}  // namespace

std::unique_ptr<Component> make_crossbar(ConfigMap& map, const RoleInfo& /*role*/,
                                         const MacroGeometry& macro) {
  auto result = std::make_unique<Crossbar>();
  result->cells = double(macro.rows) * double(macro.columns);
  result->read_rate = map.quantity<Frequency>("rate", {.min = 1.0});
  result->writing = read_cell_writing(map);
  if (map.has("cell_energy")) {
    result->cell_energy = map.quantity<Energy>("cell_energy");
    result->cell_area = map.quantity_or<Area>("cell_area", Area{});
    result->idle_per_cell = map.quantity_or<Power>("cell_static_power", Power{});
    return result;
  }
  ConfigMap of = map.map("of");
  const double given = double(of.integer("rows", {.min = 1, .max = 65536})) *
                       double(of.integer("columns", {.min = 1, .max = 65536}));
  result->cell_energy = map.quantity<Power>("power") / result->read_rate / given;
  result->cell_area = map.quantity_or<Area>("area", Area{}) / given;
  result->idle_per_cell = map.quantity_or<Power>("static_power", Power{}) / given;
  return result;
}

}  // namespace pimento::arch
