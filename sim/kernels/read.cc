// SPDX-License-Identifier: Apache-2.0
// The hot loops. A lane is a drive; a byte shuffle looks up what the four cells of a group add to a
// column for the four input bits of each lane. This file is compiled once for each instruction set
// (Highway).
#include "sim/kernels/read.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/kernels/lookup_tables.h"
#include "sim/kernels/read_plainly.h"

#define HWY_WANT_AVX3_DL
// Those between gain nothing here.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/read.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/kernels/read_any_inl.h"
#include "sim/kernels/read_bytes_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pimento::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

std::int64_t read_tile(const Tile& tile, std::span<const int> channels, const Drives& drives,
                       std::int64_t* sums, std::int64_t stride) {
  return read_plainly(tile, channels, drives, sums, stride);
}

#else

std::int64_t read_tile(const Tile& tile, std::span<const int> channels, const Drives& drives,
                       std::int64_t* sums, std::int64_t stride) {
  return fits_bytes(tile) ? read_bytes(tile, channels, drives, sums, stride)
                          : read_any(tile, channels, drives, sums, stride);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace
}  // namespace pimento::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace pimento::kernels {
namespace {

HWY_EXPORT(read_tile);

struct InstructionSet {
  const char* name;
  std::int64_t target;
};
constexpr std::array<InstructionSet, 3> kSets = {
    {{"avx512", HWY_AVX3_DL}, {"avx2", HWY_AVX2}, {"scalar", HWY_STATIC_TARGET}}};

// The best first. Asked once: later answers know only what use_instruction_set() allows.
const std::vector<InstructionSet>& available_sets() {
  static const std::vector<InstructionSet> kAvailable = [] {
    std::vector<InstructionSet> sets;
    const std::int64_t supported = hwy::SupportedTargets() | HWY_STATIC_TARGET;
    std::copy_if(kSets.begin(), kSets.end(), std::back_inserter(sets),
                 [&](const InstructionSet& set) { return (set.target & supported) != 0; });
    return sets;
  }();
  return kAvailable;
}

}  // namespace

std::int64_t read_channels(const Tile& tile, std::span<const int> channels, const Drives& drives,
                           std::int64_t* sums, std::int64_t stride) {
  drives.ensure_fit(tile.groups(), tile.drive_bits(), stride);
  return HWY_DYNAMIC_DISPATCH(read_tile)(tile, channels, drives, sums, stride);
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const InstructionSet& set : available_sets()) names.emplace_back(set.name);
  return names;
}

void use_instruction_set(const std::string& name) {
  const std::vector<InstructionSet>& sets = available_sets();
  const auto found = std::find_if(sets.begin(), sets.end(),
                                  [&](const InstructionSet& set) { return name == set.name; });
  if (found == sets.end()) {
    throw InputError(fmt::format("this processor has no instruction set \"{}\"; it has: {}",
                                 printable(name), join(instruction_sets())));
  }
  hwy::SetSupportedTargetsForTest(found->target);
  hwy::GetChosenTarget().Update(found->target);
}

}  // namespace pimento::kernels

#endif  // HWY_ONCE
