// SPDX-License-Identifier: Apache-2.0
// An ADC whose energy and area are listed by resolution:
//   bits: lossless        or a number
//   rate: 1.2 GHz         conversions a second
//   table: [{bits: 7, energy: 1.42 pJ, area: 845 um2}, {bits: 8, energy: 1.67 pJ, area: 1200 um2}]
// "lossless" takes the bits that tell every column sum apart.
// Between listed resolutions both figures are interpolated in their logarithm; outside they are
// extrapolated with the ratio of the two nearest entries, and the report says so.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "arch/components/kinds.h"
#include "arch/number_or_word.h"

namespace pimento::arch {
namespace {

struct Entry {
  int bits = 0;
  Energy energy;
  Area area;
};

class AdcTable final : public Component {
 public:
  Energy conversion;
  Area adc_area;
  Power idle;
  Frequency conversion_rate;
  int bits = 0;
  std::string origin;

  [[nodiscard]] Energy energy(Action /*action*/, int /*bits*/) const override { return conversion; }
  [[nodiscard]] Area area() const override { return adc_area; }
  [[nodiscard]] Power static_power() const override { return idle; }
  [[nodiscard]] Power peak_power() const override { return conversion * conversion_rate + idle; }
  [[nodiscard]] std::optional<Frequency> rate() const override { return conversion_rate; }
  [[nodiscard]] std::optional<int> resolution() const override { return bits; }
  [[nodiscard]] std::string note() const override { return origin; }
};

// Log-linear through the two entries nearest to `bits`.
template <class Q>
Q at_bits(const std::vector<Entry>& table, int bits, Q Entry::* figure) {
  if (table.size() == 1) return table.front().*figure;
  auto upper = std::lower_bound(table.begin(), table.end(), bits,
                                [](const Entry& entry, int b) { return entry.bits < b; });
  if (upper != table.end() && upper->bits == bits) return (*upper).*figure;
  if (upper == table.begin()) ++upper;
  if (upper == table.end()) --upper;
  const Entry& high = *upper;
  const Entry& low = *(upper - 1);
  const double steps = double(bits - low.bits) / double(high.bits - low.bits);
  return (low.*figure) * std::pow(double((high.*figure) / (low.*figure)), steps);
}

std::vector<Entry> read_table(ConfigMap& map) {
  std::vector<Entry> table;
  ConfigList list = map.list("table");
  for (std::size_t i = 0; i < list.size(); ++i) {
    ConfigMap row = list.map(i);
    Entry entry;
    entry.bits = static_cast<int>(row.integer("bits", {.min = 1, .max = 24}));
    entry.energy = row.quantity<Energy>("energy", {.min = 1e-21});
    entry.area = row.quantity<Area>("area", {.min = 1e-21});
    if (!table.empty() && entry.bits <= table.back().bits) {
      row.problem("bits", "the table's resolutions must ascend");
    }
    table.push_back(entry);
  }
  return table;
}

}  // namespace

std::unique_ptr<Component> make_adc_table(ConfigMap& map, const RoleInfo& /*role*/,
                                          const MacroGeometry& macro) {
  auto result = std::make_unique<AdcTable>();
  result->conversion_rate = map.quantity<Frequency>("rate", {.min = 1.0});
  result->idle = map.quantity_or<Power>("static_power", Power{});
  const int bits = number_or_word(map, "bits", "lossless", {.min = 1, .max = 24})
                       .value_or(macro.lossless_adc_bits());
  result->bits = bits;
  const std::vector<Entry> table = read_table(map);
  if (table.empty()) {
    if (map.is_list("table"))
      map.problem("table", "found no entry; expected at least one {bits, energy, area}");
    return result;
  }
  result->conversion = at_bits(table, bits, &Entry::energy);
  result->adc_area = at_bits(table, bits, &Entry::area);
  if (bits < table.front().bits || bits > table.back().bits) {
    result->origin = fmt::format("{} bits lie outside the listed {} to {}: extrapolated", bits,
                                 table.front().bits, table.back().bits);
  }
  return result;
}

}  // namespace pimento::arch
