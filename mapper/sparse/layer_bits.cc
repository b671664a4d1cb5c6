// SPDX-License-Identifier: Apache-2.0
#include "mapper/sparse/layer_bits.h"

#include <algorithm>
#include <bit>
#include <span>

#include <fmt/format.h>

#include "arch/cell_table.h"
#include "base/text.h"
#include "mapper/placement.h"

namespace pimento::mapper {
namespace {

const workloads::Layer& layer_of(const MappingProblem& problem, int layer) {
  return problem.network.layers[static_cast<std::size_t>(layer)];
}

// Bits that hold every one of these in two's complement.
int signed_bits(const std::vector<std::int32_t>& weights) {
  int bits = 1;
  for (const std::int32_t weight : weights) {
    const auto magnitude = static_cast<std::uint32_t>(weight < 0 ? ~weight : weight);
    bits = std::max(bits, static_cast<int>(std::bit_width(magnitude)) + 1);
  }
  return bits;
}

}  // namespace

LayerBits::LayerBits(const MappingProblem& problem, int layer, const arch::SlicePlan& plan)
    : shape_(problem.network.matrix(layer)),
      plan_(plan),
      weights_(workloads::integer_weights(problem.network, layer)) {
  masks_.reserve(weights_.size());
  arch::CellTable table(plan);
  for (std::int64_t c = 0; c < shape_.groups * shape_.columns; ++c) {
    const auto of_channel = std::span(weights_).subspan(static_cast<std::size_t>(c * shape_.rows),
                                                        static_cast<std::size_t>(shape_.rows));
    const std::int64_t center = arch::center_of(plan, of_channel);
    for (const std::int32_t weight : of_channel) {
      if (!arch::is_in_range(plan, weight, center)) {
        throw InputError(fmt::format(
            "layer \"{}\": its weight {} has no place in {} of {} bits, which reaches from {} to "
            "{}; choose another macro.encoding",
            printable(layer_of(problem, layer).name), weight, arch::encoding_name(plan.encoding),
            plan.weight_bits, arch::lowest_weight(plan), arch::highest_weight(plan)));
      }
      masks_.push_back(table.of(weight, center).slices);
    }
  }
}

std::uint64_t LayerBits::any(std::int64_t block, const Range& channels, const Range& rows) const {
  std::uint64_t mask = 0;
  for (std::int64_t channel = channels.begin; channel < channels.end; ++channel) {
    for (std::int64_t row = rows.begin; row < rows.end; ++row) mask |= at(block, channel, row);
  }
  return mask;
}

std::uint64_t LayerBits::any() const {
  std::uint64_t mask = 0;
  for (const std::uint64_t one : masks_) mask |= one;
  return mask;
}

arch::SlicePlan trimmed_plan(const MappingProblem& problem, int layer) {
  const arch::MacroSpec& macro = problem.chip.macro;
  const int all_bits = layer_of(problem, layer).precision.weight_bits;
  arch::SlicePlan whole = whole_plan(problem, layer);
  // Bipolar cells answer to zeros as well; centers are chosen for all planes.
  // Slices that a policy asks for stay.
  if (!layer_of(problem, layer).weight_slices.empty() || whole.encoding == arch::Encoding::kXnor ||
      whole.encoding == arch::Encoding::kCenterOffset) {
    return whole;
  }
  int bits = all_bits;
  if (whole.encoding == arch::Encoding::kTwosComplement) {
    bits = std::min(bits, signed_bits(workloads::integer_weights(problem.network, layer)));
  }
  // Planes, one by one, of the code as single cells would hold it.
  const arch::SlicePlan planes = arch::plan_slices(whole.encoding, bits, 1);
  std::uint64_t present = 0;
  if (whole.excess == 0) {
    present = LayerBits(problem, layer, planes).any();
  } else {
    arch::SlicePlan with_excess = planes;
    with_excess.excess = std::int64_t{1} << (bits - 1);
    for (arch::Slice& slice : with_excess.slices) slice.sign = 1;
    present = LayerBits(problem, layer, with_excess).any();
  }
  const int code_bits = arch::code_bits(whole.encoding, bits);
  if (std::ssize(planes.slices) > code_bits) present |= present >> code_bits;  // of both columns
  present &= (std::uint64_t{1} << code_bits) - 1;
  return arch::plan_planes(whole.encoding, bits, macro.cell_bits,
                           std::max<std::uint64_t>(present, 1));
}

}  // namespace pimento::mapper
