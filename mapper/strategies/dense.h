// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"

namespace pimento::mapper {

// Every layer as a dense matrix (im2col): rows cut into row tiles of the array's height, columns
// into column tiles of its width, each tile a macro of its own, row tile by row tile so that macros
// of one core share inputs. Every layer starts at a fresh core, because a core's input register
// serves one layer. The blocks of a grouped convolution stand on the diagonal of shared macros
// where they are small enough.
// Objective: none; it is the baseline the others are measured against. Fails when the chip has too
// few macros.
[[nodiscard]] Mapping map_dense(const MappingProblem& problem);

}  // namespace pimento::mapper
