// SPDX-License-Identifier: Apache-2.0
// What passes that leave out zeros saved, against a dense layer on the same chip.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "mapper/mapping.h"

namespace pimento::mapper {

// Adds what a pass saved to its layer: the cells and conversions of a dense mapping less those of
// this one. All its metadata is read once a position.
void charge(PassReport report, LayerMapping& layer, const MappingProblem& problem);

// Ends a pass. A layer of zeros keeps one cell, so that it has a place.
template <class Slots>
void finish(PassReport report, LayerMapping& layer, Slots& slots, const MappingProblem& problem) {
  if (layer.groups.empty()) slots.add(0, Indices(0, 1), Indices(0, 1));
  charge(std::move(report), layer, problem);
}

// Visits the tiles of `rows` x `channels` weights of all blocks: visit(block, rows, channels).
template <class Visit>
void for_each_tile(const workloads::MatrixShape& shape, std::int64_t rows, std::int64_t channels,
                   const Visit& visit) {
  for (std::int64_t block = 0; block < shape.groups; ++block) {
    for (std::int64_t row = 0; row < shape.rows; row += rows) {
      for (std::int64_t channel = 0; channel < shape.columns; channel += channels) {
        visit(block, Range{row, std::min(shape.rows, row + rows)},
              Range{channel, std::min(shape.columns, channel + channels)});
      }
    }
  }
}

// Throws InputError on a chip of bipolar cells (xnor): they answer to zeros, so none can go.
void refuse_answering_zeros(const MappingProblem& problem, const std::string& strategy);

// Bits that tell n things apart.
[[nodiscard]] int index_bits(std::int64_t n);

}  // namespace pimento::mapper
