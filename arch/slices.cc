// SPDX-License-Identifier: Apache-2.0
#include "arch/slices.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/random.h"

namespace pimento::arch {
namespace {

constexpr std::int64_t kCentersTried = 64;
constexpr std::uint32_t kWeightsTried = 512;

// Cuts the bits [first, last) into slices of at most `cell_bits`, LSB first.
std::vector<Slice> cut(int first, int last, int cell_bits) {
  std::vector<Slice> slices;
  for (int shift = first; shift < last; shift += cell_bits) {
    slices.push_back({shift, std::min(cell_bits, last - shift), +1});
  }
  return slices;
}

bool is_single_bits(std::span<const int> widths) {
  return std::all_of(widths.begin(), widths.end(), [](int width) { return width == 1; });
}

int magnitude_bits(int weight_bits) {
  return std::max(1, weight_bits - 1);
}

bool is_symmetric(Encoding encoding) {
  return encoding == Encoding::kDifferential || encoding == Encoding::kSignMagnitude;
}

// The plan whose codes are cut into `slices`. Where the top slice is one plane of its own, it is
// the one that subtracts in two's complement.
SlicePlan assemble(Encoding encoding, int weight_bits, std::vector<Slice> slices,
                   bool has_sign_plane) {
  SlicePlan plan{encoding, weight_bits, std::move(slices), 0};
  const std::int64_t half = std::int64_t{1} << (weight_bits - 1);
  switch (encoding) {
    case Encoding::kTwosComplement:
      if (!has_sign_plane) {
        plan.excess = half;
      } else if (!plan.slices.empty() && plan.slices.back().shift == weight_bits - 1) {
        plan.slices.back().sign = -1;
      }
      break;
    case Encoding::kOffset:
    case Encoding::kOffsetFlipped:
    case Encoding::kXnor:
      plan.excess = half;
      break;
    case Encoding::kDifferential: {
      std::vector<Slice> negative = plan.slices;
      for (Slice& slice : negative) slice.sign = -1;
      plan.slices.insert(plan.slices.end(), negative.begin(), negative.end());
      break;
    }
    case Encoding::kSignMagnitude:
    case Encoding::kCenterOffset:
    case Encoding::kCsd:
      break;
  }
  return plan;
}

// The largest magnitude of a code on pairs of lines, or in differential columns.
std::int64_t largest_code(const SlicePlan& plan) {
  if (is_symmetric(plan.encoding)) {
    return (std::int64_t{1} << magnitude_bits(plan.weight_bits)) - 1;
  }
  return (std::int64_t{1} << plan.weight_bits) - 1;
}

std::int64_t digit(std::int64_t code, const Slice& slice) {
  return (code >> slice.shift) & ((std::int64_t{1} << slice.width) - 1);
}

// Positive and negative binary digits of a code.
struct Lines {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
};

Lines magnitude_lines(std::int64_t code) {
  return {std::max<std::int64_t>(0, code), std::max<std::int64_t>(0, -code)};
}

// Canonical signed digits: none beside another, the fewest there can be (Reitwiesner, 1960). With
// t = 3 code, digits are those where t and code differ.
Lines canonical_lines(std::int64_t code) {
  const std::int64_t tripled = 3 * code;
  return {(tripled & ~code) >> 1, (code & ~tripled) >> 1};
}

// Weights, and how often each is there.
using WeightCounts = std::vector<std::pair<std::int64_t, std::int64_t>>;

double lean_of(const SlicePlan& plan, const WeightCounts& counts, std::int64_t center) {
  double cost = 0.0;
  for (const Slice& slice : plan.slices) {
    std::int64_t sum = 0;
    for (const auto& [weight, times] : counts) {
      const std::int64_t distance = weight - center;
      const std::int64_t value = digit(std::abs(distance), slice);
      sum += times * (distance < 0 ? -value : value);
    }
    cost += std::pow(static_cast<double>(sum), 4.0);
  }
  return cost;
}

// The first of those with the least cost.
std::int64_t best_center(const SlicePlan& plan, const WeightCounts& counts, std::int64_t first,
                         std::int64_t last, std::int64_t step) {
  std::int64_t best = first;
  double least = lean_of(plan, counts, first);
  for (std::int64_t center = first + step; center <= last; center += step) {
    const double cost = lean_of(plan, counts, center);
    if (cost < least) {
      best = center;
      least = cost;
    }
  }
  return best;
}

}  // namespace

bool SlicePlan::needs_input_sums() const {
  return excess != 0 || encoding == Encoding::kCenterOffset;
}

int code_bits(Encoding encoding, int weight_bits) {
  return is_symmetric(encoding) ? magnitude_bits(weight_bits) : weight_bits;
}

SlicePlan plan_slices(Encoding encoding, int weight_bits, int cell_bits) {
  const std::vector<Slice> slices = cut(0, code_bits(encoding, weight_bits), cell_bits);
  return assemble(encoding, weight_bits, slices, cell_bits == 1);
}

SlicePlan plan_slices(Encoding encoding, int weight_bits, std::span<const int> widths) {
  std::vector<Slice> slices;
  int shift = 0;
  for (const int width : widths) {
    slices.push_back({shift, width, +1});
    shift += width;
  }
  ensure(shift == code_bits(encoding, weight_bits), "slices do not hold all bits of a weight");
  return assemble(encoding, weight_bits, std::move(slices), is_single_bits(widths));
}

SlicePlan plan_planes(Encoding encoding, int weight_bits, int cell_bits, std::uint64_t planes) {
  const int bits = code_bits(encoding, weight_bits);
  std::vector<Slice> slices;
  for (int plane = 0; plane < bits; ++plane) {
    if ((planes >> plane & 1) == 0) continue;
    const int run = std::countr_one(planes >> plane);
    const int last = std::min(bits, plane + run);
    const std::vector<Slice> cut_run = cut(plane, last, cell_bits);
    slices.insert(slices.end(), cut_run.begin(), cut_run.end());
    plane = last;
  }
  return assemble(encoding, weight_bits, std::move(slices), cell_bits == 1);
}

std::int64_t lowest_weight(const SlicePlan& plan) {
  if (is_symmetric(plan.encoding)) return -largest_code(plan);
  return -(std::int64_t{1} << (plan.weight_bits - 1));
}

std::int64_t highest_weight(const SlicePlan& plan) {
  if (is_symmetric(plan.encoding)) return largest_code(plan);
  return (std::int64_t{1} << (plan.weight_bits - 1)) - 1;
}

bool is_in_range(const SlicePlan& plan, std::int64_t weight, std::int64_t center) {
  return plan.encoding == Encoding::kCenterOffset
             ? std::abs(weight - center) <= largest_code(plan)
             : weight >= lowest_weight(plan) && weight <= highest_weight(plan);
}

std::vector<std::int64_t> encode(const SlicePlan& plan, std::int64_t weight, std::int64_t center) {
  ensure(is_in_range(plan, weight, center), "a weight lies outside the range of its encoding");
  const std::int64_t distance = weight - center;
  std::vector<std::int64_t> cells;
  cells.reserve(plan.slices.size() * static_cast<std::size_t>(plan.lines()));
  const Lines pair =
      plan.encoding == Encoding::kCsd ? canonical_lines(distance) : magnitude_lines(distance);
  for (const Slice& slice : plan.slices) {
    if (plan.lines() == 2) {
      cells.push_back(digit(pair.positive, slice));
      cells.push_back(digit(pair.negative, slice));
    } else if (plan.encoding == Encoding::kDifferential) {
      cells.push_back(digit(slice.sign > 0 ? pair.positive : pair.negative, slice));
    } else {
      cells.push_back(digit(weight + plan.excess, slice));
    }
  }
  return cells;
}

std::int64_t decode(const SlicePlan& plan, const std::vector<std::int64_t>& cells,
                    std::int64_t center) {
  const auto lines = static_cast<std::size_t>(plan.lines());
  ensure(cells.size() == plan.slices.size() * lines,
         "a weight has as many cells as its plan has slices and lines");
  std::int64_t weight = center - plan.excess;
  for (std::size_t i = 0; i < plan.slices.size(); ++i) {
    const std::int64_t value = lines == 2 ? cells[2 * i] - cells[2 * i + 1] : cells[i];
    weight += plan.slices[i].sign * value * (std::int64_t{1} << plan.slices[i].shift);
  }
  return weight;
}

bool holds_all_weights(const SlicePlan& plan) {
  const std::int64_t low = lowest_weight(plan);
  const std::int64_t high = highest_weight(plan);
  const auto comes_back = [&](std::int64_t weight, std::int64_t center) {
    return decode(plan, encode(plan, weight, center), center) == weight;
  };
  const CounterRandom random(1, 1);
  for (std::uint64_t i = 0; i < kWeightsTried; ++i) {
    const std::int64_t span = high - low + 1;
    const std::int64_t weight =
        span <= std::int64_t{kWeightsTried} ? std::min(high, low + static_cast<std::int64_t>(i))
        : i == 0                            ? low
        : i == 1
            ? high
            : low + static_cast<std::int64_t>(random.bits(i) % static_cast<std::uint64_t>(span));
    const bool has_center = plan.encoding == Encoding::kCenterOffset;
    if (!comes_back(weight, has_center ? (i % 2 == 0 ? high : low) : 0)) return false;
  }
  return true;
}

std::int64_t center_of(const SlicePlan& plan, std::span<const std::int32_t> weights) {
  if (plan.encoding != Encoding::kCenterOffset || weights.empty()) return 0;
  std::map<std::int64_t, std::int64_t> ordered;
  for (const std::int32_t weight : weights) ++ordered[weight];
  const WeightCounts counts(ordered.begin(), ordered.end());
  const std::int64_t low = counts.front().first;
  const std::int64_t high = counts.back().first;
  const std::int64_t step = (high - low) / kCentersTried + 1;
  const std::int64_t near = best_center(plan, counts, low, high, step);
  return best_center(plan, counts, std::max(low, near - step + 1), std::min(high, near + step - 1),
                     1);
}

std::vector<std::int64_t> centers_of(const SlicePlan& plan, std::span<const std::int32_t> weights,
                                     std::int64_t rows) {
  std::vector<std::int64_t> centers;
  centers.reserve(weights.size() / static_cast<std::size_t>(rows));
  for (; !weights.empty(); weights = weights.subspan(static_cast<std::size_t>(rows))) {
    centers.push_back(center_of(plan, weights.first(static_cast<std::size_t>(rows))));
  }
  return centers;
}

bool is_flipped(const SlicePlan& plan, const Slice& slice, std::int64_t rows, std::int64_t sum) {
  const std::int64_t most = rows * ((std::int64_t{1} << slice.width) - 1);
  return plan.encoding == Encoding::kOffsetFlipped && 2 * sum > most;
}

}  // namespace pimento::arch
