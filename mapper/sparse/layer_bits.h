// SPDX-License-Identifier: Apache-2.0
// Which bits of a layer's weights are set: what passes that leave out zeros go by.
#pragma once

#include <cstdint>
#include <vector>

#include "mapper/mapping.h"

namespace pimento::mapper {

class LayerBits {
 public:
  // The bits of a layer's weights, in slices of one cell each as `plan` says. Weights are read, or
  // drawn; throws InputError where one has no place in the plan.
  LayerBits(const MappingProblem& problem, int layer, const arch::SlicePlan& plan);
  // In the slices of the layer without the planes that no weight has: where the sign is a plane of
  // its own, those above it repeat it and go.
  static LayerBits trimmed(const MappingProblem& problem, int layer);

  [[nodiscard]] const workloads::MatrixShape& shape() const { return shape_; }
  [[nodiscard]] const arch::SlicePlan& plan() const { return plan_; }
  [[nodiscard]] std::int64_t slices() const { return std::ssize(plan_.slices); }
  // Slices of a weight whose cells are not all zero; bit s stands for slice s.
  [[nodiscard]] std::uint64_t at(std::int64_t block, std::int64_t channel, std::int64_t row) const {
    return masks_[static_cast<std::size_t>((block * shape_.columns + channel) * shape_.rows + row)];
  }
  // Of all weights of rows [rows.begin, rows.end) and channels of a block.
  [[nodiscard]] std::uint64_t any(std::int64_t block, const Range& channels,
                                  const Range& rows) const;
  // Of all weights.
  [[nodiscard]] std::uint64_t any() const;
  [[nodiscard]] std::int32_t weight(std::int64_t block, std::int64_t channel,
                                    std::int64_t row) const {
    return weights_[static_cast<std::size_t>((block * shape_.columns + channel) * shape_.rows +
                                             row)];
  }

  // The center of a channel; zero but for center_offset.
  [[nodiscard]] std::int64_t center(std::int64_t block, std::int64_t channel) const {
    return centers_[static_cast<std::size_t>(block * shape_.columns + channel)];
  }

 private:
  LayerBits(const MappingProblem& problem, int layer, const arch::SlicePlan& plan,
            std::vector<std::int32_t> weights);

  workloads::MatrixShape shape_;
  arch::SlicePlan plan_;
  std::vector<std::int32_t> weights_;  // blocks x channels x rows
  std::vector<std::uint64_t> masks_;   // likewise
  std::vector<std::int64_t> centers_;  // blocks x channels
};

}  // namespace pimento::mapper
