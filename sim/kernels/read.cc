// SPDX-License-Identifier: Apache-2.0
// The hot loops. A lane is a drive; a byte shuffle looks up what the four cells of a group add to a
// column for the four input bits of each lane. This file is compiled once for each instruction set
// (Highway).
#include "sim/kernels/read.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/kernels/lookup_tables.h"
#include "sim/kernels/read_plainly.h"

#define HWY_WANT_AVX3_DL
// Those between gain nothing here.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/read.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace pimento::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

std::int64_t read_tile(const Tile& tile, std::span<const int> channels, const Drives& drives,
                       std::int64_t* sums, std::int64_t stride) {
  return read_plainly(tile, channels, drives, sums, stride);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::CappedTag<std::uint8_t, Drives::kBlock>;
using Byte = hn::Vec<Bytes>;
using SignedBytes = hn::RebindToSigned<Bytes>;
using Shorts = hn::Repartition<std::uint16_t, Bytes>;
using Short = hn::Vec<Shorts>;
using Ints = hn::Repartition<std::int32_t, Bytes>;
using Int = hn::Vec<Ints>;
using Floats = hn::RebindToFloat<Ints>;
using Longs = hn::Repartition<std::uint64_t, Bytes>;

// Drives of a vector.
HWY_INLINE std::size_t lanes() {
  return hn::Lanes(Bytes());
}

// Where a vector of drives lies: its patterns of one input bit, kBlock apart from group to group.
const std::uint8_t* source(const Drives& drives, std::size_t vector, int plane) {
  const std::size_t drive = vector * lanes();
  return drives.patterns(static_cast<int>(drive / Drives::kBlock), plane) + drive % Drives::kBlock;
}

// Columns of the common kind: cells of one bit, one input bit at a time, ADCs that only cut from
// above, and sums that fit a byte. `Vectors` vectors of drives share each table, and two columns
// share each load of the drives.
template <std::size_t Vectors>
class ByteReader {
 public:
  ByteReader(const Tile& tile, const Drives& drives)
      : reads_(tile.groups().reads()),
        groups_(static_cast<std::size_t>(tile.groups().groups_of_read())),
        drives_(drives) {}

  // Adds a channel's sums for the vectors [first, first + Vectors).
  HWY_INLINE void read(std::span<const ByteColumn> columns, std::size_t first, std::int64_t* sums) {
    Sums gathered;
    for (std::size_t v = 0; v < Vectors; ++v) {
      from_[v] = source(drives_, first + v, 0);
      gathered.low[v] = hn::Zero(Shorts());
      gathered.high[v] = hn::Zero(Shorts());
      gathered.kept[v] = hn::Zero(Bytes());
    }
    first_ = first;
    pending_ = 0;
    std::size_t c = 0;
    for (; c + 1 < columns.size(); c += 2) read_columns<2>(&columns[c], gathered);
    if (c < columns.size()) read_columns<1>(&columns[c], gathered);
    count_kept(gathered);
    conversions_ += std::ssize(columns) * reads_ * valid_lanes(first, Vectors);
    for (std::size_t v = 0; v < Vectors; ++v) {
      add_shorts(gathered.low[v], gathered.high[v], sums + (first + v) * lanes());
    }
  }
  [[nodiscard]] std::int64_t clipped() const { return conversions_ - kept_; }

 private:
  struct Sums {
    std::array<Short, Vectors> low;   // of the lower half of each sixteen lanes
    std::array<Short, Vectors> high;  // of the upper
    std::array<Byte, Vectors> kept;   // conversions that came out as they were
  };
  template <std::size_t Columns>
  using Found = std::array<std::array<Byte, Vectors>, Columns>;

  // Units of two, three and four groups have loops of a length the compiler knows.
  template <std::size_t Columns>
  HWY_INLINE void read_columns(const ByteColumn* columns, Sums& sums) {
    if (reads_ == 1) return read_once<Columns>(columns, sums);
    switch (groups_) {
      case 2:
        return read_units<Columns, 2>(columns, sums);
      case 3:
        return read_units<Columns, 3>(columns, sums);
      case 4:
        return read_units<Columns, 4>(columns, sums);
      default:
        return read_units<Columns, 0>(columns, sums);
    }
  }

  // The sums of one read.
  template <std::size_t Columns, std::size_t Groups>
  HWY_INLINE Found<Columns> look_up(const ByteColumn* columns, int read) const {
    const Bytes d;
    Found<Columns> found;
    for (std::size_t c = 0; c < Columns; ++c) {
      const std::int32_t* rest = columns[c].rest;
      const Byte start = hn::Set(d, static_cast<std::uint8_t>(rest == nullptr ? 0 : rest[read]));
      for (std::size_t v = 0; v < Vectors; ++v) found[c][v] = start;
    }
    const std::size_t groups = Groups == 0 ? groups_ : Groups;
    const std::size_t first = static_cast<std::size_t>(read) * groups;
#pragma GCC unroll 4
    for (std::size_t g = first; g < first + groups; ++g) {
      std::array<Byte, Columns> table;
      for (std::size_t c = 0; c < Columns; ++c) {
        table[c] = hn::LoadDup128(d, columns[c].tables + g * kTableBytes);
      }
      for (std::size_t v = 0; v < Vectors; ++v) {
        const Byte pattern = hn::Load(d, from_[v] + g * Drives::kBlock);
        for (std::size_t c = 0; c < Columns; ++c) {
          found[c][v] = hn::Add(found[c][v], hn::TableLookupBytes(table[c], pattern));
        }
      }
    }
    return found;
  }

  static HWY_INLINE Byte convert(Byte found, std::uint8_t limit, Byte& kept) {
    const Byte inside = hn::Min(found, hn::Set(Bytes(), limit));
    kept = hn::Sub(kept, hn::VecFromMask(Bytes(), hn::Eq(found, inside)));
    return inside;
  }

  template <std::size_t Columns>
  HWY_INLINE void read_once(const ByteColumn* columns, Sums& sums) {
    const auto found = look_up<Columns, 0>(columns, 0);
    for (std::size_t c = 0; c < Columns; ++c) {
      for (std::size_t v = 0; v < Vectors; ++v) {
        const Byte value = convert(found[c][v], columns[c].limit, sums.kept[v]);
        add_placed(columns[c], value, sums.low[v], sums.high[v]);
      }
    }
    count_pending(Columns, sums);
  }

  template <std::size_t Columns, std::size_t Groups>
  HWY_INLINE void read_units(const ByteColumn* columns, Sums& sums) {
    int together = columns[0].together;
    for (std::size_t c = 1; c < Columns; ++c) together = std::min(together, columns[c].together);
    Found<Columns> total;
    for (auto& vectors : total) vectors.fill(hn::Zero(Bytes()));
    for (int read = 0, waiting = 0; read < reads_; ++read) {
      const auto found = look_up<Columns, Groups>(columns, read);
      for (std::size_t c = 0; c < Columns; ++c) {
        for (std::size_t v = 0; v < Vectors; ++v) {
          total[c][v] = hn::Add(total[c][v], convert(found[c][v], columns[c].limit, sums.kept[v]));
        }
      }
      count_pending(Columns, sums);
      if (++waiting < together && read + 1 < reads_) continue;
      for (std::size_t c = 0; c < Columns; ++c) {
        for (std::size_t v = 0; v < Vectors; ++v) {
          add_placed(columns[c], total[c][v], sums.low[v], sums.high[v]);
          total[c][v] = hn::Zero(Bytes());
        }
      }
      waiting = 0;
    }
  }

  static HWY_INLINE void add_placed(const ByteColumn& column, Byte value, Short& low, Short& high) {
    const Shorts shorts;
    const Byte zero = hn::Zero(Bytes());
    const Short first =
        hn::ShiftLeftSame(hn::BitCast(shorts, hn::InterleaveLower(value, zero)), column.shift);
    const Short second = hn::ShiftLeftSame(
        hn::BitCast(shorts, hn::InterleaveUpper(Bytes(), value, zero)), column.shift);
    low = column.negative ? hn::Sub(low, first) : hn::Add(low, first);
    high = column.negative ? hn::Sub(high, second) : hn::Add(high, second);
  }

  // 16-bit sums count modulo 2^16; that they fit with their sign is known beforehand. The halves
  // alternate by eight lanes, as the interleaving left them.
  static HWY_INLINE void add_shorts(Short low, Short high, std::int64_t* sums) {
    const hn::Repartition<std::int16_t, Bytes> d;
    alignas(64) std::array<std::int16_t, Drives::kBlock> values;
    hn::Store(hn::BitCast(d, low), d, values.data());
    hn::Store(hn::BitCast(d, high), d, values.data() + hn::Lanes(d));
    for (std::size_t i = 0; i < hn::Lanes(d); i += 8) {
      for (std::size_t k = 0; k < 8; ++k) {
        sums[2 * i + k] += values[i + k];
        sums[2 * i + 8 + k] += values[hn::Lanes(d) + i + k];
      }
    }
  }

  // Lanes of `count` vectors from `first` on that are drives.
  [[nodiscard]] std::int64_t valid_lanes(std::size_t first, std::size_t count) const {
    const auto begin = static_cast<std::int64_t>(first * lanes());
    return std::clamp<std::int64_t>(drives_.count() - begin, 0,
                                    static_cast<std::int64_t>(count * lanes()));
  }

  // A byte counts 255 conversions.
  HWY_INLINE void count_pending(std::size_t conversions, Sums& sums) {
    pending_ += conversions;
    if (pending_ + 2 > 255) count_kept(sums);
  }

  HWY_INLINE void count_kept(Sums& sums) {
    const Bytes d;
    for (std::size_t v = 0; v < Vectors; ++v) {
      const std::int64_t valid = valid_lanes(first_ + v, 1);
      if (valid == static_cast<std::int64_t>(lanes())) {
        const Longs longs;
        kept_ += static_cast<std::int64_t>(
            hn::GetLane(hn::SumOfLanes(longs, hn::SumsOf8(sums.kept[v]))));
      } else {
        alignas(64) std::array<std::uint8_t, Drives::kBlock> values;
        hn::Store(sums.kept[v], d, values.data());
        kept_ = std::accumulate(values.begin(), values.begin() + valid, kept_);
      }
      sums.kept[v] = hn::Zero(d);
    }
    pending_ = 0;
  }

  int reads_;
  std::size_t groups_;
  const Drives& drives_;
  std::array<const std::uint8_t*, Vectors> from_{};
  std::size_t first_ = 0;
  std::size_t pending_ = 0;
  std::int64_t conversions_ = 0;
  std::int64_t kept_ = 0;
};

// Any column: cells and inputs of several bits, pairs, every transfer. One vector of drives at a
// time, in 32-bit sums.
class AnyReader {
 public:
  AnyReader(const Tile& tile, const Drives& drives) : tile_(tile), drives_(drives) {}

  // `tables` are those of the column's parts, one after the other.
  HWY_INLINE void read(const Tile::Column& column, const ColumnParts& parts,
                       const std::uint8_t* tables, std::size_t vector, std::int64_t* sums) {
    const Ints d;
    const Transfer& transfer = tile_.transfer(column);
    const bool looked_up = transfer.kind == Transfer::Kind::kTable;
    Quarters codes{hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    for (int read = 0; read < tile_.groups().reads(); ++read) {
      Quarters found = sums_of_read(column, parts, tables, vector, read);
      count_clipped(transfer, found, vector);
      for (std::size_t q = 0; q < 4; ++q) {
        const Int low = hn::Set(d, transfer.low);
        const Int steps = hn::Sub(hn::Min(hn::Max(found[q], low), hn::Set(d, transfer.high)), low);
        if (looked_up) {
          found[q] = steps;
        } else {
          codes[q] = hn::Add(codes[q], code_of(transfer, steps));
        }
      }
      if (looked_up) add_looked_up(transfer, column.place, found, sums + vector * lanes());
    }
    if (!looked_up) add_codes(transfer, column.place, codes, sums + vector * lanes());
  }
  [[nodiscard]] std::int64_t clipped() const { return clipped_; }

 private:
  using Quarters = std::array<Int, 4>;
  using Values = std::array<std::int32_t, Drives::kBlock>;

  HWY_INLINE Quarters sums_of_read(const Tile::Column& column, const ColumnParts& parts,
                                   const std::uint8_t* tables, std::size_t vector, int read) const {
    const Ints d;
    const SignedBytes bytes;
    const Bytes patterns;
    const Int rest = hn::Set(d, tile_.rest(column, read));
    Quarters sums{rest, rest, rest, rest};
    const auto groups = static_cast<std::size_t>(tile_.groups().groups_of_read());
    const auto all = static_cast<std::size_t>(tile_.groups().groups());
    for (const ColumnParts::Part& part : parts.parts) {
      for (int bit = 0; bit < tile_.drive_bits(); ++bit) {
        const std::uint8_t* from = source(drives_, vector, bit);
        const std::size_t first = static_cast<std::size_t>(read) * groups;
        const std::size_t end = first + groups;
        // As many groups at a time as a signed byte holds.
        for (std::size_t begin = first; begin < end; begin += part.groups_together) {
          auto found = hn::Zero(bytes);
          for (std::size_t g = begin; g < std::min(end, begin + part.groups_together); ++g) {
            const Byte table = hn::LoadDup128(patterns, tables + g * kTableBytes);
            const Byte pattern = hn::Load(patterns, from + g * Drives::kBlock);
            found = hn::Add(found, hn::BitCast(bytes, hn::TableLookupBytes(table, pattern)));
          }
          add_bytes(found, part.shift + bit, sums);
        }
      }
      tables += all * kTableBytes;
    }
    return sums;
  }

  static HWY_INLINE void add_bytes(hn::Vec<SignedBytes> found, int shift, Quarters& sums) {
    const Ints d;
    const hn::Repartition<std::int16_t, Bytes> shorts;
    const hn::Half<SignedBytes> half_bytes;
    const hn::Half<decltype(shorts)> half_shorts;
    for (std::size_t h = 0; h < 2; ++h) {
      const auto half =
          h == 0 ? hn::LowerHalf(half_bytes, found) : hn::UpperHalf(half_bytes, found);
      const auto wide = hn::PromoteTo(shorts, half);
      const Int low = hn::PromoteTo(d, hn::LowerHalf(half_shorts, wide));
      const Int high = hn::PromoteTo(d, hn::UpperHalf(half_shorts, wide));
      sums[2 * h] = hn::Add(sums[2 * h], hn::ShiftLeftSame(low, shift));
      sums[2 * h + 1] = hn::Add(sums[2 * h + 1], hn::ShiftLeftSame(high, shift));
    }
  }

  // `steps` are sums above the lowest that the ADC tells apart.
  static HWY_INLINE Int code_of(const Transfer& transfer, Int steps) {
    if (transfer.kind != Transfer::Kind::kStepped) return steps;
    const Ints d;
    const Floats floats;
    const auto scaled = hn::Mul(hn::ConvertTo(floats, steps), hn::Set(floats, transfer.gain));
    return hn::ConvertTo(d, hn::Add(scaled, hn::Set(floats, transfer.bias)));
  }

  static HWY_INLINE void store(const Quarters& quarters, Values& values) {
    const Ints d;
    for (std::size_t q = 0; q < 4; ++q) {
      hn::Store(quarters[q], d, values.data() + q * hn::Lanes(d));
    }
  }

  HWY_INLINE void add_codes(const Transfer& transfer, const ColumnPlace& place,
                            const Quarters& codes, std::int64_t* sums) const {
    const bool clamp = transfer.kind == Transfer::Kind::kClamp;
    const std::int64_t unit = std::int64_t{1} << tile_.fraction_bits();
    const std::int64_t worth = (place.negative ? -1 : 1) * (std::int64_t{1} << place.shift);
    const std::int64_t step = worth * (clamp ? unit : transfer.step);
    const std::int64_t offset =
        worth * (clamp ? transfer.low * unit : transfer.offset) * tile_.groups().reads();
    alignas(64) Values values;
    store(codes, values);
    for (std::size_t i = 0; i < lanes(); ++i) sums[i] += offset + step * values[i];
  }

  HWY_INLINE void add_looked_up(const Transfer& transfer, const ColumnPlace& place,
                                const Quarters& steps, std::int64_t* sums) const {
    const std::int64_t worth = (place.negative ? -1 : 1) * (std::int64_t{1} << place.shift);
    alignas(64) Values values;
    store(steps, values);
    for (std::size_t i = 0; i < lanes(); ++i) {
      sums[i] += worth * transfer.table[static_cast<std::size_t>(values[i])];
    }
  }

  HWY_INLINE void count_clipped(const Transfer& transfer, const Quarters& found,
                                std::size_t vector) {
    const Ints d;
    const Int low = hn::Set(d, transfer.low);
    const Int high = hn::Set(d, transfer.high);
    const std::size_t valid = static_cast<std::size_t>(drives_.count()) - vector * lanes();
    for (std::size_t q = 0; q < 4; ++q) {
      const std::size_t first = q * hn::Lanes(d);
      if (first >= valid) break;
      const auto outside = hn::Or(hn::Lt(found[q], low), hn::Gt(found[q], high));
      const auto there = hn::FirstN(d, valid - first);
      clipped_ += static_cast<std::int64_t>(hn::CountTrue(d, hn::And(outside, there)));
    }
  }

  const Tile& tile_;
  const Drives& drives_;
  std::int64_t clipped_ = 0;
};

std::int64_t read_bytes(const Tile& tile, std::span<const int> channels, const Drives& drives,
                        std::int64_t* sums, std::int64_t stride) {
  constexpr std::size_t kTogether = 4;
  ByteReader<kTogether> four(tile, drives);
  ByteReader<1> one(tile, drives);
  const std::size_t vectors = (static_cast<std::size_t>(drives.count()) + lanes() - 1) / lanes();
  ByteColumns columns(tile);
  for (std::size_t i = 0; i < channels.size(); ++i) {
    columns.expand(tile.channels()[static_cast<std::size_t>(channels[i])]);
    std::int64_t* to = sums + static_cast<std::ptrdiff_t>(i) * stride;
    std::size_t vector = 0;
    for (; vector + kTogether <= vectors; vector += kTogether) {
      four.read(columns.columns(), vector, to);
    }
    for (; vector < vectors; ++vector) one.read(columns.columns(), vector, to);
  }
  return four.clipped() + one.clipped();
}

std::int64_t read_any(const Tile& tile, std::span<const int> channels, const Drives& drives,
                      std::int64_t* sums, std::int64_t stride) {
  AnyReader reader(tile, drives);
  const std::size_t vectors = (static_cast<std::size_t>(drives.count()) + lanes() - 1) / lanes();
  std::vector<std::uint8_t> tables;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const Tile::Channel& channel = tile.channels()[static_cast<std::size_t>(channels[i])];
    for (int c = channel.first; c < channel.last; ++c) {
      const Tile::Column& column = tile.columns()[static_cast<std::size_t>(c)];
      const ColumnParts parts = signed_tables(tile, column, tables);
      std::int64_t* to = sums + static_cast<std::ptrdiff_t>(i) * stride;
      for (std::size_t v = 0; v < vectors; ++v) reader.read(column, parts, tables.data(), v, to);
    }
  }
  return reader.clipped();
}

std::int64_t read_tile(const Tile& tile, std::span<const int> channels, const Drives& drives,
                       std::int64_t* sums, std::int64_t stride) {
  return fits_bytes(tile) ? read_bytes(tile, channels, drives, sums, stride)
                          : read_any(tile, channels, drives, sums, stride);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace
}  // namespace pimento::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace pimento::kernels {
namespace {

HWY_EXPORT(read_tile);

struct InstructionSet {
  const char* name;
  std::int64_t target;
};
constexpr std::array<InstructionSet, 3> kSets = {
    {{"avx512", HWY_AVX3_DL}, {"avx2", HWY_AVX2}, {"scalar", HWY_STATIC_TARGET}}};

// The best first. Asked once: later answers know only what use_instruction_set() allows.
const std::vector<InstructionSet>& available_sets() {
  static const std::vector<InstructionSet> kAvailable = [] {
    std::vector<InstructionSet> sets;
    const std::int64_t supported = hwy::SupportedTargets() | HWY_STATIC_TARGET;
    std::copy_if(kSets.begin(), kSets.end(), std::back_inserter(sets),
                 [&](const InstructionSet& set) { return (set.target & supported) != 0; });
    return sets;
  }();
  return kAvailable;
}

}  // namespace

std::int64_t read_channels(const Tile& tile, std::span<const int> channels, const Drives& drives,
                           std::int64_t* sums, std::int64_t stride) {
  ensure(stride >= drives.padded_count() && drives.groups() == tile.groups().groups() &&
             drives.planes() == tile.drive_bits(),
         "drives are packed for another tile");
  return HWY_DYNAMIC_DISPATCH(read_tile)(tile, channels, drives, sums, stride);
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const InstructionSet& set : available_sets()) names.emplace_back(set.name);
  return names;
}

void use_instruction_set(const std::string& name) {
  const std::vector<InstructionSet>& sets = available_sets();
  const auto found = std::find_if(sets.begin(), sets.end(),
                                  [&](const InstructionSet& set) { return name == set.name; });
  if (found == sets.end()) {
    throw InputError(fmt::format("this processor has no instruction set \"{}\"; it has: {}",
                                 printable(name), join(instruction_sets())));
  }
  hwy::SetSupportedTargetsForTest(found->target);
  hwy::GetChosenTarget().Update(found->target);
}

}  // namespace pimento::kernels

#endif  // HWY_ONCE
