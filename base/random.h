// SPDX-License-Identifier: Apache-2.0
// Random numbers by position: the value depends on (seed, stream, index) alone, never on the order
// or the thread in which it is asked for. The generator is Philox4x32-10 (Salmon et al., SC'11)
// from the Random123 library.
#pragma once

#include <array>
#include <cstdint>

namespace pimento {

class CounterRandom {
 public:
  // `stream` separates uses of one seed, for example one stream a layer.
  CounterRandom(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  // All that the generator gives for position `index`: four words of 32 uniform random bits. The
  // other members take theirs from the same words.
  [[nodiscard]] std::array<std::uint32_t, 4> words(std::uint64_t index) const;
  // 64 uniform random bits of position `index`.
  [[nodiscard]] std::uint64_t bits(std::uint64_t index) const;
  // Uniform in [0, 1), 53 bits.
  [[nodiscard]] double uniform(std::uint64_t index) const;
  // Standard normal (Box-Muller).
  [[nodiscard]] double gaussian(std::uint64_t index) const;

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
};

// A stream number made from a name: FNV-1a, the same on every machine.
[[nodiscard]] std::uint64_t stream_of(const char* name);

}  // namespace pimento
