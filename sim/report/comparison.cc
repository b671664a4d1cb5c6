// SPDX-License-Identifier: Apache-2.0
#include "sim/report/comparison.h"

#include <algorithm>

#include "base/error.h"
#include "sim/report/format.h"

namespace pimento::sim {
namespace {

using arch::Role;

constexpr std::array<ComponentGroupInfo, 8> kGroups{{
    {ComponentGroup::kArray, "array", "macro.array"},
    {ComponentGroup::kDrivers, "drivers", "macro.dac, macro.sample_hold"},
    {ComponentGroup::kAdc, "adc", "macro.adc"},
    {ComponentGroup::kMacUnit, "mac", "macro.mac_unit"},
    {ComponentGroup::kDigital, "digital",
     "macro.unit_column, shift-adds, tile.vector_unit, tile.pooling_unit"},
    {ComponentGroup::kMemory, "memory", "registers, tile.buffer"},
    {ComponentGroup::kLinks, "links", "tile.bus, tile.router"},
    {ComponentGroup::kIo, "io", "chip.io_link"},
}};

Role role_of(const std::string& path) {
  for (const arch::RoleInfo& role : arch::all_roles()) {
    if (role.path == path) return role.role;
  }
  throw InternalError("a bill names an unknown component");
}

}  // namespace

const std::array<ComponentGroupInfo, 8>& component_groups() {
  return kGroups;
}

ComponentGroup group_of(Role role) {
  switch (role) {
    case Role::kArray:
      return ComponentGroup::kArray;
    case Role::kDac:
    case Role::kSampleHold:
      return ComponentGroup::kDrivers;
    case Role::kAdc:
      return ComponentGroup::kAdc;
    case Role::kMacUnit:
      return ComponentGroup::kMacUnit;
    case Role::kUnitColumn:
    case Role::kCoreShiftAdd:
    case Role::kTileShiftAdd:
    case Role::kVectorUnit:
    case Role::kPoolingUnit:
      return ComponentGroup::kDigital;
    case Role::kInputRegister:
    case Role::kOutputRegister:
    case Role::kIndexMemory:
    case Role::kBuffer:
    case Role::kTileRegister:
      return ComponentGroup::kMemory;
    case Role::kBus:
    case Role::kRouter:
      return ComponentGroup::kLinks;
    case Role::kIoLink:
      return ComponentGroup::kIo;
  }
  throw InternalError("unknown role");
}

ComparisonRow comparison_row(const RunReport& report) {
  ComparisonRow row;
  row.policy = report.policy;
  row.policy_file = report.provenance.policy_file;
  double activation_bits = 0.0;
  for (const LayerReport& layer : report.layers) {
    activation_bits += double(layer.figures.macs) * layer.activation_bits;
  }
  const Figures& totals = report.totals;
  row.weight_bits = ratio(double(totals.weight_bits), double(totals.weights)).value_or(0.0);
  row.activation_bits = ratio(activation_bits, double(totals.macs)).value_or(0.0);
  const auto size = std::find_if(report.sizes.begin(), report.sizes.end(),
                                 [](const SizeReport& s) { return s.rule == "standard"; });
  ensure(size != report.sizes.end(), "a report has no size under the rule \"standard\"");
  row.size = *size;
  row.totals = totals;
  row.static_energy = report.static_energy;
  row.cell_utilization_layer_mean = report.cell_utilization_layer_mean;
  for (const BillItem& item : report.bill.items) {
    row.group_energy.at(static_cast<std::size_t>(group_of(role_of(item.component)))) += item.energy;
  }
  row.notes = report.notes;
  return row;
}

std::optional<double> energy_ratio(const Comparison& comparison, std::size_t row) {
  return ratio(comparison.rows.at(row).totals.energy.value(),
               comparison.rows.at(comparison.baseline).totals.energy.value());
}

std::optional<double> latency_ratio(const Comparison& comparison, std::size_t row) {
  return ratio(comparison.rows.at(row).totals.latency.value(),
               comparison.rows.at(comparison.baseline).totals.latency.value());
}

}  // namespace pimento::sim
