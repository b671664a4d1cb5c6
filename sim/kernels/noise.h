// SPDX-License-Identifier: Apache-2.0
// Normal random numbers by position, in whole numbers up to their scale, so that every instruction
// set finds the same ones.
#pragma once

#include <array>
#include <cstdint>

namespace pimento::kernels {

// Which numbers are drawn: reads with different sources have nothing in common.
struct NoiseSource {
  std::uint64_t key = 0;
};

// Philox4x32-7 (Salmon et al., SC'11: the least number of rounds that passes BigCrush). A block of
// 64 drives takes 16 calls for each column and read; call i serves drives 4 i to 4 i + 3, with the
// first to the last byte of its words.
inline constexpr int kNoiseRounds = 7;
inline constexpr int kNoiseWords = 4;
inline constexpr int kDrivesOfCall = 4;
using NoiseWords = std::array<std::uint32_t, kNoiseWords>;
[[nodiscard]] NoiseWords noise_words(const NoiseSource& source, std::uint32_t call,
                                     std::uint32_t column, std::uint32_t read);

// Of the four bytes that a drive has: the sum of the bits of three, and the last as a fraction that
// fills the gaps: a binomial with mean 12 and variance 6, smoothed. Mean zero and variance one,
// kurtosis 2.92 instead of 3, nothing beyond 5.1 deviations.
inline constexpr float kNoiseMiddle = 3199.5F;        // of 256 x sum + last byte
inline constexpr float kNoiseScale = 0.00158375965F;  // 1 / (256 sqrt(6 + (1 - 2^-16) / 12))
[[nodiscard]] float normal_of(const NoiseWords& words, int drive);

}  // namespace pimento::kernels
