// SPDX-License-Identifier: Apache-2.0
// Layers that are larger than the macros of a round, cut into parts that are made one after the
// other: whole blocks of a grouped convolution where one fits; else output channels of a block,
// each with all its rows; else, where the rows of one column of tiles alone are too many, some of
// the rows of as many channels as an array holds, whose partial sums are added later.
#pragma once

#include <cstdint>
#include <optional>

#include "mapper/placement.h"

namespace pimento::mapper {

// Of the matrix of each block, the same rows and channels.
struct LayerPart {
  Range blocks;
  Range rows;
  Range channels;
  MatrixTiles tiles;
};

class LayerCutter {
 public:
  // `room`: macros of a round. Throws InputError where not even a row of tiles of one channel has
  // room.
  LayerCutter(const MappingProblem& problem, const LayerMapping& layer, std::int64_t room);

  // Whether the layer is larger than the room.
  [[nodiscard]] bool cuts() const { return whole_.macros() > room_; }
  [[nodiscard]] bool cuts_rows() const { return channels_of(room_) == 0; }
  [[nodiscard]] bool is_done() const { return block_ == whole_.blocks; }
  // The next part, as large as `free` macros hold it; none where they hold nothing that is worth
  // cutting off. A layer that fits the room is one part.
  [[nodiscard]] std::optional<LayerPart> next(std::int64_t free);

 private:
  [[nodiscard]] std::int64_t blocks_of(std::int64_t macros) const;
  [[nodiscard]] std::int64_t channels_of(std::int64_t macros) const;
  [[nodiscard]] LayerPart next_channels(std::int64_t count);
  [[nodiscard]] std::optional<LayerPart> next_rows(std::int64_t free);
  [[nodiscard]] LayerPart part(Range blocks, Range rows, Range channels) const;
  void pass_channels(std::int64_t count);

  const MappingProblem& problem_;
  const LayerMapping& layer_;
  std::int64_t room_;
  std::int64_t slices_;
  std::int64_t channels_;  // of a block
  MatrixTiles whole_;
  // What comes next.
  std::int64_t block_ = 0;
  std::int64_t channel_ = 0;
  std::int64_t row_ = 0;
};

// Puts a part on the next macros.
void place_part(const LayerPart& part, int round, FreshMacros& macros, LayerMapping& layer);

}  // namespace pimento::mapper
