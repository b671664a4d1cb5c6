// SPDX-License-Identifier: Apache-2.0
#include "arch/component.h"
#include "arch/components/kinds.h"

namespace pimento::arch {

const ComponentRegistry& component_kinds() {
  static const ComponentRegistry kRegistry = [] {
    ComponentRegistry registry;
    registry.add("fixed", make_fixed);
    registry.add("crossbar", make_crossbar);
    registry.add("adc_table", make_adc_table);
    registry.add("mac_table", make_mac_table);
    registry.add("resistive_array", make_resistive_array);
    return registry;
  }();
  return kRegistry;
}

}  // namespace pimento::arch
