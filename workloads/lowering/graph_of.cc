// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/graph_of.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/graph/fold.h"
#include "workloads/graph/operator.h"
#include "workloads/lowering/stored_weights.h"
#include "workloads/operators/bit_width.h"
#include "workloads/operators/broadcast.h"

namespace pimento::workloads {
namespace {

constexpr std::int64_t kVersion = 13;

using Integers = std::vector<std::int64_t>;

Shape with_batch(const Shape& shape) {
  Shape result{1};
  result.insert(result.end(), shape.begin(), shape.end());
  return result;
}

class GraphOf {
 public:
  explicit GraphOf(Network& network) : network_(network) {}

  Graph run() {
    graph_.name = network_.name;
    graph_.source = network_.source;
    graph_.description = network_.description;
    const Shape shape = with_batch(network_.input_shape);
    graph_.inputs = {graph_.add_value({"input", ElementType::kFloat32, shape, std::nullopt})};
    for (Layer& layer : network_.layers) values_.push_back(add_layer(layer));
    graph_.outputs = {values_.back()};
    return std::move(graph_);
  }

 private:
  [[nodiscard]] int value_of(int layer) const {
    return is_network_input(layer) ? graph_.inputs[0] : values_[static_cast<std::size_t>(layer)];
  }

  int add_number(const std::string& name, double number) {
    return graph_.add_constant(name, encode(real_array({}, {number})));
  }

  int add_node(const std::string& name, const std::string& op, std::vector<int> inputs,
               std::map<std::string, Attribute> attributes = {}) {
    Node node;
    node.name = name;
    node.op = op;
    node.version = kVersion;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    const int output = graph_.add_value({name, {}, {}, std::nullopt});
    node.outputs = {output};
    const std::string place = place_of(network_.source, node);
    folder_.add(graph_, std::move(node), place);
    return output;
  }

  int add_layer(Layer& layer) {
    std::vector<int> inputs;
    inputs.reserve(layer.inputs.size());
    for (const int input : layer.inputs) inputs.push_back(value_of(input));
    const std::string& name = layer.name;
    if (layer.has_weights()) return add_matrix(layer, inputs[0]);
    if (const auto* pool = std::get_if<Pool>(&layer.operation))
      return add_pool(name, *pool, inputs);
    if (const auto* pool = std::get_if<GlobalPool>(&layer.operation)) {
      return add_node(name, pool->kind == PoolKind::kMax ? "GlobalMaxPool" : "GlobalAveragePool",
                      inputs);
    }
    if (const auto* norm = std::get_if<BatchNorm>(&layer.operation)) {
      return add_batch_norm(layer, *norm, inputs);
    }
    if (const auto* clip = std::get_if<Clip>(&layer.operation)) {
      inputs.push_back(add_number(name + ".min", clip->min));
      inputs.push_back(add_number(name + ".max", clip->max));
      return add_node(name, "Clip", inputs);
    }
    if (std::holds_alternative<Reshape>(layer.operation) ||
        std::holds_alternative<Flatten>(layer.operation)) {
      const Shape target = with_batch(layer.shape);
      inputs.push_back(graph_.add_constant(
          name + ".shape", encode(integer_array({std::ssize(target)}, Integers(target)))));
      return add_node(name, "Reshape", inputs);
    }
    if (std::holds_alternative<Softmax>(layer.operation)) {
      return add_node(name, "Softmax", inputs, {{"axis", std::int64_t{-1}}});
    }
    if (std::holds_alternative<Add>(layer.operation)) return add_node(name, "Add", inputs);
    if (std::holds_alternative<Relu>(layer.operation)) return add_node(name, "Relu", inputs);
    if (std::holds_alternative<Digital>(layer.operation)) described_only(layer);
    ensure(std::holds_alternative<Identity>(layer.operation), "a layer has no operator");
    return add_node(name, "Identity", inputs);
  }

  [[noreturn]] void missing(const Layer& layer, const char* what) const {
    throw InputError(
        fmt::format("{}: layer \"{}\" has no values for its {}; give them, or none for "
                    "the whole network",
                    network_.source, printable(layer.name), what));
  }

  // What a descriptor says of it is how much it does, not what.
  [[noreturn]] void described_only(const Layer& layer) const {
    throw InputError(
        fmt::format("{}: layer \"{}\" is digital work that is counted, not computed; "
                    "take the network as an ONNX model to run it on values",
                    network_.source, printable(layer.name)));
  }

  int add_batch_norm(const Layer& layer, const BatchNorm& norm, std::vector<int> inputs) {
    constexpr std::array kNames{"scale", "shift", "mean", "variance"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      const std::optional<Constant>& values = layer.batch_norm[i];
      if (!values) missing(layer, kNames[i]);
      inputs.push_back(graph_.add_constant(fmt::format("{}.{}", layer.name, kNames[i]), *values));
    }
    return add_node(layer.name, "BatchNormalization", inputs, {{"epsilon", norm.epsilon}});
  }

  static std::map<std::string, Attribute> window_attributes(const Window& window) {
    return {{"kernel_shape", Integers(window.kernel.begin(), window.kernel.end())},
            {"strides", Integers(window.stride.begin(), window.stride.end())},
            {"dilations", Integers(window.dilation.begin(), window.dilation.end())},
            {"pads", Integers(window.pads.begin(), window.pads.end())}};
  }

  int add_pool(const std::string& name, const Pool& pool, const std::vector<int>& inputs) {
    auto attributes = window_attributes(pool.window);
    attributes["ceil_mode"] = std::int64_t{pool.window.ceil_mode ? 1 : 0};
    if (pool.kind == PoolKind::kMax) return add_node(name, "MaxPool", inputs, attributes);
    attributes["count_include_pad"] = std::int64_t{pool.count_padding ? 1 : 0};
    return add_node(name, "AveragePool", inputs, attributes);
  }

  int add_matrix(Layer& layer, int input) {
    if (layer.input_quantizer) input = add_quantizer(layer.name, *layer.input_quantizer, input);
    if (!layer.weight && !layer.stored) missing(layer, "weight");
    if (layer.has_bias && !layer.bias) missing(layer, "bias");
    Constant weight = layer.stored ? encode(real_weights(*layer.stored)) : *layer.weight;
    const bool convolves = std::holds_alternative<Conv>(layer.operation);
    if (!convolves) weight = encode(transposed(decode(weight)));
    const int weight_value = add_weight(layer, std::move(weight), convolves);
    layer.node = static_cast<int>(graph_.nodes.size());
    if (const auto* conv = std::get_if<Conv>(&layer.operation)) {
      auto attributes = window_attributes(conv->window);
      attributes["group"] = conv->groups;
      std::vector<int> inputs{input, weight_value};
      if (layer.bias) inputs.push_back(graph_.add_constant(layer.name + ".bias", *layer.bias));
      return add_node(layer.name, "Conv", inputs, attributes);
    }
    // A product on the last axis, whatever stands before it.
    std::vector<int> inputs{input, weight_value};
    if (graph_.value(input).shape.size() == 2) {
      if (layer.bias) inputs.push_back(graph_.add_constant(layer.name + ".bias", *layer.bias));
      return add_node(layer.name, "Gemm", inputs);
    }
    const int product = add_node(layer.name, "MatMul", inputs);
    if (!layer.bias) return product;
    return add_node(layer.name + ".add", "Add",
                    {product, graph_.add_constant(layer.name + ".bias", *layer.bias)});
  }

  // Stored integers stay visible as the quantizer that would make them from their real values: one
  // without a sign where some have one bit, of which a Quant with a sign makes +1 and -1.
  int add_weight(const Layer& layer, Constant weight, bool convolves) {
    const std::string name = layer.name + ".weight";
    if (!layer.stored) return graph_.add_constant(name, std::move(weight));
    const auto as_weight = [&](Array array) {
      if (!convolves && array.shape.size() == 2) array = transposed(array);
      array.type = ElementType::kFloat32;
      return array;
    };
    Array widths = layer.stored->widths;
    if (widths.reals.empty()) widths = real_array({}, {static_cast<double>(layer.stored->bits)});
    const Array& scale = layer.stored->scale;
    Array zero_point = layer.stored->zero_point;
    const auto one = std::find(widths.reals.begin(), widths.reals.end(), 1.0);
    const bool has_sign = one == widths.reals.end();
    if (!has_sign) zero_point = above_half(zero_point, widths);
    return add_node(name + ".quantizer", "Quant",
                    {graph_.add_constant(name, std::move(weight)),
                     graph_.add_constant(name + ".scale", encode(as_weight(scale))),
                     graph_.add_constant(name + ".zero_point", encode(as_weight(zero_point))),
                     graph_.add_constant(name + ".bits", encode(as_weight(widths)))},
                    quantizer_attributes(has_sign, false));
  }

  // Zero points of the same integers counted from the lowest one.
  static Array above_half(const Array& zero_point, const Array& widths) {
    const Shape shape = broadcast_shape(zero_point.shape, widths.shape).value_or(Shape{});
    const Array all_widths = broadcast_to(widths, shape);
    Array result = broadcast_to(zero_point, shape);
    for (std::size_t i = 0; i < result.reals.size(); ++i) {
      result.reals[i] += std::exp2(all_widths.reals[i] - 1.0);
    }
    return result;
  }

  // A fixed scale, or one that spreads the integers over each tensor's largest magnitude.
  int add_quantizer(const std::string& layer, const InputQuantizer& quantizer, int input) {
    const std::string name = layer + ".input";
    const int steps_bits = quantizer.is_signed ? quantizer.bits - 1 : quantizer.bits;
    int scale = kNoValue;
    if (!quantizer.scale.reals.empty()) {
      scale = graph_.add_constant(name + ".scale", encode(quantizer.scale));
    } else {
      const int magnitude = add_node(name + ".abs", "Abs", {input});
      const int largest =
          add_node(name + ".max", "ReduceMax", {magnitude}, {{"keepdims", std::int64_t{0}}});
      const double steps = std::max(1.0, std::exp2(steps_bits) - 1.0);
      const int step =
          add_node(name + ".step", "Div", {largest, add_number(name + ".steps", steps)});
      // Nothing but zeros has no scale of its own.
      scale = add_node(name + ".scale", "Max", {step, add_number(name + ".least", 0x1p-100)});
    }
    const double zero = quantizer.zero_point.reals.empty() ? 0.0 : quantizer.zero_point.reals[0];
    return add_node(name, "Quant",
                    {input, scale, add_number(name + ".zero_point", zero),
                     add_number(name + ".bits", static_cast<double>(quantizer.bits))},
                    quantizer_attributes(quantizer.is_signed, false));
  }

  Network& network_;
  Graph graph_;
  Folder folder_;
  std::vector<int> values_;  // of the layers
};

}  // namespace

Graph graph_of(Network& network) {
  return GraphOf(network).run();
}

}  // namespace pimento::workloads
