// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"
#include "mapper/placement.h"

namespace pimento::mapper {

// A layer as a dense matrix (im2col): rows cut into row tiles of the array's height, columns into
// column tiles of its width, each tile a macro of its own, row tile by row tile so that macros of
// one core share inputs. The blocks of a grouped convolution stand on the diagonal of shared macros
// where they are small enough. Fails when the chip has too few macros.
[[nodiscard]] LayerMapping map_layer_dense(const MappingProblem& problem, int layer,
                                           FreshMacros& macros);

// Every layer so. Objective: none; it is the baseline the others are measured against.
[[nodiscard]] Mapping map_dense(const MappingProblem& problem);

}  // namespace pimento::mapper
