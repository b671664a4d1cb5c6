// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mapper/mapping.h"
#include "mapper/placement.h"

namespace pimento::mapper {

// A convolution by its best parallel window: copies of the kernel, each moved by a stride, side
// by side on an array, so that one read makes several outputs (VW-SDK, Rhe et al., DATE 2022; the
// search is best_window()). Row tiles hold whole input channels, column tiles whole output
// channels. The groups of a grouped convolution stand on the diagonal of arrays where they are
// small enough. As the slices of a weight share the columns, fewer bits leave room for more copies.
// As "dense" are placed: fully connected layers, dilated convolutions, and those of which no window
// takes fewer reads of arrays (or of operation units) an image.
// Where strides are longer than the kernel, positions that no copy looks at take no rows, except in
// encodings that store a zero as something else: offset, xnor, center_offset, and two's complement
// in cells of several bits.
// Objective: reads an image, of all arrays of a layer together. It may take more macros, and stores
// more cells. Fails when the chip has too few macros.
[[nodiscard]] LayerMapping map_layer_windows(const MappingProblem& problem, int layer,
                                             FreshMacros& macros);

// Every layer so.
[[nodiscard]] Mapping map_windows(const MappingProblem& problem);

}  // namespace pimento::mapper
