// SPDX-License-Identifier: Apache-2.0
#include "mapper/layer_cutter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ceil_div.h"
#include "base/text.h"

namespace pimento::mapper {

LayerCutter::LayerCutter(const MappingProblem& problem, const LayerMapping& layer,
                         std::int64_t room)
    : problem_(problem),
      layer_(layer),
      room_(room),
      slices_(std::ssize(layer.plan.slices)),
      channels_(problem.network.matrix(layer.layer).columns),
      whole_(array_tiles(problem.network.matrix(layer.layer), layer.plan, problem.chip.macro)) {
  const std::int64_t least = ceil_div(slices_, whole_.columns_a_tile);
  if (least <= room) return;
  throw InputError(fmt::format(
      "{}: layer \"{}\": one weight needs {} macros beside each other for its {} slices, a round "
      "has {}; raise chip.tiles, widen the arrays, or lower the precision",
      problem.chip.file,
      printable(problem.network.layers[static_cast<std::size_t>(layer.layer)].name), least, slices_,
      room));
}

std::optional<LayerPart> LayerCutter::next(std::int64_t free) {
  if (!cuts() && free < whole_.macros()) return std::nullopt;
  if (channel_ == 0 && row_ == 0) {
    const std::int64_t blocks = std::min(whole_.blocks - block_, blocks_of(free));
    if (blocks > 0) {
      block_ += blocks;
      return part({block_ - blocks, block_}, {0, whole_.rows}, {0, channels_});
    }
    if (blocks_of(room_) > 0) return std::nullopt;
  }
  if (cuts_rows()) return next_rows(free);
  const std::int64_t channels = std::min(channels_ - channel_, channels_of(free));
  if (channels == 0) return std::nullopt;
  return next_channels(channels);
}

// Whole blocks that so many macros hold.
std::int64_t LayerCutter::blocks_of(std::int64_t macros) const {
  if (whole_.blocks_a_macro > 1) return macros * whole_.blocks_a_macro;
  return macros / (whole_.row_tiles() * whole_.column_tiles());
}

// Channels that so many macros hold with all their rows.
std::int64_t LayerCutter::channels_of(std::int64_t macros) const {
  return macros / whole_.row_tiles() * whole_.columns_a_tile / slices_;
}

LayerPart LayerCutter::next_channels(std::int64_t count) {
  const Range channels{channel_, channel_ + count};
  LayerPart result = part({block_, block_ + 1}, {0, whole_.rows}, channels);
  pass_channels(count);
  return result;
}

std::optional<LayerPart> LayerCutter::next_rows(std::int64_t free) {
  const std::int64_t wanted = std::max<std::int64_t>(1, whole_.columns_a_tile / slices_);
  const std::int64_t channels = std::min(channels_ - channel_, wanted);
  const std::int64_t beside = ceil_div(channels * slices_, whole_.columns_a_tile);
  const std::int64_t below = free / beside;
  if (below == 0) return std::nullopt;
  const std::int64_t end = std::min(whole_.rows, row_ + below * whole_.rows_a_tile);
  LayerPart result =
      part({block_, block_ + 1}, {std::exchange(row_, end), end}, {channel_, channel_ + channels});
  if (row_ == whole_.rows) {
    row_ = 0;
    pass_channels(channels);
  }
  return result;
}

LayerPart LayerCutter::part(Range blocks, Range rows, Range channels) const {
  const workloads::MatrixShape matrix{blocks.size(), rows.size(), channels.size(), 1};
  return {blocks, rows, channels, array_tiles(matrix, layer_.plan, problem_.chip.macro)};
}

void LayerCutter::pass_channels(std::int64_t count) {
  channel_ += count;
  if (channel_ < channels_) return;
  channel_ = 0;
  ++block_;
}

void place_part(const LayerPart& part, int round, FreshMacros& macros, LayerMapping& layer) {
  LayerMapping piece;
  piece.layer = layer.layer;
  piece.plan = layer.plan;
  macros.place(piece, part.tiles);
  const auto shifted = [](const Indices& indices, std::int64_t by) {
    const Range range = indices.hull();
    return Range{range.begin + by, range.end + by};
  };
  for (ColumnGroup& group : piece.groups) {
    group.block += part.blocks.begin;
    group.rows = shifted(group.rows, part.rows.begin);
    group.columns = shifted(group.columns, part.channels.begin * std::ssize(layer.plan.slices));
    group.round = round;
    layer.groups.push_back(std::move(group));
  }
}

}  // namespace pimento::mapper
