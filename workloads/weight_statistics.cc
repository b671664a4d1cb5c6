// SPDX-License-Identifier: Apache-2.0
#include "workloads/weight_statistics.h"

#include <algorithm>

namespace pimento::workloads {
namespace {

template <typename Values>
auto range_of_values(const Values& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return Range<typename Values::value_type>{*low, *high};
}

std::optional<Range<double>> real_range(const Layer& layer) {
  if (layer.stored) return range_of_values(real_weights(*layer.stored).reals);
  if (layer.weight) return range_of_values(decode(*layer.weight).reals);
  return std::nullopt;
}

// Bits above a weight's own are copies of its sign and not looked at.
std::vector<double> ones_by_plane(const std::vector<std::int32_t>& weights, int bits) {
  std::vector<std::int64_t> ones(static_cast<std::size_t>(bits), 0);
  for (const std::int32_t weight : weights) {
    const auto pattern = static_cast<std::uint32_t>(weight);
    for (std::size_t bit = 0; bit < ones.size(); ++bit) ones[bit] += (pattern >> bit) & 1U;
  }
  std::vector<double> shares;
  shares.reserve(ones.size());
  for (const std::int64_t n : ones) {
    shares.push_back(static_cast<double>(n) / static_cast<double>(weights.size()));
  }
  return shares;
}

}  // namespace

WeightStatistics weight_statistics(const Network& network, int index) {
  const Layer& layer = network.layers[static_cast<std::size_t>(index)];
  const std::vector<std::int32_t> weights = integer_weights(network, index);
  WeightStatistics statistics;
  statistics.integers = range_of_values(weights);
  statistics.reals = real_range(layer);
  const auto zeros = std::count(weights.begin(), weights.end(), 0);
  statistics.zeros = static_cast<double>(zeros) / static_cast<double>(weights.size());
  statistics.ones = ones_by_plane(weights, layer.precision.weight_bits);
  return statistics;
}

}  // namespace pimento::workloads
