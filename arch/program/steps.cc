// SPDX-License-Identifier: Apache-2.0
#include "arch/program/steps.h"

#include <algorithm>

#include "base/ceil_div.h"

namespace pimento::arch {

Steps::Steps(const Stage& stage)
    : grid_(stage.grid),
      block_(stage.step),
      down_(ceil_div(grid_.height, block_.height)),
      across_(ceil_div(grid_.width, block_.width)),
      replicas_(stage.replicas()) {}

PixelBlock Steps::pixels(std::int64_t step) const {
  const std::int64_t top = step / across_ * block_.height;
  const std::int64_t left = step % across_ * block_.width;
  return {
      top,
      left,
      {std::min(block_.height, grid_.height - top), std::min(block_.width, grid_.width - left)}};
}

std::int64_t Steps::reach(std::int64_t step) const {
  const PixelBlock block = pixels(step);
  return (block.top + block.size.height - 1) * grid_.width + block.left + block.size.width;
}

// The first pixel of a step is the first that the steps before it have left out.
std::int64_t Steps::complete(std::int64_t step) const {
  if (step == count()) return grid_.pixels();
  const PixelBlock block = pixels(step);
  return block.top * grid_.width + block.left;
}

// Windows move down and to the right with their pixels: the last pixel of a block needs most.
std::int64_t Steps::needed(const StageInput& input, std::int64_t step) const {
  const PixelBlock block = pixels(step);
  return input.needed(block.top + block.size.height - 1, block.left + block.size.width - 1);
}

std::int64_t Steps::released(const StageInput& input, std::int64_t step) const {
  if (step == count()) return input.grid.pixels();
  const PixelBlock block = pixels(step);
  return input.released(block.top, block.left);
}

std::int64_t Steps::rows_at_once() const {
  return std::min(grid_.height, block_.height * ceil_div(replicas_, across_));
}

}  // namespace pimento::arch
