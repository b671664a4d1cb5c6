// SPDX-License-Identifier: Apache-2.0
// Reading any column in 32-bit sums.
// Included once for each instruction set (Highway), hence a guard that turns over.
#if defined(SIM_KERNELS_READ_ANY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SIM_KERNELS_READ_ANY_INL_H_
#undef SIM_KERNELS_READ_ANY_INL_H_
#else
#define SIM_KERNELS_READ_ANY_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "sim/kernels/lookup_tables.h"
#include "sim/kernels/read_lanes_inl.h"

#if HWY_TARGET != HWY_SCALAR

HWY_BEFORE_NAMESPACE();
namespace pimento::kernels::HWY_NAMESPACE {
namespace {

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

}  // namespace
}  // namespace pimento::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET != HWY_SCALAR

#endif  // SIM_KERNELS_READ_ANY_INL_H_
