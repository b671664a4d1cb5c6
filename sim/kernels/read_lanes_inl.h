// SPDX-License-Identifier: Apache-2.0
// Vectors whose lanes are drives.
// Included once for each instruction set (Highway), hence a guard that turns over.
#if defined(SIM_KERNELS_READ_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SIM_KERNELS_READ_LANES_INL_H_
#undef SIM_KERNELS_READ_LANES_INL_H_
#else
#define SIM_KERNELS_READ_LANES_INL_H_
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <hwy/highway.h>

#include "sim/kernels/drives.h"

#if HWY_TARGET != HWY_SCALAR

HWY_BEFORE_NAMESPACE();
namespace pimento::kernels::HWY_NAMESPACE {
namespace {

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
using Words = hn::RebindToUnsigned<Ints>;
using Word = hn::Vec<Words>;
using Float = hn::Vec<Floats>;

constexpr std::size_t kBlock = Drives::kBlock;
using Counts = std::array<std::int32_t, kBlock>;
using ShortCounts = std::array<std::uint16_t, kBlock>;

// Drives of a vector.
HWY_INLINE std::size_t lanes() {
  return hn::Lanes(Bytes());
}

// Where a vector of drives lies: its patterns of one input bit, kBlock apart from group to group.
HWY_INLINE const std::uint8_t* source(const Drives& drives, std::size_t vector, int plane) {
  const std::size_t drive = vector * lanes();
  return drives.patterns(static_cast<int>(drive / Drives::kBlock), plane) + drive % Drives::kBlock;
}

// Stores shorts whose halves alternate by eight, as interleaving leaves them, in the order of
// lanes.
HWY_INLINE void store_in_order(Short first, Short second, std::uint16_t* to) {
  alignas(64) std::array<std::uint16_t, kBlock / 2> lower;
  alignas(64) std::array<std::uint16_t, kBlock / 2> upper;
  hn::Store(first, Shorts(), lower.data());
  hn::Store(second, Shorts(), upper.data());
  for (std::size_t i = 0; i < hn::Lanes(Shorts()); i += 8) {
    std::memcpy(to + 2 * i, lower.data() + i, 16);
    std::memcpy(to + 2 * i + 8, upper.data() + i, 16);
  }
}

}  // namespace
}  // namespace pimento::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET != HWY_SCALAR

#endif  // SIM_KERNELS_READ_LANES_INL_H_
