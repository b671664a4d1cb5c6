// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/layer_strategy.h"

namespace pimento::mapper {

// Planes on arrays of their own, and the sparsest squeezed out, after SME (arXiv 2103.01705): slice
// b of all weights of a row tile lies on columns of its own, so that slices without a set bit take
// no array. Where the top plane of a row tile holds set bits in a few rows only, these rows are
// stored one plane further down and driven with twice their input, and the array of the top plane
// is free. We do so only where nothing is lost: where such a row has no bit in the lowest plane
// (SME's own quantizer sees to that; its threshold is not published), and where cells and DACs have
// one bit and the encoding adds nothing to the weights. Costs: a flag for each row of a tile with
// such rows, and one more input slice for the layer.
[[nodiscard]] LayerMapping map_layer_sme(const MappingProblem& problem, int layer,
                                         FreshMacros& macros);

}  // namespace pimento::mapper
