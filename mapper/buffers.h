// SPDX-License-Identifier: Apache-2.0
// How many pixels each stage's input buffers must hold.
#pragma once

#include <vector>

#include "arch/program/program.h"

namespace pimento::mapper {

// Capacities of all inputs of all stages with which the program can finish: the most pixels an edge
// ever holds, places kept for pixels of a step under way included, when the last stages demand one
// step after the other and every other stage takes only the steps that are demanded. Where a
// residual branch waits for a longer one, this is the head start of the longer one. Along chains
// and where a branch goes straight to the stage it joins, no single number can be smaller; where
// both branches have stages, pixels that wait could as well wait one stage further on, so that
// another choice may be smaller in one place and larger in another. Result: one vector a stage, one
// number an input. Throws InputError when the program makes more pixels than can be followed one by
// one.
[[nodiscard]] std::vector<std::vector<std::int64_t>> least_capacities(const arch::Program& program);

// Sets every capacity to its least, plus the pixels of one more row of steps so that a producer can
// run ahead, at most the whole map. Where the copies of a layer make several rows at once, as many;
// where branches meet, the shorter one also holds the pixels that copies on the longer one have
// under way, without which it would hold them up.
void size_buffers(arch::Program& program);

// Throws InputError that names the first input whose capacity is below its least: such a program
// would wait for ever.
void check_buffers(const arch::Program& program);

}  // namespace pimento::mapper
