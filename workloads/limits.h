// SPDX-License-Identifier: Apache-2.0
// The largest network this program takes, chosen so that no later sum or product of sizes can
// leave 64 bits; and the checked arithmetic that enforces it. Networks come from strangers' files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace pimento::workloads {

inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;      // of one tensor
inline constexpr std::int64_t kMaxMacs = std::int64_t{1} << 60;          // of a network
inline constexpr std::int64_t kMaxWindow = std::int64_t{1} << 20;        // kernel, stride, pad, ...
inline constexpr std::int64_t kMaxDrawnWeights = std::int64_t{1} << 29;  // of a layer, in memory
inline constexpr int kMaxLayers = 100'000;
inline constexpr int kMaxRank = 8;
inline constexpr int kMaxBits = 32;
inline constexpr std::size_t kMaxNameLength = 512;
inline constexpr std::size_t kMaxCountingRules = 16;
inline constexpr std::size_t kMaxRulePatterns = 64;  // of one list
inline constexpr std::size_t kMaxPolicyEntries = 10'000;

// Empty when the result does not fit 64 bits.
[[nodiscard]] inline std::optional<std::int64_t> checked_product(
    std::span<const std::int64_t> factors) {
  std::int64_t product = 1;
  for (const std::int64_t factor : factors) {
    if (__builtin_mul_overflow(product, factor, &product)) return std::nullopt;
  }
  return product;
}

// The same with zeros taken as ones, so that parts of an empty shape have products as well.
[[nodiscard]] inline std::optional<std::int64_t> checked_span(
    std::span<const std::int64_t> extents) {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    const std::int64_t factor = extent == 0 ? 1 : extent;
    if (__builtin_mul_overflow(product, factor, &product)) return std::nullopt;
  }
  return product;
}

[[nodiscard]] inline std::optional<std::int64_t> checked_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

}  // namespace pimento::workloads
