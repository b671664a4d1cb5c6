// SPDX-License-Identifier: Apache-2.0
#include "arch/components/cell_writing.h"

namespace pimento::arch {

CellWriting read_cell_writing(ConfigMap& map) {
  CellWriting writing;
  if (map.has("set_energy")) writing.set = map.quantity<Energy>("set_energy");
  if (map.has("reset_energy")) writing.reset = map.quantity<Energy>("reset_energy");
  if (map.has("endurance")) {
    writing.endurance = map.number("endurance", {.min = 1.0, .max = 1e18});
  }
  return writing;
}

}  // namespace pimento::arch
