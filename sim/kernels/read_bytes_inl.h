// SPDX-License-Identifier: Apache-2.0
// Reading columns of the common kind in bytes.
// Included once for each instruction set (Highway), hence a guard that turns over.
#if defined(SIM_KERNELS_READ_BYTES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SIM_KERNELS_READ_BYTES_INL_H_
#undef SIM_KERNELS_READ_BYTES_INL_H_
#else
#define SIM_KERNELS_READ_BYTES_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <span>

#include "sim/kernels/lookup_tables.h"
#include "sim/kernels/read_lanes_inl.h"

#if HWY_TARGET != HWY_SCALAR

HWY_BEFORE_NAMESPACE();
namespace pimento::kernels::HWY_NAMESPACE {
namespace {

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

}  // namespace
}  // namespace pimento::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET != HWY_SCALAR

#endif  // SIM_KERNELS_READ_BYTES_INL_H_
