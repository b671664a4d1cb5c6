// SPDX-License-Identifier: Apache-2.0
// A whole multiply-accumulate priced by precision, for platforms that publish nothing finer:
//   table: {2: 2.942 fJ, 4: 16.968 fJ, 8: 66.714 fJ, 16: 276.676 fJ}
// The chip rounds other precisions up to a listed one before it counts.
#include <charconv>
#include <map>

#include "arch/components/kinds.h"

namespace pimento::arch {
namespace {

class MacTable final : public Component {
 public:
  std::map<int, Energy> table;
  Area unit_area;
  Power idle;

  [[nodiscard]] Energy energy(Action /*action*/, int bits) const override {
    const auto it = table.find(bits);
    ensure(it != table.end(), "a MAC is counted at a precision the chip does not support");
    return it->second;
  }
  [[nodiscard]] Area area() const override { return unit_area; }
  [[nodiscard]] Power static_power() const override { return idle; }
  [[nodiscard]] Power peak_power() const override { return idle; }
  [[nodiscard]] std::optional<Frequency> rate() const override { return std::nullopt; }
  [[nodiscard]] std::vector<int> supported_bits() const override {
    std::vector<int> bits;
    bits.reserve(table.size());
    for (const auto& [precision, energy] : table) bits.push_back(precision);
    return bits;
  }
};

}  // namespace

std::unique_ptr<Component> make_mac_table(ConfigMap& map, const RoleInfo& role,
                                          const MacroGeometry& /*macro*/) {
  auto result = std::make_unique<MacTable>();
  if (role.role != Role::kMacUnit) {
    map.problem("kind", "found mac_table, which prices MACs alone; use it for macro.mac_unit");
  }
  ConfigMap table = map.map("table");
  for (const std::string& key : table.keys()) {
    int bits = 0;
    const char* end = key.data() + key.size();
    const auto [rest, fault] = std::from_chars(key.data(), end, bits);
    if (fault != std::errc{} || rest != end || bits < 1 || bits > 32) {
      table.problem(key, "expected a precision from 1 to 32 bits");
      continue;
    }
    if (!result->table.emplace(bits, table.quantity<Energy>(key)).second) {
      table.problem(key, "this precision is listed twice; keep one");
    }
  }
  if (map.is_map("table") && table.keys().empty()) {
    map.problem("table", "found no entry; expected BITS: ENERGY");
  }
  result->unit_area = map.quantity_or<Area>("area", Area{});
  result->idle = map.quantity_or<Power>("static_power", Power{});
  return result;
}

}  // namespace pimento::arch
