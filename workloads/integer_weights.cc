// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "base/error.h"
#include "base/random.h"
#include "workloads/limits.h"
#include "workloads/network.h"
#include "workloads/operators/broadcast.h"

namespace pimento::workloads {
namespace {

// Of the standard normal: this many sigmas are the largest representable weight.
constexpr double kFullRangeSigmas = 4.0;

// The largest magnitude, 2^(bits-1) - 1. The most negative value of two's complement stays unused,
// so that every value has its negative; one bit is the exception, with -1 as its only other value.
std::int64_t largest_magnitude(int bits) {
  return (std::int64_t{1} << (bits - 1)) - 1;
}

std::int32_t rounded(double value, std::int64_t limit) {
  const auto bound = static_cast<double>(limit);
  return static_cast<std::int32_t>(std::clamp(std::nearbyint(value), -bound, bound));
}

std::vector<std::int32_t> quantized(const Layer& layer, const std::vector<double>& values) {
  double largest = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw InputError(
          fmt::format("layer \"{}\": weight {} is {}, not a finite number; the model cannot be "
                      "quantized; export it again",
                      layer.name, i, values[i]));
    }
    largest = std::max(largest, std::abs(values[i]));
  }
  const int bits = layer.precision.weight_bits;
  const std::int64_t limit = largest_magnitude(bits);
  std::vector<std::int32_t> result(values.size(), 0);
  if (largest == 0.0) return result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    result[i] = bits == 1 ? (values[i] < 0.0 ? -1 : 0)
                          : rounded(values[i] / largest * static_cast<double>(limit), limit);
  }
  return result;
}

std::vector<std::int32_t> stored_integers(const StoredWeights& stored) {
  const Array integers = decode(stored.integers);
  return {integers.integers.begin(), integers.integers.end()};
}

std::int32_t drawn_gaussian(const CounterRandom& random, std::uint64_t position, int bits) {
  const double value = random.gaussian(position);
  if (bits == 1) return value < 0.0 ? -1 : 0;
  const std::int64_t limit = largest_magnitude(bits);
  return rounded(value / kFullRangeSigmas * static_cast<double>(limit), limit);
}

std::int32_t drawn_uniform(const CounterRandom& random, std::uint64_t position, int bits) {
  const double value = random.uniform(position);
  if (bits == 1) return value < 0.5 ? -1 : 0;
  const std::int64_t limit = largest_magnitude(bits);
  const auto step = std::floor(value * static_cast<double>(2 * limit + 1));
  return static_cast<std::int32_t>(static_cast<std::int64_t>(step) - limit);
}

std::vector<std::int32_t> drawn(const WeightOrigin& origin, const Layer& layer,
                                const MatrixShape& matrix) {
  const int bits = layer.precision.weight_bits;
  if (origin.distribution == "bit_sparse") {
    return draw_bit_sparse(origin.bit_sparse, {.name = layer.name,
                                               .seed = origin.seed,
                                               .bits = bits,
                                               .groups = matrix.groups,
                                               .rows = matrix.rows,
                                               .columns = matrix.columns});
  }
  const bool uniform = origin.distribution == "uniform";
  if (!uniform && origin.distribution != "gaussian") {
    throw InputError(
        fmt::format("unknown weight distribution \"{}\"; expected \"gaussian\", \"uniform\" or "
                    "\"bit_sparse\"",
                    origin.distribution));
  }
  const CounterRandom random(origin.seed, stream_of(layer.name.c_str()));
  std::vector<std::int32_t> result(static_cast<std::size_t>(matrix.weights()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = uniform ? drawn_uniform(random, i, bits) : drawn_gaussian(random, i, bits);
  }
  return result;
}

}  // namespace

Array real_weights(const StoredWeights& stored) {
  const Array integers = decode(stored.integers);
  const Array scale = broadcast_to(stored.scale, integers.shape);
  const Array zero_point = broadcast_to(stored.zero_point, integers.shape);
  Array reals = make_array(ElementType::kFloat32, integers.shape);
  for (std::size_t i = 0; i < reals.reals.size(); ++i) {
    const auto steps = static_cast<double>(integers.integers[i]) - zero_point.reals[i];
    reals.reals[i] = round_to(ElementType::kFloat32, steps * scale.reals[i]);
  }
  return reals;
}

std::vector<std::int32_t> integer_weights(const Network& network, int index) {
  const MatrixShape matrix = network.matrix(index);
  const std::int64_t count = matrix.weights();
  const Layer& layer = network.layers[static_cast<std::size_t>(index)];
  const int bits = layer.precision.weight_bits;
  ensure(bits >= 1 && bits <= kMaxBits, "a weight precision is out of range");
  if (count > kMaxDrawnWeights) {
    throw InputError(fmt::format(
        "layer \"{}\" has {} weights; the values of at most {} fit one layer here; split the layer",
        layer.name, count, kMaxDrawnWeights));
  }
  if (layer.stored && layer.stored->bits == bits) return stored_integers(*layer.stored);
  if (layer.stored) return quantized(layer, real_weights(*layer.stored).reals);
  if (layer.weight) return quantized(layer, decode(*layer.weight).reals);
  if (network.weight_origin.origin == ValueOrigin::kFile) {
    throw InputError(fmt::format("{}: layer \"{}\" has no weight values",
                                 network.weight_origin.file, layer.name));
  }
  return drawn(network.weight_origin, layer, matrix);
}

WeightGrid weight_grid(const Network& network, int index) {
  const Layer& layer = network.layers[static_cast<std::size_t>(index)];
  const int bits = layer.precision.weight_bits;
  if (layer.stored && layer.stored->bits == bits) {
    return {layer.stored->scale, layer.stored->zero_point};
  }
  const auto one = [](double scale, double zero_point) {
    return WeightGrid{real_array({}, {scale}), real_array({}, {zero_point})};
  };
  const auto limit = static_cast<double>(largest_magnitude(bits));
  if (!layer.stored && !layer.weight) {
    const double spread = std::sqrt(2.0 / static_cast<double>(network.matrix(index).rows));
    if (bits > 1 && network.weight_origin.distribution == "bit_sparse") {
      const double rms = bit_sparse_rms(network.weight_origin.bit_sparse, bits);
      return one(rms > 0.0 ? spread / rms : 1.0, 0.0);
    }
    return bits == 1 ? one(2.0 * spread, -0.5) : one(spread * kFullRangeSigmas / limit, 0.0);
  }
  const std::vector<double> values =
      layer.stored ? real_weights(*layer.stored).reals : decode(*layer.weight).reals;
  double largest = 0.0;
  double sum = 0.0;
  for (const double value : values) {
    largest = std::max(largest, std::abs(value));
    sum += std::abs(value);
  }
  if (bits == 1) return one(2.0 * sum / static_cast<double>(values.size()), -0.5);
  return one(largest > 0.0 ? largest / limit : 1.0, 0.0);
}

}  // namespace pimento::workloads
