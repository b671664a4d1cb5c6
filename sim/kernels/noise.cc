// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/noise.h"

#include <bit>

#include <Random123/philox.h>

namespace pimento::kernels {

NoiseWords noise_words(const NoiseSource& source, std::uint32_t call, std::uint32_t column,
                       std::uint32_t read) {
  const r123::Philox4x32_R<kNoiseRounds>::ctr_type counter{{call, column, read, 0}};
  const r123::Philox4x32_R<kNoiseRounds>::key_type key{
      {static_cast<std::uint32_t>(source.key), static_cast<std::uint32_t>(source.key >> 32)}};
  const auto words = r123::Philox4x32_R<kNoiseRounds>()(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

float normal_of(const NoiseWords& words, int drive) {
  const auto byte = [&](std::size_t word) {
    return words[word] >> (8 * (drive % kDrivesOfCall)) & 0xFFU;
  };
  const int bits = std::popcount(byte(0)) + std::popcount(byte(1)) + std::popcount(byte(2));
  const int whole = bits * 256 + static_cast<int>(byte(3));
  return (static_cast<float>(whole) - kNoiseMiddle) * kNoiseScale;
}

}  // namespace pimento::kernels
