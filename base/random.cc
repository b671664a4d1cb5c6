// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <array>
#include <cmath>
#include <numbers>

#include <Random123/philox.h>

namespace pimento {
namespace {

// The block of a position: two words of 64 bits.
std::array<std::uint64_t, 2> block(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const r123::Philox4x32::ctr_type counter = {{low(index), high(index), low(stream), high(stream)}};
  const r123::Philox4x32::key_type key = {{low(seed), high(seed)}};
  const auto out = r123::Philox4x32()(counter, key);
  const auto word = [&out](int i) { return std::uint64_t{out[i + 1]} << 32 | out[i]; };
  return {word(0), word(2)};
}

double unit_interval(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace

std::uint64_t CounterRandom::bits(std::uint64_t index) const {
  return block(seed_, stream_, index)[0];
}

double CounterRandom::uniform(std::uint64_t index) const {
  return unit_interval(bits(index));
}

double CounterRandom::gaussian(std::uint64_t index) const {
  const auto words = block(seed_, stream_, index);
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit_interval(words[0])));
  return radius * std::cos(2.0 * std::numbers::pi * unit_interval(words[1]));
}

std::uint64_t stream_of(const char* name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char* c = name; *c != '\0'; ++c) {
    hash = (hash ^ static_cast<unsigned char>(*c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace pimento
