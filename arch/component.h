// SPDX-License-Identifier: Apache-2.0
// The contract of a component's cost model: what one instance costs in energy, area and idle power,
// and how fast it works. Kinds live in arch/components/, one file each.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/action.h"
#include "arch/encoding.h"
#include "base/config_reader.h"
#include "base/registry.h"
#include "base/units.h"

namespace pimento::arch {

// How a DAC of several bits gives a row its input: by the height of a voltage, or by the length of
// a pulse. With one bit both are on or off.
enum class Drive { kVoltage, kPulse };
// The power of the driven level that a read's energy grows with: V^2, or the time.
[[nodiscard]] constexpr int drive_power(Drive drive) {
  return drive == Drive::kVoltage ? 2 : 1;
}

// What a cost model may know of the macro it is built into.
struct MacroGeometry {
  int rows = 0;
  int columns = 0;
  int cell_bits = 0;
  int dac_bits = 0;
  Encoding encoding = Encoding::kTwosComplement;
  int rows_at_once = 0;
  Drive drive = Drive::kVoltage;
  Time read_time = from_si<Time>(0.0);

  // The resolution that tells every column sum apart: ceil(log2(levels)) with a level for each
  // whole number of sum_range().
  [[nodiscard]] int lossless_adc_bits() const;
};

class Component {
 public:
  virtual ~Component() = default;
  // Energy of one counted action on one instance. `bits` is the precision where the action has one.
  [[nodiscard]] virtual Energy energy(Action action, int bits) const = 0;
  // Whether energy() of an action of its role stands for anything.
  [[nodiscard]] virtual bool prices(Action action) const { return !info(action).rewrites; }
  [[nodiscard]] virtual Area area() const = 0;
  // Drawn whenever the chip is on, busy or not.
  [[nodiscard]] virtual Power static_power() const = 0;
  // Drawn at full rate, static power included; what component tables of papers list.
  [[nodiscard]] virtual Power peak_power() const = 0;
  // Actions (accesses of `width()` bits, for components that move bits) a second.
  // None: the component never limits the speed.
  [[nodiscard]] virtual std::optional<Frequency> rate() const = 0;
  [[nodiscard]] virtual Bits width() const { return Bits(1); }
  // What a memory holds.
  [[nodiscard]] virtual std::optional<Bits> capacity() const { return std::nullopt; }
  // Bits of an ADC's result.
  [[nodiscard]] virtual std::optional<int> resolution() const { return std::nullopt; }
  // Precisions this component can be counted at, ascending; empty where precision plays no part.
  [[nodiscard]] virtual std::vector<int> supported_bits() const { return {}; }
  // How often a cell of an array can be written.
  [[nodiscard]] virtual std::optional<double> endurance() const { return std::nullopt; }
  // In words, what stands for values where none are known: "declared densities 0.5 and 0.3". None:
  // no price depends on values.
  [[nodiscard]] virtual std::optional<std::string> declared_values() const { return std::nullopt; }
  [[nodiscard]] bool depends_on_values() const { return declared_values().has_value(); }
  // Where a price does not come straight from a given figure ("extrapolated beyond 10 bits").
  [[nodiscard]] virtual std::string note() const { return {}; }
};

using ComponentFactory =
    std::function<std::unique_ptr<Component>(ConfigMap&, const RoleInfo&, const MacroGeometry&)>;
using ComponentRegistry = Registry<ComponentFactory>;

// Every kind there is, by the name `kind:` uses.
[[nodiscard]] const ComponentRegistry& component_kinds();

// A component in its place.
struct ComponentSlot {
  Role role = Role::kArray;
  std::string kind;
  double count = 1;  // a parent of the slot's level holds this many; 0.25: four parents share one
  std::string source;
  std::string assumed;  // what of it is our own assumption; empty: nothing
  SourceLocation location;
  std::shared_ptr<const Component> model;
};

}  // namespace pimento::arch
