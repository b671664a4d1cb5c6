// SPDX-License-Identifier: Apache-2.0
// The steps in which a stage makes the pixels of an image. A step is one read of one copy of the
// layer: it makes a block of neighbouring pixels, a parallel window (Zhang et al., VW-SDK), cut off
// at the edges of the grid. Steps follow each other in raster order of blocks; copies of the layer
// take turns.
#pragma once

#include "arch/program/program.h"

namespace pimento::arch {

// Neighbouring pixels: `size` of them to the right of and below (top, left).
struct PixelBlock {
  std::int64_t top = 0;
  std::int64_t left = 0;
  Grid size;
  friend bool operator==(const PixelBlock&, const PixelBlock&) = default;
};

class Steps {
 public:
  explicit Steps(const Stage& stage);

  [[nodiscard]] std::int64_t count() const { return down_ * across_; }
  [[nodiscard]] PixelBlock pixels(std::int64_t step) const;
  // How many pixels from the image's first on end with the last one of a step: what a reader must
  // have room for when the step starts. Rows of a block that lie below others wait there for them.
  [[nodiscard]] std::int64_t reach(std::int64_t step) const;
  // How many pixels are complete in raster order, once all steps before `step` are done.
  [[nodiscard]] std::int64_t complete(std::int64_t step) const;

  // How many pixels of an input must have arrived before a step can start.
  [[nodiscard]] std::int64_t needed(const StageInput& input, std::int64_t step) const;
  // How many pixels of an input are no longer needed once all steps before `step` are done.
  [[nodiscard]] std::int64_t released(const StageInput& input, std::int64_t step) const;

  // Copies of the layer, and which of them makes a step.
  [[nodiscard]] std::int64_t replicas() const { return replicas_; }
  [[nodiscard]] std::int64_t replica_of(std::int64_t step) const { return step % replicas_; }
  // How many steps of an image a copy makes.
  [[nodiscard]] std::int64_t share(std::int64_t replica) const {
    return (count() - replica + replicas_ - 1) / replicas_;
  }
  // Rows of the grid that all copies make at once.
  [[nodiscard]] std::int64_t rows_at_once() const;

 private:
  Grid grid_;
  Grid block_;
  std::int64_t down_;
  std::int64_t across_;
  std::int64_t replicas_;
};

}  // namespace pimento::arch
