// SPDX-License-Identifier: Apache-2.0
// The hot loop for real cells: what they add up to, noise, conversion. A lane is a drive. Compiled
// once for each instruction set (Highway).
#include "sim/kernels/read_analog.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <vector>

#include "base/error.h"
#include "sim/kernels/analog_converter.h"

#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/read_analog.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/kernels/read_cells_inl.h"
#include "sim/kernels/read_noise_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pimento::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

std::int64_t read_cells(const AnalogTile& tile, const Drives& drives, const NoiseSource& source,
                        std::int64_t* sums, std::int64_t stride) {
  return read_analog_plainly(tile, drives, source, sums, stride);
}

#else

class AnalogReader {
 public:
  AnalogReader(const AnalogTile& tile, const Drives& drives, const NoiseSource& source)
      : tile_(tile), drives_(drives), source_(source), cells_(tile, drives) {}

  // Adds what the columns of a channel make of all drives.
  void read(const Tile::Channel& channel, std::int64_t* sums) {
    if (!fits_narrow(channel)) {
      for (int c = channel.first; c < channel.last; ++c) {
        read_column(static_cast<std::size_t>(c), Wide{sums});
      }
      return;
    }
    narrow_.assign(static_cast<std::size_t>(drives_.padded_count()), 0);
    std::int64_t offset = 0;
    for (int c = channel.first; c < channel.last; ++c) {
      const auto column = static_cast<std::size_t>(c);
      offset += worth_of_codes(tile_, tile_.columns()[column]).offset;
      read_column(column, Narrow{narrow_.data()});
    }
    for (std::size_t i = 0; i < narrow_.size(); ++i) sums[i] += offset + narrow_[i];
  }
  [[nodiscard]] std::int64_t saturated() const { return saturated_; }

 private:
  // Where codes go: 64-bit sums, offset and all, or 32-bit ones to which it is added later.
  struct Wide {
    std::int64_t* sums;
  };
  struct Narrow {
    std::int32_t* sums;
  };

  [[nodiscard]] bool fits_narrow(const Tile::Channel& channel) const {
    std::int64_t largest = 0;
    for (int c = channel.first; c < channel.last; ++c) {
      const AnalogTile::Column& column = tile_.columns()[static_cast<std::size_t>(c)];
      if (tile_.transfer(column).kind == Transfer::Kind::kTable) return false;
      const auto last = static_cast<std::int64_t>(AnalogConverter(tile_, column).last);
      largest += std::abs(worth_of_codes(tile_, column).step) * tile_.groups().reads() * (last + 1);
    }
    return largest <= std::numeric_limits<std::int32_t>::max();
  }

  template <class Sums>
  void read_column(std::size_t column, Sums sums) {
    const AnalogTile::Column& of = tile_.columns()[column];
    cells_.expand_column(column);
    const AnalogConverter converter(tile_, of);
    const CodeWorth worth = worth_of_codes(tile_, of);
    const bool looked_up = tile_.transfer(of).kind == Transfer::Kind::kTable;
    alignas(64) Counts found;
    alignas(64) Counts variance;
    alignas(64) Counts codes;
    for (int block = 0; block < drives_.blocks(); ++block) {
      const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(block) * Drives::kBlock;
      for (int read = 0; read < tile_.groups().reads(); ++read) {
        cells_.read(block, read, tile_.rest(of, read) * (1 << of.value_bits), found, variance);
        const bool is_first = looked_up || read == 0;
        convert(converter, {column, block, read}, found, variance, is_first, codes);
        if (looked_up) add_looked_up(of, codes, sums, first);
      }
      if (!looked_up) add_codes(worth, codes, sums, first);
    }
  }

  static HWY_INLINE void add_codes(const CodeWorth& worth, const Counts& codes, Wide to,
                                   std::ptrdiff_t first) {
    std::int64_t* sums = to.sums + first;
    for (std::size_t i = 0; i < kBlock; ++i) sums[i] += worth.offset + worth.step * codes[i];
  }
  static HWY_INLINE void add_codes(const CodeWorth& worth, const Counts& codes, Narrow to,
                                   std::ptrdiff_t first) {
    std::int32_t* sums = to.sums + first;
    const auto step = static_cast<std::int32_t>(worth.step);
    for (std::size_t i = 0; i < kBlock; ++i) sums[i] += step * codes[i];
  }
  void add_looked_up(const AnalogTile::Column& column, const Counts& codes, Wide to,
                     std::ptrdiff_t first) const {
    const Transfer& transfer = tile_.transfer(column);
    const std::int64_t worth =
        (column.place.negative ? -1 : 1) * (std::int64_t{1} << column.place.shift);
    std::int64_t* sums = to.sums + first;
    for (std::size_t i = 0; i < kBlock; ++i) {
      sums[i] += worth * transfer.table[static_cast<std::size_t>(codes[i])];
    }
  }
  // Tables are wide.
  void add_looked_up(const AnalogTile::Column& /*column*/, const Counts& /*codes*/, Narrow /*to*/,
                     std::ptrdiff_t /*first*/) const {}

  struct Place {
    std::size_t column;
    int block;
    int read;
  };

  // The codes of one read, added to those of the reads before unless it is the first.
  HWY_INLINE void convert(const AnalogConverter& converter, const Place& place, const Counts& found,
                          const Counts& variance, bool is_first, Counts& codes) {
    alignas(64) ShortCounts normals;
    if (!converter.is_silent) draw_normals(place, normals);
    const Ints d;
    const std::int64_t left = drives_.count() - std::int64_t{place.block} * Drives::kBlock;
    auto outside = hn::Zero(d);
    for (std::size_t at = 0; at < kBlock; at += hn::Lanes(d)) {
      Float t = scaled(converter, hn::Load(d, found.data() + at));
      if (!converter.is_silent) {
        const Float units = hn::ConvertTo(Floats(), hn::Load(d, variance.data() + at));
        t = hn::Add(t, hn::Mul(deviation(converter, units), normal_at(normals, at)));
      }
      if (converter.bow != 0.0F) t = bent(converter, t);
      outside = hn::Add(outside, outside_of(converter, t, static_cast<std::int64_t>(at), left));
      auto code = code_of(converter, t);
      if (!is_first) code = hn::Add(code, hn::Load(d, codes.data() + at));
      hn::Store(code, d, codes.data() + at);
    }
    saturated_ -= hn::GetLane(hn::SumOfLanes(d, outside));
  }

  HWY_INLINE void draw_normals(const Place& place, ShortCounts& normals) const {
    const Ints d;
    constexpr std::size_t kCalls = kBlock / kDrivesOfCall;
    for (std::size_t call = 0; call < kCalls; call += hn::Lanes(d)) {
      const std::size_t first = static_cast<std::size_t>(place.block) * kCalls + call;
      std::array<Word, kNoiseWords> words;
      draw(source_, hn::BitCast(Words(), hn::Iota(d, static_cast<std::int32_t>(first))),
           static_cast<std::uint32_t>(place.column), static_cast<std::uint32_t>(place.read), words);
      store_normals(words, normals.data() + call * kDrivesOfCall);
    }
  }

  static HWY_INLINE Float normal_at(const ShortCounts& normals, std::size_t at) {
    const Floats d;
    const hn::Rebind<std::uint16_t, Ints> shorts;
    const auto whole = hn::PromoteTo(Ints(), hn::Load(shorts, normals.data() + at));
    return hn::Mul(hn::Sub(hn::ConvertTo(d, whole), hn::Set(d, kNoiseMiddle)),
                   hn::Set(d, kNoiseScale));
  }

  static HWY_INLINE Float scaled(const AnalogConverter& converter, hn::Vec<Ints> found) {
    const Floats d;
    const Float codes = hn::Mul(hn::ConvertTo(d, found), hn::Set(d, converter.codes_of_unit));
    return hn::Add(codes, hn::Set(d, converter.bias));
  }

  static HWY_INLINE Float deviation(const AnalogConverter& converter, Float units) {
    const Floats d;
    return hn::Sqrt(hn::Add(hn::Mul(units, hn::Set(d, converter.variance_unit)),
                            hn::Set(d, converter.own_variance)));
  }

  static HWY_INLINE Float bent(const AnalogConverter& converter, Float t) {
    const Floats d;
    const Float one = hn::Set(d, 1.0F);
    const Float all = hn::Div(t, hn::Set(d, converter.last + 1.0F));
    const Float share = hn::Min(hn::Max(all, hn::Zero(d)), one);
    const Float bow = hn::Mul(hn::Mul(hn::Set(d, converter.bow), share), hn::Sub(one, share));
    return hn::Add(t, bow);
  }

  // Minus one in lanes that are drives and saturate; `left` of the block are drives.
  static HWY_INLINE hn::Vec<Ints> outside_of(const AnalogConverter& converter, Float t,
                                             std::int64_t at, std::int64_t left) {
    const Floats d;
    auto outside = hn::Or(hn::Lt(t, hn::Zero(d)), hn::Ge(t, hn::Set(d, converter.last + 1.0F)));
    if (left < Drives::kBlock) {
      const auto drives = static_cast<std::size_t>(std::max<std::int64_t>(0, left - at));
      outside = hn::And(outside, hn::FirstN(d, drives));
    }
    return hn::BitCast(Ints(), hn::VecFromMask(d, outside));
  }

  static HWY_INLINE hn::Vec<Ints> code_of(const AnalogConverter& converter, Float t) {
    const Floats d;
    return hn::ConvertTo(Ints(), hn::Min(hn::Max(t, hn::Zero(d)), hn::Set(d, converter.last)));
  }

  const AnalogTile& tile_;
  const Drives& drives_;
  const NoiseSource& source_;
  CellSums cells_;
  std::vector<std::int32_t> narrow_;  // sums of a channel
  std::int64_t saturated_ = 0;
};

std::int64_t read_cells(const AnalogTile& tile, const Drives& drives, const NoiseSource& source,
                        std::int64_t* sums, std::int64_t stride) {
  AnalogReader reader(tile, drives, source);
  for (std::size_t i = 0; i < tile.channels().size(); ++i) {
    reader.read(tile.channels()[i], sums + static_cast<std::ptrdiff_t>(i) * stride);
  }
  return reader.saturated();
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace
}  // namespace pimento::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace pimento::kernels {
namespace {

HWY_EXPORT(read_cells);

}  // namespace

std::int64_t read_analog(const AnalogTile& tile, const Drives& drives, const NoiseSource& source,
                         std::int64_t* sums, std::int64_t stride) {
  drives.ensure_fit(tile.groups(), tile.drive_bits(), stride);
  return HWY_DYNAMIC_DISPATCH(read_cells)(tile, drives, source, sums, stride);
}

}  // namespace pimento::kernels

#endif  // HWY_ONCE
