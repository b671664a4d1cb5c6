// SPDX-License-Identifier: Apache-2.0
#include "workloads/synthetic_values.h"

#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "workloads/lowering/graph_of.h"

namespace pimento::workloads {
namespace {

Constant filled_constant(std::int64_t count, double value) {
  return encode(real_array({count}, std::vector<double>(static_cast<std::size_t>(count), value)));
}

void draw_weights(Network& network, int index) {
  const std::vector<std::int32_t> weights = integer_weights(network, index);
  const WeightGrid grid = weight_grid(network, index);
  Layer& layer = network.layers[static_cast<std::size_t>(index)];
  if (layer.stored || layer.weight) return;
  const MatrixShape matrix = network.matrix(index);
  Shape shape{matrix.groups * matrix.columns, matrix.rows};
  if (const auto* conv = std::get_if<Conv>(&layer.operation)) {
    const auto& kernel = conv->window.kernel;
    shape = {shape[0], matrix.rows / (kernel[0] * kernel[1]), kernel[0], kernel[1]};
  }
  StoredWeights stored;
  stored.integers = encode(integer_array(
      shape, std::vector<std::int64_t>(weights.begin(), weights.end()), ElementType::kInt32));
  stored.bits = layer.precision.weight_bits;
  stored.scale = grid.scale;
  stored.zero_point = grid.zero_point;
  layer.stored = std::move(stored);
}

}  // namespace

Network with_synthetic_values(Network network) {
  if (network.graph != nullptr) return network;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    Layer& layer = network.layers[i];
    if (layer.has_weights()) {
      const MatrixShape matrix = network.matrix(static_cast<int>(i));
      draw_weights(network, static_cast<int>(i));
      if (layer.has_bias && !layer.bias) {
        layer.bias = filled_constant(matrix.groups * matrix.columns, 0.0);
      }
    }
    if (std::holds_alternative<BatchNorm>(layer.operation)) {
      constexpr std::array kNeutral{1.0, 0.0, 0.0, 1.0};  // scale, shift, mean, variance
      for (std::size_t k = 0; k < kNeutral.size(); ++k) {
        if (!layer.batch_norm[k]) {
          layer.batch_norm[k] = filled_constant(layer.shape.front(), kNeutral[k]);
        }
      }
    }
  }
  auto graph = std::make_shared<Graph>(graph_of(network));
  network.graph = std::move(graph);
  return network;
}

std::vector<Array> synthetic_image(const Graph& graph, std::uint64_t seed, std::uint64_t image) {
  std::vector<Array> inputs;
  for (const int value : graph.inputs) {
    const Value& input = graph.value(value);
    const CounterRandom random(seed,
                               stream_of(fmt::format("image {} {}", image, input.name).c_str()));
    Array array = make_array(input.type, input.shape);
    for (std::int64_t i = 0; i < array.size(); ++i) {
      const double number = random.uniform(static_cast<std::uint64_t>(i));
      const auto at = static_cast<std::size_t>(i);
      if (array.holds_integers()) {
        array.integers[at] = static_cast<std::int64_t>(number * 2.0);
      } else {
        array.reals[at] = round_to(input.type, number);
      }
    }
    inputs.push_back(std::move(array));
  }
  return inputs;
}

}  // namespace pimento::workloads
