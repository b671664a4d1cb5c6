// SPDX-License-Identifier: Apache-2.0
// Whether a layer's inputs have a sign.
#pragma once

#include "workloads/network.h"

namespace pimento::workloads {

// As the quantizer of the layer's input says. Without one, all that is known before running is
// whether an activation cuts off what is below zero; `input_is_negative` tells it of the network's
// inputs.
[[nodiscard]] bool reads_negative(const Network& network, int layer, bool input_is_negative);

}  // namespace pimento::workloads
