// SPDX-License-Identifier: Apache-2.0
#include "mapper/input_slices.h"

#include "base/ceil_div.h"
#include "workloads/input_sign.h"

namespace pimento::mapper {

int input_slices(const MappingProblem& problem, const LayerMapping& layer) {
  const arch::MacroSpec& macro = problem.chip.macro;
  const int bits =
      problem.network.layers[static_cast<std::size_t>(layer.layer)].precision.activation_bits;
  const auto slices = static_cast<int>(ceil_div(bits + layer.largest_row_shift(), macro.dac_bits));
  const bool in_two_phases = macro.signed_inputs == arch::SignedInputs::kTwoPhase &&
                             workloads::reads_negative(problem.network, layer.layer, false);
  return in_two_phases ? 2 * slices : slices;
}

}  // namespace pimento::mapper
