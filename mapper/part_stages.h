// SPDX-License-Identifier: Apache-2.0
// What each round makes of a layer whose column groups lie in several rounds. Output channels with
// all their groups in one round are made there. Of channels with groups in several rounds, each of
// these makes partial sums, which wait off the chip until the last of them has made its own.
// Leaves out: lanes. What a round makes of a layer in whole and in part takes turns on the cores
// that hold some of both.
#pragma once

#include <cstdint>
#include <vector>

#include "mapper/mapping.h"

namespace pimento::mapper {

struct PartStage {
  int round = 0;
  LayerMapping share;         // the layer with the groups of this part alone
  std::int64_t channels = 0;  // of its output, over all blocks
  std::int64_t weights = 0;   // that the part stands for, with those that are zero and not stored
  int sum = -1;               // which of the sums its outputs go into; -1: they are whole
};

struct SumStage {
  int round = 0;
  std::int64_t channels = 0;
  int parts = 0;
};

// Parts by round; none where all groups are of one round.
struct LayerParts {
  std::vector<PartStage> parts;
  std::vector<SumStage> sums;
};
[[nodiscard]] LayerParts parts_of(const LayerMapping& layer, const workloads::MatrixShape& matrix);

}  // namespace pimento::mapper
