// SPDX-License-Identifier: Apache-2.0
// From a mapped network to the program a chip runs.
#pragma once

#include <vector>

#include "arch/program/program.h"
#include "mapper/mapping.h"

namespace pimento::mapper {

struct Lowered {
  arch::Program program;
  std::vector<int> layer_of_stage;  // index in the network of the layer that a stage is named after
};

// Weight layers become stages on their macros. Element-wise operators with one input (ReLU, clip,
// batch normalization, softmax) join the stage whose pixels they alone use. Every weight layer has
// one vector operation an element, its requantization, which the first operator that joins shares;
// every further one costs one more. Pooling and
// addition are stages of vector work. Flatten, reshape and identity move nothing.
// A layer that lies on macros of several rounds is a stage a part (mapper/part_stages.h), and one
// for each sum of what several rounds make of the same outputs: vector work of an addition for each
// part beyond the first. Who reads its map has an input for each stage that makes some of it.
[[nodiscard]] Lowered lower(const MappingProblem& problem, const Mapping& mapping);

}  // namespace pimento::mapper
