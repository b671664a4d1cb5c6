// SPDX-License-Identifier: Apache-2.0
// The numbers of noise.h, a vector of drives at a time.
// Included once for each instruction set (Highway), hence a guard that turns over.
#if defined(SIM_KERNELS_READ_NOISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SIM_KERNELS_READ_NOISE_INL_H_
#undef SIM_KERNELS_READ_NOISE_INL_H_
#else
#define SIM_KERNELS_READ_NOISE_INL_H_
#endif

#include <array>
#include <cstddef>

#include "sim/kernels/noise.h"
#include "sim/kernels/read_lanes_inl.h"

#if HWY_TARGET != HWY_SCALAR

HWY_BEFORE_NAMESPACE();
namespace pimento::kernels::HWY_NAMESPACE {
namespace {

// Four vectors of random words, one for each drive of a call.
HWY_INLINE void multiply(Word a, std::uint32_t by, Word& high, Word& low) {
  const Words d;
  const Longs wide;
  const Word factor = hn::Set(d, by);
  const auto even = hn::MulEven(a, factor);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, a))), factor);
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
  low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}

HWY_INLINE void draw(const NoiseSource& source, Word call, std::uint32_t column, std::uint32_t read,
                     std::array<Word, kNoiseWords>& words) {
  const Words d;
  Word c0 = call;
  Word c1 = hn::Set(d, column);
  Word c2 = hn::Set(d, read);
  Word c3 = hn::Zero(d);
  auto key0 = static_cast<std::uint32_t>(source.key);
  auto key1 = static_cast<std::uint32_t>(source.key >> 32);
  for (int round = 0; round < kNoiseRounds; ++round) {
    Word high0;
    Word low0;
    Word high1;
    Word low1;
    multiply(c0, 0xD2511F53U, high0, low0);
    multiply(c2, 0xCD9E8D57U, high1, low1);
    c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, key0));
    c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, key1));
    c1 = low1;
    c3 = low0;
    key0 += 0x9E3779B9U;
    key1 += 0xBB67AE85U;
  }
  words = {c0, c1, c2, c3};
}

// Whole numbers of the drives that these calls serve, two bytes each: see normal_of().
HWY_INLINE void store_normals(const std::array<Word, kNoiseWords>& words, std::uint16_t* to) {
  const Bytes d;
  const auto bits = [&](std::size_t w)
                        HWY_ATTR { return hn::PopulationCount(hn::BitCast(d, words[w])); };
  const Byte count = hn::Add(hn::Add(bits(0), bits(1)), bits(2));
  const Byte last = hn::BitCast(d, words[3]);
  store_in_order(hn::BitCast(Shorts(), hn::InterleaveLower(last, count)),
                 hn::BitCast(Shorts(), hn::InterleaveUpper(d, last, count)), to);
}

}  // namespace
}  // namespace pimento::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET != HWY_SCALAR

#endif  // SIM_KERNELS_READ_NOISE_INL_H_
