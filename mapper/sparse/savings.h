// SPDX-License-Identifier: Apache-2.0
// What passes that leave out zeros saved, against a dense layer on the same chip.
#pragma once

#include <cstdint>
#include <string>

#include "mapper/mapping.h"

namespace pimento::mapper {

// Fills in the cells and conversions that a pass saved: those of a dense mapping of the layer less
// those of this one. All its metadata is read once a position.
void charge(PassReport& report, const LayerMapping& layer, const MappingProblem& problem);

// A layer of zeros keeps one cell, so that it has a place.
template <class Slots>
void keep_one_column(const LayerMapping& layer, Slots& slots) {
  if (layer.groups.empty()) slots.add(0, Indices(0, 1), Indices(0, 1));
}

// Throws InputError on a chip of bipolar cells (xnor): they answer to zeros, so none can go.
void refuse_answering_zeros(const MappingProblem& problem, const std::string& strategy);

// Bits that tell n things apart.
[[nodiscard]] int index_bits(std::int64_t n);

}  // namespace pimento::mapper
