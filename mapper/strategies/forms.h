// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/layer_strategy.h"

namespace pimento::mapper {

// Fragments after FORMS (ISCA 2021): the rows of an operation unit are a fragment; where all its
// weights of an output channel have one sign, only the columns of that sign are stored, with a sign
// indicator beside them. Channels with both signs in a fragment keep both, so that networks that
// were not trained for it are mapped as well, only larger; columns of zeros go. Needs encoding:
// differential and macro.operation_unit (FORMS: 4 to 16 rows, all columns).
// Costs: two bits for each fragment and channel (none, positive, negative, both), read once a
// position.
// Leaves out: FORMS' skipping of input bits that are zero in a whole fragment, which depends on
// activations.
[[nodiscard]] LayerMapping map_layer_forms(const MappingProblem& problem, int layer,
                                           FreshMacros& macros);

}  // namespace pimento::mapper
