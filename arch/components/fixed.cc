// SPDX-License-Identifier: Apache-2.0
// A component with one figure for everything it does, as papers list it. Either
//   energy: 1.67 pJ               of one access, and optionally rate: 1.2 GHz
// or
//   power: 2 mW, rate: 1.28 GHz   so that one access at full rate costs power / rate.
// `width: 256 b` says how many bits one access moves; the price of a bit is then energy / width.
// `ports: 8` says that it serves so many accesses at once, each at the rate; the power is then that
// of all ports. `bits: 8` is the resolution of an ADC. `size: 64 KiB` says what a memory holds.
// `write_energy` sets a buffer's writes apart from its reads. Leaves out: any dependence on data or
// load.
#include "arch/components/kinds.h"

namespace pimento::arch {
namespace {

class Fixed final : public Component {
 public:
  Energy access;
  Energy write_access;
  Area cell_area;
  Power idle;
  Power peak;
  std::optional<Frequency> access_rate;
  Bits access_width{1};
  std::optional<Bits> size;
  std::optional<int> adc_bits;

  [[nodiscard]] Energy energy(Action action, int /*bits*/) const override {
    return (action == Action::kBufferWriteBit ? write_access : access) /
           double(access_width.value());
  }
  [[nodiscard]] Area area() const override { return cell_area; }
  [[nodiscard]] Power static_power() const override { return idle; }
  [[nodiscard]] Power peak_power() const override { return peak + idle; }
  [[nodiscard]] std::optional<Frequency> rate() const override { return access_rate; }
  [[nodiscard]] Bits width() const override { return access_width; }
  [[nodiscard]] std::optional<Bits> capacity() const override { return size; }
  [[nodiscard]] std::optional<int> resolution() const override { return adc_bits; }
};

}  // namespace

std::unique_ptr<Component> make_fixed(ConfigMap& map, const RoleInfo& role,
                                      const MacroGeometry& /*macro*/) {
  auto result = std::make_unique<Fixed>();
  if (map.has("rate")) result->access_rate = map.quantity<Frequency>("rate", {.min = 1.0});
  result->access_width = map.quantity_or<Bits>("width", Bits(1), {.min = 1, .max = 1 << 20});
  const double ports = double(map.integer_or("ports", 1, {.min = 1, .max = 1024}));
  if (role.role == Role::kAdc && map.has("bits")) {
    result->adc_bits = static_cast<int>(map.integer("bits", {.min = 1, .max = 24}));
  }
  if (map.has("size")) result->size = map.quantity<Bits>("size", {.min = 1});
  if (map.has("power")) {
    result->peak = map.quantity<Power>("power");
    if (map.has("energy"))
      map.problem("energy", "given twice; give either power and rate, or energy");
    const std::optional<Frequency>& rate = result->access_rate;
    if (!rate) {
      map.problem("power",
                  "found a power without a rate; add \"rate: ...\" (accesses a second at "
                  "that power), or give \"energy\" or \"static_power\" instead");
    } else {
      result->access = result->peak / (*rate * ports);
    }
  } else {
    // A component that only stands there has neither.
    result->access = map.quantity_or<Energy>("energy", Energy{});
    if (const auto& rate = result->access_rate) result->peak = result->access * *rate * ports;
  }
  result->write_access = result->access;
  if (role.role == Role::kBuffer) {
    result->write_access = map.quantity_or<Energy>("write_energy", result->access);
  }
  result->cell_area = map.quantity_or<Area>("area", Area{});
  result->idle = map.quantity_or<Power>("static_power", Power{});
  return result;
}

}  // namespace pimento::arch
