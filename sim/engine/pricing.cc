// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/pricing.h"

#include <fmt/format.h>

namespace pimento::sim {
namespace {

int actions_of(arch::Role role) {
  int n = 0;
  for (const arch::ActionInfo& action : arch::all_actions()) {
    n += action.role == role && !action.is_further() ? 1 : 0;
  }
  return n;
}

// A component with one action goes by its own name, unless values are counted, cells written or
// zeros looked for.
std::string item_name(const arch::ActionInfo& action, int bits) {
  std::string name(arch::info(action.role).path);
  if (action.is_further() || actions_of(action.role) > 1) name += fmt::format(":{}", action.name);
  if (bits != 0) name += fmt::format(":{}b", bits);
  return name;
}

void add_actions(Bill& bill, const arch::ComponentSlot& slot, const arch::Counts& counts) {
  for (const auto& [key, n] : counts) {
    const arch::ActionInfo& action = arch::info(key.action);
    if (action.role != slot.role || !slot.model->prices(key.action)) continue;
    BillItem item;
    item.name = item_name(action, key.bits);
    item.component = arch::info(slot.role).path;
    item.action = action.name;
    item.bits = key.bits;
    item.count = double(n);
    item.price = slot.model->energy(key.action, key.bits);
    item.energy = item.price * item.count;
    if (!action.is_further()) item.basis = slot.model->declared_values().value_or("");
    bill.items.push_back(item);
  }
}

}  // namespace

Energy Bill::energy() const {
  Energy sum;
  for (const BillItem& item : items) sum += item.energy;
  return sum;
}

Energy Bill::static_energy() const {
  Energy sum;
  for (const BillItem& item : items) {
    if (item.action == "static") sum += item.energy;
  }
  return sum;
}

Area Bill::area() const {
  Area sum;
  for (const BillItem& item : items) sum += item.area;
  return sum;
}

Bill price(const arch::ChipSpec& chip, int tiles, const arch::Counts& counts, Time duration) {
  Bill bill;
  for (const arch::ComponentSlot& slot : chip.components) {
    const std::size_t first = bill.items.size();
    add_actions(bill, slot, counts);
    const double instances = chip.instances(slot, tiles);
    const Power idle = slot.model->static_power();
    if (idle.value() > 0.0) {
      BillItem item;
      item.component = arch::info(slot.role).path;
      item.name = item.component + ":static";
      item.action = "static";
      item.count = instances;
      item.price = idle * duration;
      item.energy = item.price * item.count;
      bill.items.push_back(item);
    }
    // A component that did nothing still has its area.
    if (bill.items.size() == first) {
      BillItem item;
      item.component = arch::info(slot.role).path;
      item.name = item.component;
      item.action = "none";
      bill.items.push_back(item);
    }
    bill.items[first].area = slot.model->area() * instances;
    for (std::size_t i = first; i < bill.items.size(); ++i) bill.items[i].instances = instances;
  }
  for (const auto& [key, n] : counts) {
    const arch::ActionInfo& action = arch::info(key.action);
    const arch::ComponentSlot* slot = chip.find(action.role);
    if (slot == nullptr || !slot->model->prices(key.action)) {
      bill.unpriced.push_back(
          {std::string(arch::info(action.role).path), std::string(action.name), n});
    }
  }
  return bill;
}

}  // namespace pimento::sim
