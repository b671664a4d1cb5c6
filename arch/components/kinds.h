// SPDX-License-Identifier: Apache-2.0
// The factories that register_components.cc lists.
#pragma once

#include <memory>

#include "arch/component.h"

namespace pimento::arch {

std::unique_ptr<Component> make_fixed(ConfigMap& map, const RoleInfo& role,
                                      const MacroGeometry& macro);
std::unique_ptr<Component> make_crossbar(ConfigMap& map, const RoleInfo& role,
                                         const MacroGeometry& macro);
std::unique_ptr<Component> make_resistive_array(ConfigMap& map, const RoleInfo& role,
                                                const MacroGeometry& macro);
std::unique_ptr<Component> make_adc_table(ConfigMap& map, const RoleInfo& role,
                                          const MacroGeometry& macro);
std::unique_ptr<Component> make_mac_table(ConfigMap& map, const RoleInfo& role,
                                          const MacroGeometry& macro);

}  // namespace pimento::arch
