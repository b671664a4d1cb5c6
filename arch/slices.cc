// SPDX-License-Identifier: Apache-2.0
#include "arch/slices.h"

#include <algorithm>

#include "base/error.h"

namespace pimento::arch {
namespace {

// Cuts `bits` into slices of at most `cell_bits`, LSB first.
std::vector<Slice> cut(int bits, int cell_bits, int sign) {
  std::vector<Slice> slices;
  for (int shift = 0; shift < bits; shift += cell_bits) {
    slices.push_back({shift, std::min(cell_bits, bits - shift), sign});
  }
  return slices;
}

std::int64_t magnitude_bits(const SlicePlan& plan) {
  return std::max(1, plan.weight_bits - 1);
}

}  // namespace

SlicePlan plan_slices(Encoding encoding, int weight_bits, int cell_bits) {
  SlicePlan plan;
  plan.encoding = encoding;
  plan.weight_bits = weight_bits;
  if (encoding == Encoding::kDifferential) {
    const int magnitude = std::max(1, weight_bits - 1);
    plan.slices = cut(magnitude, cell_bits, +1);
    const std::vector<Slice> negative = cut(magnitude, cell_bits, -1);
    plan.slices.insert(plan.slices.end(), negative.begin(), negative.end());
    return plan;
  }
  plan.slices = cut(weight_bits, cell_bits, +1);
  if (encoding == Encoding::kTwosComplement && cell_bits == 1) {
    plan.slices.back().sign = -1;
  } else {
    plan.excess = std::int64_t{1} << (weight_bits - 1);
  }
  return plan;
}

std::int64_t lowest_weight(const SlicePlan& plan) {
  if (plan.encoding == Encoding::kDifferential) {
    return -((std::int64_t{1} << magnitude_bits(plan)) - 1);
  }
  return -(std::int64_t{1} << (plan.weight_bits - 1));
}

std::int64_t highest_weight(const SlicePlan& plan) {
  if (plan.encoding == Encoding::kDifferential) return -lowest_weight(plan);
  return (std::int64_t{1} << (plan.weight_bits - 1)) - 1;
}

std::vector<std::int64_t> encode(const SlicePlan& plan, std::int64_t weight) {
  ensure(weight >= lowest_weight(plan) && weight <= highest_weight(plan),
         "a weight lies outside the range of its encoding");
  std::vector<std::int64_t> cells;
  cells.reserve(plan.slices.size());
  for (const Slice& slice : plan.slices) {
    std::int64_t stored = weight + plan.excess;
    if (plan.encoding == Encoding::kDifferential) {
      stored = std::max<std::int64_t>(0, weight * slice.sign);
    }
    cells.push_back((stored >> slice.shift) & ((std::int64_t{1} << slice.width) - 1));
  }
  return cells;
}

std::int64_t decode(const SlicePlan& plan, const std::vector<std::int64_t>& cells) {
  ensure(cells.size() == plan.slices.size(), "a weight has as many cells as its plan has slices");
  std::int64_t weight = -plan.excess;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    weight += plan.slices[i].sign * (cells[i] << plan.slices[i].shift);
  }
  return weight;
}

}  // namespace pimento::arch
