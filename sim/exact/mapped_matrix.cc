// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/mapped_matrix.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "sim/kernels/read.h"

namespace pimento::exact {
namespace {

using kernels::Plane;

// Channels of a tile whose sums are looked at, evenly spaced.
constexpr std::size_t kSampledChannels = 32;

// As it is driven, at most.
std::int64_t largest_input(const InputFormat& input) {
  return (std::int64_t{1} << input.bits) - 1;
}

void check_widths(const arch::MacroSpec& macro) {
  if (macro.cell_bits <= kernels::Tile::kWidestCell &&
      macro.dac_bits <= kernels::Tile::kWidestDrive) {
    return;
  }
  throw InputError(fmt::format(
      "macro.cell_bits is {} and macro.dac_bits {}; values are executed on cells of at most {} "
      "and DACs of at most {} bits",
      macro.cell_bits, macro.dac_bits, kernels::Tile::kWidestCell, kernels::Tile::kWidestDrive));
}

// What the cells of weights hold. The same few weights come again and again.
class Encoder {
 public:
  explicit Encoder(const arch::SlicePlan& plan) : plan_(plan) {}
  const std::vector<std::int64_t>& cells(std::int32_t weight) {
    const auto [it, is_new] = known_.try_emplace(weight);
    if (is_new) it->second = arch::encode(plan_, weight);
    return it->second;
  }

 private:
  const arch::SlicePlan& plan_;
  std::unordered_map<std::int32_t, std::vector<std::int64_t>> known_;
};

// The bits of one slice's cells in one column, a plane each.
std::vector<Plane> planes_of(const std::vector<const std::vector<std::int64_t>*>& cells,
                             std::size_t slice, int width) {
  std::vector<Plane> planes;
  for (int bit = 0; bit < width; ++bit) {
    Plane plane{bit, false, {}};
    plane.bits.reserve(cells.size());
    for (const std::vector<std::int64_t>* weight : cells) {
      plane.bits.push_back(static_cast<std::uint8_t>((*weight)[slice] >> bit & 1));
    }
    planes.push_back(std::move(plane));
  }
  return planes;
}

}  // namespace

MappedMatrix::MappedMatrix(const BlockShape& shape, std::span<const std::int32_t> weights,
                           const arch::LayerLayout& layout, const arch::MacroSpec& macro,
                           const ColumnReading& reading, const InputFormat& input)
    : integers_(shape, weights, largest_input(input)),
      input_(input),
      slicing_{input.bits, macro.dac_bits},
      slices_(layout.plan.slices.size()),
      excess_(layout.plan.excess) {
  check_widths(macro);
  // A DAC of several bits cannot give the sign bit a worth of its own: such inputs are driven with
  // 2^(bits-1) added, which is taken off digitally.
  if (input.is_signed && macro.dac_bits > 1) input_offset_ = std::int64_t{1} << (input.bits - 1);
  const kernels::Transfer transfer = full_range(macro, reading);
  tiles_.resize(static_cast<std::size_t>(shape.blocks));
  // Columns of a block that are read over the same rows.
  using Rows = std::pair<std::int64_t, std::int64_t>;
  std::vector<std::map<Rows, std::vector<arch::Range>>> columns(tiles_.size());
  for (const arch::ColumnGroup& group : layout.groups) {
    columns[static_cast<std::size_t>(group.block)][{group.rows.begin, group.rows.end}].push_back(
        group.columns);
  }
  for (std::int64_t block = 0; block < shape.blocks; ++block) {
    for (const auto& [rows, ranges] : columns[static_cast<std::size_t>(block)]) {
      add_tile(block, {rows.first, rows.second}, ranges, weights, layout.plan, transfer,
               reading.unit_rows);
    }
  }
  find_exact();
  weight_sums_.resize(static_cast<std::size_t>(shape.blocks * shape.channels));
  for (std::size_t i = 0; i < weight_sums_.size(); ++i) {
    const auto from = weights.begin() + static_cast<std::ptrdiff_t>(i) * shape.rows;
    weight_sums_[i] = std::accumulate(from, from + shape.rows, std::int64_t{0});
  }
}

void MappedMatrix::add_tile(std::int64_t block, const arch::Range& rows,
                            const std::vector<arch::Range>& columns,
                            std::span<const std::int32_t> weights, const arch::SlicePlan& plan,
                            const kernels::Transfer& transfer, int unit_rows) {
  const BlockShape& shape = integers_.shape();
  const int count = static_cast<int>(rows.size());
  const int unit = unit_rows == 0 ? count : std::min(unit_rows, count);
  RowTile tile{rows.begin,
               rows.end,
               kernels::Tile(kernels::RowGroups(count, unit), slicing_.drive_bits,
                             std::vector(plan.slices.size(), transfer)),
               {},
               {},
               {},
               0};
  const auto slices = std::ssize(plan.slices);
  std::vector<bool> is_here(static_cast<std::size_t>(shape.channels * slices), false);
  for (const arch::Range& range : columns) {
    std::fill(is_here.begin() + range.begin, is_here.begin() + range.end, true);
  }
  Encoder encoder(plan);
  std::vector<const std::vector<std::int64_t>*> cells(static_cast<std::size_t>(count));
  for (std::int64_t channel = 0; channel < shape.channels; ++channel) {
    const auto first = is_here.begin() + channel * slices;
    const std::int64_t held = std::count(first, first + slices, true);
    if (held == 0) continue;
    for (std::int64_t row = 0; row < count; ++row) {
      const auto at = (block * shape.channels + channel) * shape.rows + rows.begin + row;
      cells[static_cast<std::size_t>(row)] = &encoder.cells(weights[static_cast<std::size_t>(at)]);
    }
    for (std::int64_t s = 0; s < slices; ++s) {
      if (!first[s]) continue;
      const arch::Slice& slice = plan.slices[static_cast<std::size_t>(s)];
      tile.cells.add_column(
          {static_cast<int>(channel), slice.shift, slice.sign < 0, static_cast<int>(s)},
          planes_of(cells, static_cast<std::size_t>(s), slice.width));
    }
    tile.all.push_back(static_cast<int>(std::ssize(tile.cells.channels())) - 1);
    tile.is_whole.push_back(held == slices);
  }
  find_through_adc(tile);
  tile.conversions = std::ssize(tile.cells.columns()) * tile.cells.groups().reads();
  tiles_[static_cast<std::size_t>(block)].push_back(std::move(tile));
}

// The sums of a channel whose slices lie apart are not those of its integers.
void MappedMatrix::find_through_adc(RowTile& tile) {
  tile.through_adc.clear();
  for (const int place : tile.all) {
    const auto at = static_cast<std::size_t>(place);
    if (!tile.is_whole[at] || !tile.cells.channels()[at].is_exact) {
      tile.through_adc.push_back(place);
    }
  }
}

void MappedMatrix::find_exact() {
  is_exact_ = std::all_of(tiles_.begin(), tiles_.end(), [](const std::vector<RowTile>& block) {
    return std::all_of(block.begin(), block.end(),
                       [](const RowTile& tile) { return tile.through_adc.empty(); });
  });
}

void MappedMatrix::multiply(std::int64_t block, int vectors, const std::int32_t* inputs,
                            std::int64_t stride, bool shortcut, double* sums,
                            ReadCounts& counts) const {
  const BlockShape& shape = integers_.shape();
  std::fill_n(sums, shape.channels * vectors, 0.0);
  std::vector<std::int32_t> storage;
  const Driven drive = driven(vectors, inputs, stride, storage);
  std::vector<double> exact;
  for (const RowTile& tile : tiles_[static_cast<std::size_t>(block)]) {
    counts.conversions += tile.conversions * slicing_.slices() * vectors;
    const std::vector<int>& read = shortcut ? tile.through_adc : tile.all;
    if (!read.empty()) {
      read_tile(tile, read, vectors, drive.inputs + tile.first, drive.stride, sums, counts);
    }
    if (read.size() == tile.all.size()) continue;
    // The sums as they would come out of the arrays: of driven inputs, and with the excess.
    exact.assign(static_cast<std::size_t>(shape.channels * vectors), 0.0);
    integers_.add_product(block, tile.first, tile.last, vectors, drive.inputs, drive.stride,
                          exact.data());
    std::vector<bool> is_read(static_cast<std::size_t>(shape.channels), true);
    for (const int place : tile.all) is_read[channel_at(tile, place)] = false;
    for (const int place : read) is_read[channel_at(tile, place)] = true;
    for (std::int64_t v = 0; v < vectors; ++v) {
      double inputs_sum = 0.0;
      if (excess_ != 0) {
        for (std::int64_t row = tile.first; row < tile.last; ++row) {
          inputs_sum += drive.inputs[v * drive.stride + row];
        }
      }
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        if (is_read[static_cast<std::size_t>(c)]) continue;
        const auto at = static_cast<std::size_t>(c * vectors + v);
        sums[at] += exact[at] + static_cast<double>(excess_) * inputs_sum;
      }
    }
  }
  correct(block, vectors, inputs, stride, sums);
}

MappedMatrix::Driven MappedMatrix::driven(int vectors, const std::int32_t* inputs,
                                          std::int64_t stride,
                                          std::vector<std::int32_t>& storage) const {
  if (input_offset_ == 0) return {inputs, stride};
  const std::int64_t rows = integers_.shape().rows;
  storage.resize(static_cast<std::size_t>(vectors * rows));
  for (std::int64_t v = 0; v < vectors; ++v) {
    std::transform(
        inputs + v * stride, inputs + v * stride + rows, storage.begin() + v * rows,
        [&](std::int32_t value) { return value + static_cast<std::int32_t>(input_offset_); });
  }
  return {storage.data(), rows};
}

void MappedMatrix::observe(std::int64_t block, int vectors, const std::int32_t* inputs,
                           std::int64_t stride, ColumnSums& sums) const {
  std::vector<std::int32_t> storage;
  const Driven drive = driven(vectors, inputs, stride, storage);
  const std::vector<RowTile>& tiles = tiles_[static_cast<std::size_t>(block)];
  sums.resize(std::max(sums.size(), tiles.size()));
  std::vector<std::int32_t> found;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const RowTile& tile = tiles[t];
    sums[t].resize(slices_);
    const kernels::Drives drives(tile.cells.groups(), slicing_, vectors, drive.inputs + tile.first,
                                 drive.stride);
    found.resize(static_cast<std::size_t>(drives.count()));
    const std::size_t every = (tile.all.size() + kSampledChannels - 1) / kSampledChannels;
    for (std::size_t i = 0; i < tile.all.size(); i += every) {
      const kernels::Tile::Channel& channel = tile.cells.channels()[i];
      for (int c = channel.first; c < channel.last; ++c) {
        const kernels::Tile::Column& column = tile.cells.columns()[static_cast<std::size_t>(c)];
        SumHistogram& histogram = sums[t][static_cast<std::size_t>(column.place.transfer)];
        for (int read = 0; read < tile.cells.groups().reads(); ++read) {
          kernels::column_sums(tile.cells, column, read, drives, found);
          for (const std::int32_t sum : found) histogram.add(sum);
        }
      }
    }
  }
}

void MappedMatrix::set_ranges(const ColumnSums& sums, int adc_bits, AdcRange range) {
  std::vector<std::vector<kernels::Transfer>> transfers(sums.size());
  for (std::size_t t = 0; t < sums.size(); ++t) {
    for (const SumHistogram& histogram : sums[t]) {
      transfers[t].push_back(transfer_for(histogram, adc_bits, range));
    }
  }
  for (std::vector<RowTile>& tiles : tiles_) {
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      tiles[t].cells.set_transfers(transfers.at(t));
      find_through_adc(tiles[t]);
    }
  }
  find_exact();
}

// Reads channels of a tile bit by bit and puts the input slices together.
void MappedMatrix::read_tile(const RowTile& tile, std::span<const int> channels, int vectors,
                             const std::int32_t* inputs, std::int64_t stride, double* sums,
                             ReadCounts& counts) const {
  const kernels::Drives drives(tile.cells.groups(), slicing_, vectors, inputs, stride);
  const std::int64_t padded = drives.padded_count();
  std::vector<std::int64_t> read(channels.size() * static_cast<std::size_t>(padded), 0);
  counts.saturated += kernels::read_channels(tile.cells, channels, drives, read.data(), padded);
  const bool has_sign = input_.is_signed && input_offset_ == 0;
  std::vector<std::int64_t> joined(static_cast<std::size_t>(vectors));
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const std::int64_t* slices = read.data() + static_cast<std::ptrdiff_t>(i) * padded;
    std::fill(joined.begin(), joined.end(), 0);
    for (int slice = 0; slice < slicing_.slices(); ++slice) {
      const bool negative = has_sign && slice + 1 == slicing_.slices();
      const std::int64_t worth =
          (negative ? -1 : 1) * (std::int64_t{1} << (slice * slicing_.drive_bits));
      for (std::size_t v = 0; v < joined.size(); ++v) {
        joined[v] += worth * slices[static_cast<std::size_t>(slice * vectors) + v];
      }
    }
    double* to = sums + static_cast<std::int64_t>(channel_at(tile, channels[i])) * vectors;
    for (std::size_t v = 0; v < joined.size(); ++v) {
      to[v] += std::ldexp(static_cast<double>(joined[v]), -tile.cells.fraction_bits());
    }
  }
}

// Takes off what encodings of weights and inputs added, as digital logic beside the arrays does:
// (w + excess) * (x + offset) - offset * (w + excess) - excess * x = w * x.
void MappedMatrix::correct(std::int64_t block, int vectors, const std::int32_t* inputs,
                           std::int64_t stride, double* sums) const {
  if (excess_ == 0 && input_offset_ == 0) return;
  const BlockShape& shape = integers_.shape();
  for (std::int64_t v = 0; v < vectors; ++v) {
    double inputs_sum = 0.0;
    for (std::int64_t row = 0; row < shape.rows; ++row) inputs_sum += inputs[v * stride + row];
    for (std::int64_t c = 0; c < shape.channels; ++c) {
      const std::int64_t weights =
          weight_sums_[static_cast<std::size_t>(block * shape.channels + c)] + shape.rows * excess_;
      sums[c * vectors + v] -=
          static_cast<double>(input_offset_ * weights) + static_cast<double>(excess_) * inputs_sum;
    }
  }
}

}  // namespace pimento::exact
