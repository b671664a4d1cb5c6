// SPDX-License-Identifier: Apache-2.0
#include "mapper/sparse/layer_bits.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

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

// The planes of the code that some weight has, of either sign.
std::uint64_t folded(std::uint64_t present, const arch::SlicePlan& planes) {
  const std::int64_t of_a_sign = planes.slices_of_a_sign();
  if (of_a_sign < std::ssize(planes.slices)) present |= present >> of_a_sign;
  return present & ((std::uint64_t{1} << of_a_sign) - 1);
}

}  // namespace

LayerBits::LayerBits(const MappingProblem& problem, int layer, const arch::SlicePlan& plan)
    : LayerBits(problem, layer, plan, workloads::integer_weights(problem.network, layer)) {}

LayerBits::LayerBits(const MappingProblem& problem, int layer, const arch::SlicePlan& plan,
                     std::vector<std::int32_t> weights)
    : shape_(problem.network.matrix(layer)),
      plan_(plan),
      weights_(std::move(weights)),
      centers_(arch::centers_of(plan, weights_, shape_.rows)) {
  masks_.reserve(weights_.size());
  arch::CellTable table(plan);
  for (std::size_t c = 0; c < centers_.size(); ++c) {
    const std::int64_t center = centers_[c];
    const auto rows = static_cast<std::size_t>(shape_.rows);
    for (const std::int32_t weight : std::span(weights_).subspan(c * rows, rows)) {
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

LayerBits LayerBits::trimmed(const MappingProblem& problem, int layer) {
  const arch::SlicePlan whole = whole_plan(problem, layer);
  // Bipolar cells answer to zeros as well; centers are chosen for all planes.
  // Slices that a policy asks for stay.
  if (!layer_of(problem, layer).weight_slices.empty() || whole.encoding == arch::Encoding::kXnor ||
      whole.encoding == arch::Encoding::kCenterOffset) {
    return {problem, layer, whole};
  }
  std::vector<std::int32_t> weights = workloads::integer_weights(problem.network, layer);
  int bits = whole.weight_bits;
  if (whole.encoding == arch::Encoding::kTwosComplement) {
    bits = std::min(bits, signed_bits(weights));
  }
  // Planes, one by one, of the code that cells hold: with an excess, that of offset weights.
  const arch::SlicePlan planes =
      arch::plan_slices(whole.excess == 0 ? whole.encoding : arch::Encoding::kOffset, bits, 1);
  LayerBits by_planes(problem, layer, planes, std::move(weights));
  const std::uint64_t present = std::max<std::uint64_t>(folded(by_planes.any(), planes), 1);
  return {problem, layer,
          arch::plan_planes(whole.encoding, bits, problem.chip.macro.cell_bits, present),
          std::move(by_planes.weights_)};
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

}  // namespace pimento::mapper
