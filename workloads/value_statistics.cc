// SPDX-License-Identifier: Apache-2.0
#include "workloads/value_statistics.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

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

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Bits, one step and the integer that stands for 0, where they are the same for the whole tensor.
struct Grid {
  int bits = 0;
  double scale = 1.0;
  double zero_point = 0.0;
};

std::optional<Grid> grid_of(const Layer& layer) {
  if (!layer.input_quantizer) return std::nullopt;
  const InputQuantizer& quantizer = *layer.input_quantizer;
  if (quantizer.scale.reals.size() != 1 || quantizer.zero_point.reals.size() > 1) {
    return std::nullopt;
  }
  const auto& zero_point = quantizer.zero_point.reals;
  return Grid{quantizer.bits, quantizer.scale.reals[0], zero_point.empty() ? 0.0 : zero_point[0]};
}

}  // namespace

std::vector<double> PlaneCounts::shares(std::int64_t count) const {
  std::vector<double> result;
  result.reserve(ones_.size());
  for (const std::int64_t ones : ones_) result.push_back(share(ones, count));
  return result;
}

WeightStatistics weight_statistics(const Network& network, int index) {
  const Layer& layer = network.layers[static_cast<std::size_t>(index)];
  const std::vector<std::int32_t> weights = integer_weights(network, index);
  PlaneCounts planes(layer.precision.weight_bits);
  for (const std::int32_t weight : weights) planes.add(weight);
  WeightStatistics statistics;
  statistics.integers = range_of_values(weights);
  statistics.reals = real_range(layer);
  statistics.zeros = share(std::count(weights.begin(), weights.end(), 0), std::ssize(weights));
  statistics.ones = planes.shares(std::ssize(weights));
  return statistics;
}

InputRecorder::InputRecorder(const Network& network)
    : network_(network), executor_(*network.graph) {
  for (const int index : network.weight_layers()) {
    const Layer& layer = network.layers[static_cast<std::size_t>(index)];
    ensure(layer.node >= 0, "a layer with weights has no operator");
    const Node& node = network.graph->nodes[static_cast<std::size_t>(layer.node)];
    layers_of_value_.emplace(node.inputs[0], index);
    const std::optional<Grid> grid = grid_of(layer);
    records_.emplace(index, Record(grid ? grid->bits : 0));
  }
}

void InputRecorder::look_at(const Layer& layer, const Array& array, Record& record) const {
  const std::optional<Grid> known = grid_of(layer);
  const Grid grid = known.value_or(Grid{});
  for (std::int64_t i = 0; i < array.size(); ++i) {
    const double steps = array.holds_integers()
                             ? array.real(i)
                             : std::nearbyint(array.real(i) / grid.scale + grid.zero_point);
    const double real =
        array.holds_integers() ? (steps - grid.zero_point) * grid.scale : array.real(i);
    record.reals = record.count == 0 ? Range<double>{real, real}
                                     : Range<double>{std::min(record.reals.low, real),
                                                     std::max(record.reals.high, real)};
    ++record.count;
    if (real == 0.0) ++record.zeros;
    if (known && std::abs(steps) < 0x1p62) record.planes.add(static_cast<std::int64_t>(steps));
  }
}

void InputRecorder::add(const std::vector<Array>& inputs) {
  const auto look = [&](int value, const Array& array) {
    const auto [begin, end] = layers_of_value_.equal_range(value);
    for (auto it = begin; it != end; ++it) {
      const Layer& layer = network_.layers[static_cast<std::size_t>(it->second)];
      look_at(layer, array, records_.at(it->second));
    }
  };
  (void)executor_.run(inputs, look);
}

std::map<int, InputStatistics> InputRecorder::statistics() const {
  std::map<int, InputStatistics> result;
  for (const auto& [layer, record] : records_) {
    result.emplace(layer, InputStatistics{record.reals, share(record.zeros, record.count),
                                          record.planes.shares(record.count)});
  }
  return result;
}

}  // namespace pimento::workloads
