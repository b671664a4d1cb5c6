// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <cmath>
#include <numbers>

#include <Random123/philox.h>

namespace pimento {
namespace {

double unit_interval(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace

std::array<std::uint32_t, 4> CounterRandom::words(std::uint64_t index) const {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const r123::Philox4x32::ctr_type counter = {
      {low(index), high(index), low(stream_), high(stream_)}};
  const r123::Philox4x32::key_type key = {{low(seed_), high(seed_)}};
  const auto out = r123::Philox4x32()(counter, key);
  return {out[0], out[1], out[2], out[3]};
}

std::uint64_t CounterRandom::bits(std::uint64_t index) const {
  const auto word = words(index);
  return std::uint64_t{word[1]} << 32 | word[0];
}

double CounterRandom::uniform(std::uint64_t index) const {
  return unit_interval(bits(index));
}

double CounterRandom::gaussian(std::uint64_t index) const {
  const auto word = words(index);
  const std::uint64_t first = std::uint64_t{word[1]} << 32 | word[0];
  const std::uint64_t second = std::uint64_t{word[3]} << 32 | word[2];
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit_interval(first)));
  return radius * std::cos(2.0 * std::numbers::pi * unit_interval(second));
}

std::uint64_t stream_of(const char* name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char* c = name; *c != '\0'; ++c) {
    hash = (hash ^ static_cast<unsigned char>(*c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace pimento
