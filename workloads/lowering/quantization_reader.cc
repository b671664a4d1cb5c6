// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/quantization_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "workloads/graph/fold.h"
#include "workloads/graph/operator.h"
#include "workloads/limits.h"
#include "workloads/lowering/scales.h"
#include "workloads/operators/bit_width.h"
#include "workloads/operators/broadcast.h"

namespace pimento::workloads {
namespace {

// Between a weight and its layer stand a quantizer and a transpose or two.
constexpr int kMostSteps = 32;
// What computing fixed values may cost in all: enough for the few operators that stand on each
// constant, a few times over.
constexpr std::int64_t kLeastBudget = std::int64_t{1} << 26;
constexpr std::int64_t kBudgetOfAValue = 64;
constexpr std::int64_t kCostOfANode = 1024;

constexpr std::array<std::string_view, 8> kMoving{"Identity",  "Transpose", "Reshape", "Squeeze",
                                                  "Unsqueeze", "Flatten",   "Slice",   "Dropout"};
// Operators whose outputs are values of their first input, or zero.
constexpr std::array<std::string_view, 7> kKeepingGrid{
    "MaxPool", "Relu", "Gather", "Split", "Expand", "DepthToSpace", "SpaceToDepth"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, const std::string& op) {
  return std::find(names.begin(), names.end(), op) != names.end();
}

// The widest bits that a width input names; 0 when it names some that no Quant could have.
int width_of(const Array& widths) {
  double widest = 0.0;
  for (std::int64_t i = 0; i < widths.size(); ++i) {
    const double bits = widths.real(i);
    if (!(bits >= 1.0) || bits > kMaxBits || bits != std::floor(bits)) return 0;
    widest = std::max(widest, bits);
  }
  return static_cast<int>(widest);
}

// Which inputs of Quant and Trunc hold the scale and the bits of what they make.
struct BitWidthInputs {
  std::size_t scale = 1;
  std::size_t bits = 4;
};

BitWidthInputs bit_width_inputs(const Node& node) {
  if (node.op == "Quant") return {.scale = 1, .bits = 3};
  if (node.inputs.size() == 7) return {.scale = 4, .bits = 6};  // the second version of Trunc
  return {};
}

// The fewest bits that hold all integers from low to high.
int bits_for(std::int64_t low, std::int64_t high, bool has_sign) {
  int bits = 1;
  while (bits < kMaxBits) {
    const std::int64_t top = (std::int64_t{1} << (has_sign ? bits - 1 : bits)) - 1;
    if (high <= top && (!has_sign || low >= -top - 1)) break;
    ++bits;
  }
  return bits;
}

}  // namespace

QuantizationReader::QuantizationReader(const Graph& graph)
    : graph_(graph),
      makers_(makers(graph)),
      fixed_(graph.values.size(), false),
      budget_(kLeastBudget) {
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    const auto& constant = graph.values[i].constant;
    fixed_[i] = constant.has_value();
    if (constant) budget_ += kBudgetOfAValue * constant->size();
  }
  for (const Node& node : graph.nodes) {
    const bool all = std::all_of(node.inputs.begin(), node.inputs.end(),
                                 [&](int input) { return input == kNoValue || is_fixed(input); });
    for (const int output : node.outputs) {
      if (output != kNoValue) fixed_[static_cast<std::size_t>(output)] = all;
    }
  }
}

bool QuantizationReader::is_fixed(int value) const {
  return fixed_[static_cast<std::size_t>(value)];
}

const Node* QuantizationReader::maker(int value) const {
  const int node = makers_[static_cast<std::size_t>(value)];
  return node < 0 ? nullptr : &graph_.nodes[static_cast<std::size_t>(node)];
}

void QuantizationReader::fail(const Node& node, const std::string& message) const {
  throw InputError(fmt::format("{}: {}", place_of(graph_.source, node), message));
}

Array QuantizationReader::fixed_value(int value) const {
  return evaluated(value, 0);
}

Array QuantizationReader::evaluated(int value, int depth) const {
  if (const Constant* constant = graph_.constant(value)) return decode(*constant);
  const Node* node = maker(value);
  if (node == nullptr || !is_fixed(value)) {
    throw InternalError("a value that is not fixed is asked for");
  }
  budget_ -= std::min(budget_, kCostOfANode + cost_of(graph_, *node));
  if (depth > kMostSteps || budget_ == 0) {
    fail(*node, "a constant passes through more operators than an exporter would write");
  }
  std::vector<Array> results = outputs_of(*node, {}, depth);
  for (std::size_t i = 0; i < node->outputs.size(); ++i) {
    if (node->outputs[i] == value) return std::move(results[i]);
  }
  throw InternalError("a node does not make its output");
}

std::vector<Array> QuantizationReader::outputs_of(const Node& node, std::vector<Array> inputs,
                                                  int depth) const {
  inputs.reserve(node.inputs.size());
  for (std::size_t i = inputs.size(); i < node.inputs.size(); ++i) {
    inputs.push_back(node.inputs[i] == kNoValue ? Array{} : evaluated(node.inputs[i], depth + 1));
  }
  std::vector<const Array*> pointers(inputs.size(), nullptr);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (node.inputs[i] != kNoValue) pointers[i] = &inputs[i];
  }
  return evaluate(node, pointers, place_of(graph_.source, node));
}

WeightSource QuantizationReader::weights(int value) const {
  return source(value, 0);
}

WeightSource QuantizationReader::source(int value, int depth) const {
  WeightSource result;
  if (const Constant* constant = graph_.constant(value)) {
    result.constant = *constant;
    return result;
  }
  const Node* node = maker(value);
  if (node == nullptr) throw InternalError("a fixed value has no maker");
  if (depth > kMostSteps) fail(*node, "a weight passes through more than 32 operators");
  if (node->op == "DequantizeLinear") return dequantized(*node, depth);
  if (is_quantizer(node->op) && node->op != "QuantizeLinear") return rounded(*node, depth);
  if (is_one_of(kMoving, node->op)) return moved(*node, depth);
  result.constant = encode(evaluated(value, depth));
  return result;
}

std::optional<int> QuantizationReader::clipped_bits(int value, int depth) const {
  const Node* clip = maker(value);
  if (clip == nullptr || clip->op != "Clip") return std::nullopt;
  const ElementType type = graph_.value(value).type;
  std::array<std::int64_t, 2> bounds{lowest_of(type), highest_of(type)};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const int input = i + 1 < clip->inputs.size() ? clip->inputs[i + 1] : kNoValue;
    if (input == kNoValue) continue;  // the type's own
    if (!is_fixed(input)) return std::nullopt;
    const Array bound = evaluated(input, depth + 1);
    if (bound.size() != 1 || !bound.holds_integers()) return std::nullopt;
    bounds[i] = bound.integers[0];
  }
  return bits_for(bounds[0], bounds[1], is_signed(type));
}

WeightSource QuantizationReader::dequantized(const Node& node, int depth) const {
  WeightSource result;
  result.integers = evaluated(node.inputs[0], depth + 1);
  const Array& integers = *result.integers;
  const auto rank = std::max<std::int64_t>(1, std::ssize(integers.shape));
  const std::int64_t axis = (attribute_or<std::int64_t>(node, "axis", 1) % rank + rank) % rank;
  const std::int64_t block = attribute_or<std::int64_t>(node, "block_size", 0);
  result.scale = spread(evaluated(node.inputs[1], depth + 1), integers.shape,
                        static_cast<std::size_t>(axis), block);
  const bool has_zero = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
  result.zero_point = has_zero ? spread(evaluated(node.inputs[2], depth + 1), integers.shape,
                                        static_cast<std::size_t>(axis), block)
                               : filled(integers.shape, 0.0);
  result.is_signed = is_signed(integers.type);
  result.bits = clipped_bits(node.inputs[0], depth).value_or(bits_of(integers.type));
  return result;
}

WeightSource QuantizationReader::levels_grid(const Node& node, const Shape& shape,
                                             int depth) const {
  WeightSource result;
  const std::int64_t levels = attribute_or<std::int64_t>(node, "levels", 2);
  const Array low = broadcast_to(evaluated(node.inputs[3], depth), shape);
  const Array high = broadcast_to(evaluated(node.inputs[4], depth), shape);
  result.scale = filled(shape, 1.0);
  result.zero_point = filled(shape, 0.0);
  for (std::size_t i = 0; i < result.scale.reals.size(); ++i) {
    const double step = (high.reals[i] - low.reals[i]) / (static_cast<double>(levels) - 1.0);
    result.scale.reals[i] = step == 0.0 ? 1.0 : step;
    result.zero_point.reals[i] = -low.reals[i] / result.scale.reals[i];
  }
  result.bits = bits_for(0, levels - 1, false);
  result.is_signed = false;
  return result;
}

WeightSource QuantizationReader::bipolar_grid(const Node& node, const Shape& shape,
                                              int depth) const {
  WeightSource result;
  result.scale = as_reals(broadcast_to(evaluated(node.inputs[1], depth), shape));
  for (double& scale : result.scale.reals) scale *= 2.0;
  result.zero_point = filled(shape, -0.5);
  result.bits = 1;
  return result;
}

WeightSource QuantizationReader::bit_width_grid(const Node& node, const Shape& shape,
                                                int depth) const {
  const BitWidthInputs places = bit_width_inputs(node);
  const bool has_sign = attribute_or<std::int64_t>(node, "signed", 1) != 0;
  const Array widths = as_reals(evaluated(node.inputs[places.bits], depth));
  WeightSource result;
  result.scale = as_reals(broadcast_to(evaluated(node.inputs[places.scale], depth), shape));
  result.zero_point = as_reals(broadcast_to(evaluated(node.inputs[2], depth), shape));
  result.bits = width_of(widths);
  result.is_signed = has_sign;
  if (!is_one_width(widths)) result.widths = as_reals(broadcast_to(widths, shape));
  if (node.op != "Quant" || !has_sign) return result;
  for (std::size_t i = 0; i < result.scale.reals.size(); ++i) {
    const double bits = result.widths.reals.empty() ? result.bits : result.widths.reals[i];
    if (bits != 1.0) continue;  // else +1 and -1, which are 0 and -1 of twice the scale
    result.scale.reals[i] *= 2.0;
    result.zero_point.reals[i] = result.zero_point.reals[i] / 2.0 - 0.5;
  }
  return result;
}

// The integers behind reals that a fake quantizer made.
WeightSource QuantizationReader::rounded(const Node& node, int depth) const {
  const Array reals = evaluated(node.outputs[0], depth);
  WeightSource result;
  if (node.op == "FakeQuantize") {
    result = levels_grid(node, reals.shape, depth + 1);
  } else if (node.op == "BipolarQuant") {
    result = bipolar_grid(node, reals.shape, depth + 1);
  } else {
    result = bit_width_grid(node, reals.shape, depth + 1);
  }
  result.integers = make_array(ElementType::kInt64, reals.shape);
  for (std::size_t i = 0; i < reals.reals.size(); ++i) {
    const double steps = reals.reals[i] / result.scale.reals[i] + result.zero_point.reals[i];
    if (!(std::abs(steps) < 0x1p40)) fail(node, "a weight is not finite");
    result.integers->integers[i] = static_cast<std::int64_t>(std::nearbyint(steps));
  }
  return result;
}

// Reshapes and transposes act on integers, scales and zero points alike.
WeightSource QuantizationReader::moved(const Node& node, int depth) const {
  WeightSource result = source(node.inputs[0], depth + 1);
  const auto move = [&](const Array& array) { return outputs_of(node, {array}, depth)[0]; };
  if (result.constant) result.constant = encode(move(decode(*result.constant)));
  if (result.integers) {
    result.integers = move(*result.integers);
    result.scale = move(result.scale);
    result.zero_point = move(result.zero_point);
    if (!result.widths.reals.empty()) result.widths = move(result.widths);
  }
  return result;
}

WeightSource QuantizationReader::integer_weights(int value, int scale, int zero_point,
                                                 std::size_t axis) const {
  WeightSource result;
  Array integers = fixed_value(value);
  const Shape shape = integers.shape;
  result.bits = bits_of(integers.type);
  result.is_signed = is_signed(integers.type);
  result.integers = std::move(integers);
  result.scale =
      scale == kNoValue ? filled(shape, 1.0) : spread(fixed_value(scale), shape, axis, 0);
  result.zero_point =
      zero_point == kNoValue ? filled(shape, 0.0) : spread(fixed_value(zero_point), shape, axis, 0);
  return result;
}

InputQuantizer QuantizationReader::integer_quantizer(int value, int scale, int zero_point) const {
  InputQuantizer result;
  const ElementType type = graph_.value(value).type;
  result.bits = bits_of(type);
  result.is_signed = is_signed(type);
  if (scale != kNoValue && is_fixed(scale)) result.scale = as_reals(fixed_value(scale));
  if (zero_point != kNoValue && is_fixed(zero_point)) {
    result.zero_point = as_reals(fixed_value(zero_point));
  }
  return result;
}

InputQuantizer QuantizationReader::levels_quantizer(const Node& node) const {
  InputQuantizer result;
  const std::int64_t levels = attribute_or<std::int64_t>(node, "levels", 2);
  result.bits = bits_for(0, levels - 1, false);
  const Array low = fixed_value(node.inputs[3]);
  const Array high = fixed_value(node.inputs[4]);
  if (low.size() != 1 || high.size() != 1) return result;
  const double scale = (high.real(0) - low.real(0)) / static_cast<double>(levels - 1);
  result.is_signed = false;  // the grid is counted from its low end
  result.scale = filled({}, scale);
  result.zero_point = filled({}, scale == 0.0 ? 0.0 : -low.real(0) / scale);
  return result;
}

InputQuantizer QuantizationReader::quantizer(const Node& node) const {
  if (node.op == "FakeQuantize") return levels_quantizer(node);
  InputQuantizer result;
  if (node.op == "DequantizeLinear") {
    const int zero_point = node.inputs.size() > 2 ? node.inputs[2] : kNoValue;
    result = integer_quantizer(node.inputs[0], node.inputs[1], zero_point);
    result.bits = clipped_bits(node.inputs[0], 0).value_or(result.bits);
  } else if (node.op == "BipolarQuant") {
    result = bipolar_quantizer(node.inputs[1]);
  } else {
    const BitWidthInputs places = bit_width_inputs(node);
    result.bits = width_of(fixed_value(node.inputs[places.bits]));
    result.is_signed = attribute_or<std::int64_t>(node, "signed", 1) != 0;
    const int scale = node.inputs[places.scale];
    if (is_fixed(scale)) result.scale = as_reals(fixed_value(scale));
    result.zero_point = as_reals(fixed_value(node.inputs[2]));
    if (node.op == "Quant" && result.bits == 1 && result.is_signed && is_fixed(scale)) {
      result = bipolar_quantizer(scale);
    }
  }
  return result;
}

// +1 and -1 times a scale, as the integers 0 and -1 of twice the scale.
InputQuantizer QuantizationReader::bipolar_quantizer(int scale) const {
  InputQuantizer result;
  result.bits = 1;
  result.is_signed = true;
  result.scale = as_reals(fixed_value(scale));
  for (double& value : result.scale.reals) value *= 2.0;
  result.zero_point = filled({}, -0.5);
  return result;
}

std::optional<InputQuantizer> QuantizationReader::quantizer_of(int value) const {
  for (int step = 0; step < kMostSteps; ++step) {
    const Node* node = maker(value);
    if (node == nullptr || node->inputs.empty() || node->inputs[0] == kNoValue) return std::nullopt;
    // The scale alone may be found anew for every tensor, and with it DequantizeLinear's zero
    // point.
    const std::ptrdiff_t first = node->op == "DequantizeLinear" ? 3 : node->op == "Quant" ? 2 : 1;
    const bool is_set = std::ssize(node->inputs) < first ||
                        std::all_of(
                            node->inputs.begin() + first, node->inputs.end(),
                            [&](int input) { return input == kNoValue || is_fixed(input); });
    if (is_quantizer(node->op) && node->op != "QuantizeLinear" && is_set) {
      InputQuantizer result = quantizer(*node);
      if (result.bits < 1 || result.bits > kMaxBits) return std::nullopt;
      return result;
    }
    if (!is_one_of(kMoving, node->op) && !is_one_of(kKeepingGrid, node->op)) return std::nullopt;
    value = node->inputs[0];
  }
  return std::nullopt;
}

}  // namespace pimento::workloads
