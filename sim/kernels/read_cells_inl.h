// SPDX-License-Identifier: Apache-2.0
// What real cells of a column add up to. The sum of a group's four values has two parts, 64 x high
// + low, and its variance a third; a byte shuffle looks up each for the four input bits of every
// lane. Included once for each instruction set (Highway), hence a guard that turns over.
#if defined(SIM_KERNELS_READ_CELLS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SIM_KERNELS_READ_CELLS_INL_H_
#undef SIM_KERNELS_READ_CELLS_INL_H_
#else
#define SIM_KERNELS_READ_CELLS_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "sim/kernels/analog_tile.h"
#include "sim/kernels/read_lanes_inl.h"

#if HWY_TARGET != HWY_SCALAR

HWY_BEFORE_NAMESPACE();
namespace pimento::kernels::HWY_NAMESPACE {
namespace {

constexpr std::size_t kEntries = 16;
constexpr int kHighBias = 31;         // makes the high part a byte without a sign
constexpr std::size_t kTogether = 4;  // groups whose bytes add up to a byte

// Three tables of sixteen bytes a group: low part, high part, variance.
struct GroupTables {
  alignas(16) std::array<std::uint8_t, kEntries> low;
  alignas(16) std::array<std::uint8_t, kEntries> high;
  alignas(16) std::array<std::uint8_t, kEntries> variance;
};

using Entries = hn::CappedTag<std::int16_t, kEntries>;
using EntryBytes = hn::Rebind<std::uint8_t, Entries>;

// For each place of a group, the entries whose pattern drives it: all bits, or none.
struct DrivenEntries {
  alignas(32) std::array<std::array<std::int16_t, kEntries>, RowGroups::kRows> masks{};
};
constexpr DrivenEntries make_driven_entries() {
  DrivenEntries driven;
  for (std::size_t place = 0; place < RowGroups::kRows; ++place) {
    for (std::size_t i = 0; i < kEntries; ++i)
      driven.masks[place][i] = (i >> place & 1U) != 0 ? -1 : 0;
  }
  return driven;
}
constexpr DrivenEntries kDrivenEntries = make_driven_entries();

// The sums of a group's values for the entries from `first` on.
template <class Value>
HWY_INLINE hn::Vec<Entries> sums_of_entries(const Value* values, std::size_t first) {
  const Entries d;
  auto sums = hn::Zero(d);
  for (std::size_t place = 0; place < RowGroups::kRows; ++place) {
    const auto is_driven = hn::Load(d, kDrivenEntries.masks[place].data() + first);
    const auto value = hn::Set(d, static_cast<std::int16_t>(values[place]));
    sums = hn::Add(sums, hn::And(value, is_driven));
  }
  return sums;
}

HWY_INLINE void expand(const std::int16_t* values, const std::uint8_t* variances,
                       GroupTables& tables) {
  const Entries d;
  const EntryBytes bytes;
  for (std::size_t i = 0; i < kEntries; i += hn::Lanes(d)) {
    const auto sums = sums_of_entries(values, i);
    const auto low = hn::And(sums, hn::Set(d, std::int16_t{63}));
    const auto high = hn::Add(hn::ShiftRight<6>(sums), hn::Set(d, std::int16_t{kHighBias}));
    hn::Store(hn::DemoteTo(bytes, low), bytes, tables.low.data() + i);
    hn::Store(hn::DemoteTo(bytes, high), bytes, tables.high.data() + i);
    if (variances == nullptr) continue;
    hn::Store(hn::DemoteTo(bytes, sums_of_entries(variances, i)), bytes,
              tables.variance.data() + i);
  }
}

// Adds bytes to shorts.
HWY_INLINE void gather(Byte bytes, Short& first, Short& second) {
  const Byte zero = hn::Zero(Bytes());
  first = hn::Add(first, hn::BitCast(Shorts(), hn::InterleaveLower(bytes, zero)));
  second = hn::Add(second, hn::BitCast(Shorts(), hn::InterleaveUpper(Bytes(), bytes, zero)));
}

// What a bit of the drives adds to: the rest of a read, or what lower bits came to. Variances grow
// with the square of the drive.
struct Start {
  std::int32_t rest;
  HWY_INLINE void put(std::int32_t sum, std::int32_t& found) const { found = rest + sum; }
  HWY_INLINE void put_variance(std::int32_t units, std::int32_t& variance) const {
    variance = units;
  }
};
struct More {
  int bit;
  HWY_INLINE void put(std::int32_t sum, std::int32_t& found) const { found += sum * (1 << bit); }
  HWY_INLINE void put_variance(std::int32_t units, std::int32_t& variance) const {
    variance += units << (2 * bit);
  }
};

// What the cells of one column add up to.
class CellSums {
 public:
  CellSums(const AnalogTile& tile, const Drives& drives)
      : tile_(tile),
        drives_(drives),
        groups_(static_cast<std::size_t>(tile.groups().groups_of_read())),
        tables_(static_cast<std::size_t>(tile.groups().groups())) {}

  void expand_column(std::size_t column) {
    const std::int16_t* values = tile_.values(column);
    const std::uint8_t* variances = tile_.variances(column);
    for (GroupTables& tables : tables_) {
      expand(values, variances, tables);
      values += RowGroups::kRows;
      if (variances != nullptr) variances += RowGroups::kRows;
    }
  }

  // The sums and variances of one read of a block of drives. Bits b and c of a drive add 2^(b+c+1)
  // to the square of it where both are there, and 4^b alone.
  HWY_INLINE void read(int block, int read, std::int32_t rest, Counts& found,
                       Counts& variance) const {
    const bool is_noisy = tile_.has_variances();
    add_bit(is_noisy, drives_.patterns(block, 0), read, found, variance, Start{rest});
    for (int bit = 1; bit < tile_.drive_bits(); ++bit) {
      const std::uint8_t* patterns = drives_.patterns(block, bit);
      add_bit(is_noisy, patterns, read, found, variance, More{bit});
      for (int other = 0; is_noisy && other < bit; ++other) {
        add_pair(patterns, drives_.patterns(block, other), read, bit + other + 1, variance);
      }
    }
  }

 private:
  template <class Onto>
  HWY_INLINE void add_bit(bool is_noisy, const std::uint8_t* patterns, int read, Counts& found,
                          Counts& variance, Onto onto) const {
    if (is_noisy) {
      add_bit<true>(patterns, read, found, variance, onto);
    } else {
      add_bit<false>(patterns, read, found, variance, onto);
    }
  }

  template <bool HasVariance, class Onto>
  HWY_INLINE void add_bit(const std::uint8_t* patterns, int read, Counts& found, Counts& variance,
                          Onto onto) const {
    alignas(64) ShortCounts low;
    alignas(64) ShortCounts high;
    alignas(64) ShortCounts square;
    for (std::size_t lane = 0; lane < kBlock; lane += lanes()) {
      look_up_vector<HasVariance>(patterns + lane, read, low.data() + lane, high.data() + lane,
                                  square.data() + lane);
    }
    const auto bias = static_cast<std::int32_t>(groups_) * kHighBias;
    for (std::size_t i = 0; i < kBlock; ++i) {
      onto.put(64 * (std::int32_t{high[i]} - bias) + low[i], found[i]);
      if (HasVariance) onto.put_variance(square[i], variance[i]);
    }
  }

  // The three parts of what a read finds for a vector of drives.
  template <bool HasVariance>
  HWY_INLINE void look_up_vector(const std::uint8_t* patterns, int read, std::uint16_t* low,
                                 std::uint16_t* high, std::uint16_t* variance) const {
    const Bytes d;
    const std::size_t first = static_cast<std::size_t>(read) * groups_;
    const std::size_t end = first + groups_;
    Short low0 = hn::Zero(Shorts());
    Short low1 = low0;
    Short high0 = low0;
    Short high1 = low0;
    Short variance0 = low0;
    Short variance1 = low0;
    const auto add_groups = [&](std::size_t begin, std::size_t count) HWY_ATTR {
      Byte low_bytes = hn::Zero(d);
      Byte high_bytes = low_bytes;
      Byte variance_bytes = low_bytes;
#pragma GCC unroll 4
      for (std::size_t g = begin; g < begin + count; ++g) {
        const Byte pattern = hn::Load(d, patterns + g * kBlock);
        low_bytes = hn::Add(low_bytes, look_up(tables_[g].low, pattern));
        high_bytes = hn::Add(high_bytes, look_up(tables_[g].high, pattern));
        if (HasVariance) {
          variance_bytes = hn::Add(variance_bytes, look_up(tables_[g].variance, pattern));
        }
      }
      gather(low_bytes, low0, low1);
      gather(high_bytes, high0, high1);
      if (HasVariance) gather(variance_bytes, variance0, variance1);
    };
    std::size_t begin = first;
    for (; begin + kTogether <= end; begin += kTogether) add_groups(begin, kTogether);
    if (begin < end) add_groups(begin, end - begin);
    store_in_order(low0, low1, low);
    store_in_order(high0, high1, high);
    if (HasVariance) store_in_order(variance0, variance1, variance);
  }

  HWY_INLINE void add_pair(const std::uint8_t* patterns, const std::uint8_t* others, int read,
                           int shift, Counts& variance) const {
    const Bytes d;
    const std::size_t first = static_cast<std::size_t>(read) * groups_;
    const std::size_t end = first + groups_;
    alignas(64) ShortCounts square;
    for (std::size_t lane = 0; lane < kBlock; lane += lanes()) {
      Short sum0 = hn::Zero(Shorts());
      Short sum1 = sum0;
      for (std::size_t begin = first; begin < end; begin += kTogether) {
        Byte bytes = hn::Zero(d);
        for (std::size_t g = begin; g < std::min(end, begin + kTogether); ++g) {
          const Byte pattern = hn::And(hn::Load(d, patterns + g * kBlock + lane),
                                       hn::Load(d, others + g * kBlock + lane));
          bytes = hn::Add(bytes, look_up(tables_[g].variance, pattern));
        }
        gather(bytes, sum0, sum1);
      }
      store_in_order(sum0, sum1, square.data() + lane);
    }
    for (std::size_t i = 0; i < kBlock; ++i) variance[i] += std::int32_t{square[i]} << shift;
  }

  static HWY_INLINE Byte look_up(const std::array<std::uint8_t, kEntries>& table, Byte pattern) {
    return hn::TableLookupBytes(hn::LoadDup128(Bytes(), table.data()), pattern);
  }

  const AnalogTile& tile_;
  const Drives& drives_;
  std::size_t groups_;
  std::vector<GroupTables> tables_;
};

}  // namespace
}  // namespace pimento::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET != HWY_SCALAR

#endif  // SIM_KERNELS_READ_CELLS_INL_H_
