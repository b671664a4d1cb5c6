// SPDX-License-Identifier: Apache-2.0
// What the macros of a core do in one step and in one image, whether reads of zero inputs are
// passed over or not.
#pragma once

#include <cstdint>

#include "arch/program/program.h"

namespace pimento::arch {

// One of the steps that a copy of a stage makes of an image: the `number`-th of `count`.
struct Turn {
  std::int64_t number = 0;
  std::int64_t count = 1;
};

// The part of a step if a total is shared out as evenly as whole numbers allow:
// floor((number + 1) total / count) - floor(number total / count). The parts add up to the total.
[[nodiscard]] std::int64_t part_of(std::int64_t total, const Turn& turn);

// All input slices together.
[[nodiscard]] KeptReads work_of_step(const Stage& stage, const CoreWork& work, const Turn& turn);
// All steps of a copy in an image together; and the same with nothing passed over.
[[nodiscard]] KeptReads all_work_of_image(const Stage& stage, const CoreWork& work,
                                          std::int64_t steps);
[[nodiscard]] KeptReads work_of_image(const Stage& stage, const CoreWork& work, std::int64_t steps);

}  // namespace pimento::arch
