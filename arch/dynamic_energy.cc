// SPDX-License-Identifier: Apache-2.0
#include "arch/dynamic_energy.h"

namespace pimento::arch {

Energy dynamic_energy(const ChipSpec& chip, const Counts& counts) {
  Energy sum;
  for (const auto& [key, n] : counts) {
    const ComponentSlot* slot = chip.find(info(key.action).role);
    if (slot == nullptr || !slot->model->prices(key.action)) continue;
    sum += slot->model->energy(key.action, key.bits) * double(n);
  }
  return sum;
}

}  // namespace pimento::arch
