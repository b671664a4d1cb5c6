// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/mapped_matrix.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/random.h"
#include "sim/kernels/read.h"
#include "sim/kernels/read_analog.h"

namespace pimento::exact {
namespace {

// Sums beyond these are not exact in single precision, or do not fit 32 bits.
constexpr std::int64_t kLargestConverted = std::int64_t{1} << 23;
constexpr std::int64_t kLargestSum = std::int64_t{1} << 30;

void check_sums(const arch::MacroSpec& macro, const ColumnReading& reading) {
  const arch::SumRange sums = sums_of(macro, reading.unit_rows);
  const bool is_coarse = full_range(macro, reading).kind != kernels::Transfer::Kind::kClamp;
  const std::int64_t most = is_coarse ? kLargestConverted : kLargestSum;
  if (sums.highest <= most) return;
  throw InputError(fmt::format(
      "columns of macro.rows, macro.cell_bits and macro.dac_bits have sums up to {}; executed are "
      "sums up to {}; give fewer bits, or an operation unit of fewer rows",
      sums.highest, most));
}

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

void check_analog(const arch::SlicePlan& plan, const ColumnReading& reading) {
  if (plan.encoding == arch::Encoding::kXnor) {
    throw InputError(
        "real devices are not modelled in bipolar cells, which answer to inputs of zero as well; "
        "choose another macro.encoding than xnor");
  }
  if (!reading.adc_bits) {
    throw InputError(
        "real devices are those of arrays with ADCs; this chip reads digital words, and its cells "
        "either hold a bit or fail");
  }
}

double sum_of(const std::int32_t* inputs, std::int64_t first, std::int64_t last) {
  return static_cast<double>(std::accumulate(inputs + first, inputs + last, std::int64_t{0}));
}

}  // namespace

MappedMatrix::MappedMatrix(const BlockShape& shape, std::span<const std::int32_t> weights,
                           const arch::LayerLayout& layout, const arch::MacroSpec& macro,
                           const ColumnReading& reading, const InputFormat& input,
                           const ArrayDevices* devices)
    : integers_(shape, weights, largest_input(input)),
      input_(input),
      slicing_{input.bits + layout.largest_row_shift(), macro.dac_bits},
      slices_(layout.plan.slices.size()),
      two_phases_(input.is_signed && macro.signed_inputs == arch::SignedInputs::kTwoPhase) {
  check_widths(macro);
  check_sums(macro, reading);
  if (input.is_signed && macro.signed_inputs == arch::SignedInputs::kOffset) {
    input_offset_ = std::int64_t{1} << (input.bits - 1);
  }
  const std::vector<std::int64_t> centers = arch::centers_of(layout.plan, weights, shape.rows);
  const LayerWeights all{shape, weights, centers};
  weight_sums_.resize(centers.size());
  excesses_.resize(centers.size());
  for (std::size_t i = 0; i < centers.size(); ++i) {
    const auto channel = all.channel(0, static_cast<std::int64_t>(i));
    weight_sums_[i] = std::accumulate(channel.begin(), channel.end(), std::int64_t{0});
    excesses_[i] = layout.plan.excess - centers[i];
  }
  is_analog_ = devices != nullptr && !devices->are_ideal();
  if (is_analog_) check_analog(layout.plan, reading);
  arch::CellTable table(layout.plan);
  const ArrayContext context{macro, table, full_range(macro, reading), reading.unit_rows,
                             is_analog_ ? devices : nullptr};
  make_tiles(all, layout, context);
  find_exact();
}

// Columns of a block that are read over the same rows make a tile. Replicas hold the same.
void MappedMatrix::make_tiles(const LayerWeights& weights, const arch::LayerLayout& layout,
                              const ArrayContext& context) {
  struct Rows {
    std::int64_t first;
    std::int64_t last;
    std::vector<std::int64_t> all;  // empty where they are a run
    std::vector<std::uint8_t> shifts;
    auto operator<=>(const Rows&) const = default;
  };
  const auto rows_of = [](const arch::ColumnGroup& group) {
    Rows rows{group.rows.front(), group.rows.back(), {}, {}};
    for (std::int64_t i = 0; !group.rows.is_range() && i < group.rows.size(); ++i) {
      rows.all.push_back(group.rows[i]);
    }
    if (group.largest_row_shift() > 0) rows.shifts = group.details->row_shifts;
    return rows;
  };
  tiles_.resize(static_cast<std::size_t>(weights.shape.blocks));
  std::vector<std::map<Rows, std::vector<const arch::ColumnGroup*>>> groups(tiles_.size());
  std::int64_t stored = 0;
  for (const arch::ColumnGroup& group : layout.groups) {
    if (group.replica != 0) continue;
    groups[static_cast<std::size_t>(group.block)][rows_of(group)].push_back(&group);
    stored += group.rows.size() * group.columns.size();
  }
  for (std::size_t block = 0; block < tiles_.size(); ++block) {
    for (const auto& [rows, members] : groups[block]) {
      tiles_[block].push_back(make_row_tile(weights, context, members));
      is_dense_ = is_dense_ && tiles_[block].back().reads_a_run();
    }
  }
  is_dense_ = is_dense_ && stored == weights.shape.blocks * weights.shape.rows *
                                         weights.shape.channels *
                                         std::ssize(context.table.plan().slices);
}

void MappedMatrix::find_exact() {
  if (!is_dense_) find_exact_channels();
  is_exact_ = !is_analog_ &&
              std::all_of(tiles_.begin(), tiles_.end(), [](const std::vector<RowTile>& block) {
                return std::all_of(block.begin(), block.end(),
                                   [](const RowTile& tile) { return tile.through_adc.empty(); });
              });
}

// Where bits are left out, or rows lie apart, a channel is taken as a whole: it is exact where all
// of its columns are.
void MappedMatrix::find_exact_channels() {
  const auto channels = static_cast<std::size_t>(integers_.shape().channels);
  exact_channels_.assign(tiles_.size(), std::vector<bool>(channels, true));
  for (std::size_t block = 0; block < tiles_.size(); ++block) {
    std::vector<bool>& exact = exact_channels_[block];
    for (const RowTile& tile : tiles_[block]) {
      for (const kernels::Tile::Channel& channel : tile.cells.channels()) {
        if (!channel.is_exact) exact[static_cast<std::size_t>(channel.channel)] = false;
      }
    }
    for (RowTile& tile : tiles_[block]) tile.find_through_adc(exact);
  }
}

void MappedMatrix::multiply(std::int64_t block, int vectors, const std::int32_t* inputs,
                            std::int64_t stride, const Reading& reading, double* sums,
                            ReadCounts& counts) const {
  std::fill_n(sums, integers_.shape().channels * vectors, 0.0);
  const std::vector<Phase> driven = phases(vectors, inputs, stride);
  const Phase whole = two_phases_ ? Phase{inputs, stride, 1.0, {}}
                                  : Phase{driven[0].inputs, driven[0].stride, 1.0, {}};
  const bool shortcut = reading.shortcut && !is_analog_;
  std::uint64_t next = 0;  // of the tiles and phases, for their noise
  for (const RowTile& tile : tiles_[static_cast<std::size_t>(block)]) {
    counts.conversions += tile.conversions * slicing_.slices() * vectors * std::ssize(driven);
    const std::vector<int>& read = shortcut ? tile.through_adc : tile.all;
    if (!read.empty()) {
      for (const Phase& phase : driven) {
        const std::uint64_t key = CounterRandom(reading.noise_key, next++).bits(0);
        read_tile(tile, read, vectors, phase, key, sums, counts);
      }
    }
    if (is_dense_ && read.size() < tile.all.size()) {
      std::vector<bool> wanted(static_cast<std::size_t>(integers_.shape().channels), false);
      for (const int place : tile.all) wanted[tile.channel_at(place)] = true;
      for (const int place : read) wanted[tile.channel_at(place)] = false;
      add_shortcut(block, {tile.rows.front(), tile.rows.back() + 1}, wanted, vectors, whole, sums);
    }
  }
  if (!is_dense_ && shortcut) {
    add_shortcut(block, {0, integers_.shape().rows},
                 exact_channels_[static_cast<std::size_t>(block)], vectors, whole, sums);
  }
  correct(block, vectors, inputs, stride, sums);
}

// The sums as they would come out of the arrays: of driven inputs, and of codes.
void MappedMatrix::add_shortcut(std::int64_t block, const arch::Range& rows,
                                const std::vector<bool>& wanted, int vectors, const Phase& whole,
                                double* sums) const {
  const BlockShape& shape = integers_.shape();
  if (std::find(wanted.begin(), wanted.end(), true) == wanted.end()) return;
  std::vector<double> exact(static_cast<std::size_t>(shape.channels * vectors), 0.0);
  integers_.add_product(block, rows.begin, rows.end, vectors, whole.inputs, whole.stride,
                        exact.data());
  const std::int64_t* excesses = excesses_.data() + block * shape.channels;
  for (std::int64_t v = 0; v < vectors; ++v) {
    const double inputs_sum = sum_of(whole.inputs + v * whole.stride, rows.begin, rows.end);
    for (std::int64_t c = 0; c < shape.channels; ++c) {
      if (!wanted[static_cast<std::size_t>(c)]) continue;
      const auto at = static_cast<std::size_t>(c * vectors + v);
      sums[at] += exact[at] + static_cast<double>(excesses[c]) * inputs_sum;
    }
  }
}

// The inputs of a tile's rows as they are driven, `stride` apart. `storage` keeps what is not
// there already.
std::pair<const std::int32_t*, std::int64_t> MappedMatrix::driven_inputs(
    const RowTile& tile, int vectors, const Phase& phase,
    std::vector<std::int32_t>& storage) const {
  if (tile.reads_a_run()) return {phase.inputs + tile.rows.front(), phase.stride};
  const std::int64_t rows = tile.rows.size();
  storage.resize(static_cast<std::size_t>(rows * vectors));
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::int64_t row = tile.rows[i];
    const int shift = tile.row_shifts.empty() ? 0 : tile.row_shifts[static_cast<std::size_t>(i)];
    for (std::int64_t v = 0; v < vectors; ++v) {
      storage[static_cast<std::size_t>(v * rows + i)] =
          static_cast<std::int32_t>(phase.inputs[v * phase.stride + row] * (1 << shift));
    }
  }
  return {storage.data(), rows};
}

std::vector<MappedMatrix::Phase> MappedMatrix::phases(int vectors, const std::int32_t* inputs,
                                                      std::int64_t stride) const {
  std::vector<Phase> result;
  if (input_offset_ == 0 && !two_phases_) {
    result.push_back({inputs, stride, 1.0, {}});
    return result;
  }
  const std::int64_t rows = integers_.shape().rows;
  const auto add = [&](double sign, const auto& driven_as) {
    Phase phase{nullptr, rows, sign, {}};
    phase.storage.resize(static_cast<std::size_t>(vectors * rows));
    for (std::int64_t v = 0; v < vectors; ++v) {
      std::transform(inputs + v * stride, inputs + v * stride + rows,
                     phase.storage.begin() + v * rows, driven_as);
    }
    result.push_back(std::move(phase));
    result.back().inputs = result.back().storage.data();
  };
  result.reserve(2);
  if (two_phases_) {
    add(+1.0, [](std::int32_t value) { return std::max(0, value); });
    add(-1.0, [](std::int32_t value) { return std::max(0, -value); });
  } else {
    const auto offset = static_cast<std::int32_t>(input_offset_);
    add(+1.0, [offset](std::int32_t value) { return value + offset; });
  }
  return result;
}

double MappedMatrix::worth_of_slice(int slice) const {
  const bool has_sign = input_.is_signed && input_offset_ == 0 && !two_phases_;
  const double worth = std::ldexp(1.0, slice * slicing_.drive_bits);
  return has_sign && slice + 1 == slicing_.slices() ? -worth : worth;
}

void MappedMatrix::observe(std::int64_t block, int vectors, const std::int32_t* inputs,
                           std::int64_t stride, ColumnSums& sums) const {
  const std::vector<RowTile>& tiles = tiles_[static_cast<std::size_t>(block)];
  sums.resize(std::max(sums.size(), tiles.size()));
  for (const Phase& phase : phases(vectors, inputs, stride)) {
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      sums[t].resize(slices_);
      std::vector<std::int32_t> storage;
      const auto [driven, apart] = driven_inputs(tiles[t], vectors, phase, storage);
      observe_tile(tiles[t],
                   kernels::Drives(tiles[t].cells.groups(), slicing_, vectors, driven, apart),
                   sums[t]);
    }
  }
}

void MappedMatrix::observe_tile(const RowTile& tile, const kernels::Drives& drives,
                                std::vector<SumHistogram>& sums) {
  std::vector<std::int32_t> found(static_cast<std::size_t>(drives.count()));
  const std::size_t every = (tile.all.size() + kSampledChannels - 1) / kSampledChannels;
  for (std::size_t i = 0; i < tile.all.size(); i += every) {
    const kernels::Tile::Channel& channel = tile.cells.channels()[i];
    for (int c = channel.first; c < channel.last; ++c) {
      const kernels::Tile::Column& column = tile.cells.columns()[static_cast<std::size_t>(c)];
      SumHistogram& histogram = sums[static_cast<std::size_t>(column.place.transfer)];
      for (int read = 0; read < tile.cells.groups().reads(); ++read) {
        kernels::column_sums(tile.cells, column, read, drives, found);
        for (const std::int32_t sum : found) histogram.add(sum);
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
      RowTile& tile = tiles[t];
      tile.cells.set_transfers(transfers.at(t));
      if (tile.analog) tile.analog->set_transfers(transfers.at(t));
      tile.find_through_adc();
    }
  }
  find_exact();
}

// Reads channels of a tile and puts the input slices together.
void MappedMatrix::read_tile(const RowTile& tile, std::span<const int> channels, int vectors,
                             const Phase& phase, std::uint64_t noise_key, double* sums,
                             ReadCounts& counts) const {
  std::vector<std::int32_t> storage;
  const auto [driven, apart] = driven_inputs(tile, vectors, phase, storage);
  const kernels::Drives drives(tile.cells.groups(), slicing_, vectors, driven, apart);
  const std::int64_t padded = drives.padded_count();
  std::vector<std::int64_t> read(channels.size() * static_cast<std::size_t>(padded), 0);
  counts.saturated +=
      tile.analog ? kernels::read_analog(*tile.analog, drives, {noise_key}, read.data(), padded)
                  : kernels::read_channels(tile.cells, channels, drives, read.data(), padded);
  std::vector<double> inputs_sums(static_cast<std::size_t>(vectors));
  for (int v = 0; v < vectors; ++v) {
    inputs_sums[static_cast<std::size_t>(v)] = sum_of(driven + v * apart, 0, tile.rows.size());
  }
  double slices_worth = 0.0;
  for (int slice = 0; slice < slicing_.slices(); ++slice) slices_worth += worth_of_slice(slice);
  const double unit = std::ldexp(tile.scale, -tile.cells.fraction_bits());
  std::vector<double> joined(static_cast<std::size_t>(vectors));
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const std::int64_t* slices = read.data() + static_cast<std::ptrdiff_t>(i) * padded;
    std::fill(joined.begin(), joined.end(), 0.0);
    for (int slice = 0; slice < slicing_.slices(); ++slice) {
      const double worth = worth_of_slice(slice);
      for (std::size_t v = 0; v < joined.size(); ++v) {
        joined[v] +=
            worth * static_cast<double>(slices[static_cast<std::size_t>(slice * vectors) + v]);
      }
    }
    const RowTile::Correction& correction = tile.corrections[static_cast<std::size_t>(channels[i])];
    const double constant = correction.constant * slices_worth;
    double* to = sums + static_cast<std::int64_t>(tile.channel_at(channels[i])) * vectors;
    for (std::size_t v = 0; v < joined.size(); ++v) {
      to[v] +=
          phase.sign * (unit * joined[v] + correction.inputs_worth * inputs_sums[v] + constant);
    }
  }
}

// Takes off what encodings of weights and inputs added, as digital logic beside the arrays does:
// (w + excess) * (x + offset) - offset * (w + excess) - excess * x = w * x.
void MappedMatrix::correct(std::int64_t block, int vectors, const std::int32_t* inputs,
                           std::int64_t stride, double* sums) const {
  const BlockShape& shape = integers_.shape();
  const std::int64_t* excesses = excesses_.data() + block * shape.channels;
  const bool has_excess =
      std::any_of(excesses, excesses + shape.channels, [](std::int64_t e) { return e != 0; });
  if (!has_excess && input_offset_ == 0) return;
  for (std::int64_t v = 0; v < vectors; ++v) {
    const double inputs_sum = sum_of(inputs + v * stride, 0, shape.rows);
    for (std::int64_t c = 0; c < shape.channels; ++c) {
      const std::int64_t weights =
          weight_sums_[static_cast<std::size_t>(block * shape.channels + c)] +
          shape.rows * excesses[c];
      sums[c * vectors + v] -= static_cast<double>(input_offset_ * weights) +
                               static_cast<double>(excesses[c]) * inputs_sum;
    }
  }
}

}  // namespace pimento::exact
