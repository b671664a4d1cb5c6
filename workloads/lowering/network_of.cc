// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/network_of.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/graph/fold.h"
#include "workloads/graph/operator.h"
#include "workloads/limits.h"
#include "workloads/lowering/matrix_layers.h"
#include "workloads/lowering/plain_layers.h"
#include "workloads/lowering/quantization_reader.h"

namespace pimento::workloads {
namespace {

// "model.onnx", "model.onnx, quantized ..." or "model.yaml, from model.onnx".
std::string origin_of(const Graph& graph) {
  if (graph.origin.empty()) return graph.source;
  if (graph.origin.starts_with(graph.source)) return graph.origin;
  return graph.source + ", from " + graph.origin;
}

class Lowering {
 public:
  explicit Lowering(Graph graph)
      : graph_(std::make_shared<const Graph>(std::move(graph))),
        reader_(*graph_),
        uses_(count_uses(*graph_)),
        layer_of_(graph_->values.size(), kNowhere),
        quantized_(graph_->values.size(), false) {}

  Network run() {
    network_.name = graph_->name;
    network_.source = graph_->source;
    network_.description = graph_->description;
    network_.weight_origin.origin = ValueOrigin::kFile;
    network_.weight_origin.file = origin_of(*graph_);
    network_.graph = graph_;
    add_inputs();
    for (std::size_t i = 0; i < graph_->nodes.size(); ++i) add_node(static_cast<int>(i));
    find_input_bits();
    mark_outputs();
    return std::move(network_);
  }

 private:
  static constexpr int kNowhere = -1'000'000;

  void add_inputs() {
    if (graph_->inputs.empty()) {
      throw InputError(fmt::format("{}: the graph has no input; expected one", graph_->source));
    }
    for (std::size_t i = 0; i < graph_->inputs.size(); ++i) {
      const int value = graph_->inputs[i];
      const Shape shape = image_shape(graph_->value(value).shape);
      if (i == 0) {
        network_.input_shape = shape;
      } else {
        network_.more_inputs.push_back({graph_->value(value).name, shape});
      }
      set_layer(value, kNetworkInput - static_cast<int>(i));
    }
  }

  void set_layer(int value, int layer) { layer_of_[static_cast<std::size_t>(value)] = layer; }
  [[nodiscard]] int layer_of(int value) const { return layer_of_[static_cast<std::size_t>(value)]; }

  [[nodiscard]] std::vector<int> computed_inputs(const Node& node) const {
    std::vector<int> result;
    for (const int input : node.inputs) {
      if (input != kNoValue && !reader_.is_fixed(input)) result.push_back(input);
    }
    return result;
  }

  void add_node(int index) {
    const Node& node = graph_->nodes[static_cast<std::size_t>(index)];
    const std::vector<int> inputs = computed_inputs(node);
    if (inputs.empty()) return;  // fixed: weights on their way to a layer
    try {
      if (is_part_of_quantizer(node)) {
        for (const int output : node.outputs) {
          if (output == kNoValue) continue;
          set_layer(output, layer_of(inputs[0]));
          quantized_[static_cast<std::size_t>(output)] = true;
        }
        // What computes a scale ends here: its result goes to the quantizer.
        for (std::size_t i = 1; i < inputs.size(); ++i) {
          const int layer = layer_of(inputs[i]);
          if (layer >= 0) network_.layers[static_cast<std::size_t>(layer)].leaves = true;
        }
        return;
      }
      if (joins_bias(node, inputs)) return;
      Layer layer = layer_for(node);
      for (const int input : inputs) layer.inputs.push_back(layer_of(input));
      if (layer.has_weights()) layer.inputs.resize(1);  // the others say how the first is quantized
      layer.node = index;
      const bool is_conv = std::holds_alternative<Conv>(layer.operation);
      if (is_conv && network_.shape_of(layer.inputs[0]).size() == 2) {
        emit_line(node, layer);
      } else {
        emit(node, layer);
      }
    } catch (const InputError& error) {
      const std::string place = place_of(graph_->source, node);
      const std::string text = error.what();
      if (text.starts_with(graph_->source)) throw;
      throw InputError(fmt::format("{}: {}", place, text));
    }
  }

  // Quantizers, and the Clip or Cast of integers that exporters put within one.
  [[nodiscard]] bool is_part_of_quantizer(const Node& node) const {
    if (is_quantizer(node.op) || node.op == "DynamicQuantizeLinear") return true;
    if (node.op != "Clip" && node.op != "Cast") return false;
    const ElementType type = graph_->value(node.outputs[0]).type;
    return quantized_[static_cast<std::size_t>(node.inputs[0])] && is_integer(type) &&
           is_integer(graph_->value(node.inputs[0]).type);
  }

  Layer layer_for(const Node& node) {
    if (auto layer = matrix_layer(*graph_, reader_, node)) return std::move(*layer);
    if (auto layer = plain_layer(*graph_, reader_, node)) return std::move(*layer);
    Layer digital;
    digital.operation = Digital{};  // completed for each output
    return digital;
  }

  // One layer for one output; operators with several outputs become one layer an output.
  void emit(const Node& node, const Layer& layer) {
    const auto wanted = [&](int output) {
      return output != kNoValue && uses_[static_cast<std::size_t>(output)] > 0;
    };
    const auto count = std::count_if(node.outputs.begin(), node.outputs.end(), wanted);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!wanted(node.outputs[i])) continue;
      Layer one = layer;
      one.name = free_name(count == 1 ? node.name : fmt::format("{}.{}", node.name, i));
      if (std::holds_alternative<Digital>(one.operation)) {
        one.operation = digital_operation(*graph_, reader_, node, node.outputs[i]);
      }
      set_layer(node.outputs[i], network_.add(std::move(one)));
    }
  }

  // A convolution over lines is one over images of height one, between two reshapes.
  void emit_line(const Node& node, Layer layer) {
    const Shape line = network_.shape_of(layer.inputs[0]);
    layer.name = free_name(node.name);
    layer.inputs = {add_reshape(node.name + ".image", {line[0], 1, line[1]}, layer.inputs[0])};
    const int index = network_.add(std::move(layer));
    const int output = node.outputs[0];
    set_layer(output,
              add_reshape(node.name + ".line", image_shape(graph_->value(output).shape), index));
  }

  int add_reshape(const std::string& name, Shape shape, int input) {
    Layer layer;
    layer.name = free_name(name);
    layer.operation = Reshape{std::move(shape)};
    layer.inputs = {input};
    return network_.add(std::move(layer));
  }

  [[nodiscard]] std::string free_name(const std::string& name) {
    std::string result = printable(name, kMaxNameLength);
    for (int i = 2; !names_.insert(result).second; ++i) result = fmt::format("{}#{}", name, i);
    return result;
  }

  // A constant row added to a matrix product that nothing else reads is that layer's bias.
  bool joins_bias(const Node& node, const std::vector<int>& inputs) {
    if (node.op != "Add" || inputs.size() != 1 || node.inputs.size() != 2) return false;
    const int product = inputs[0];
    const int layer_index = layer_of(product);
    if (is_network_input(layer_index) || uses_[static_cast<std::size_t>(product)] != 1)
      return false;
    Layer& layer = network_.layers[static_cast<std::size_t>(layer_index)];
    const auto* linear = std::get_if<Linear>(&layer.operation);
    if (linear == nullptr || layer.has_bias || layer.node < 0) return false;
    const auto& maker = graph_->nodes[static_cast<std::size_t>(layer.node)];
    if (maker.op != "MatMul" && maker.op != "Gemm") return false;  // sums of reals
    if (maker.outputs.empty() || maker.outputs[0] != product) return false;
    const int constant = node.inputs[0] == product ? node.inputs[1] : node.inputs[0];
    const Shape& shape = graph_->value(constant).shape;
    const bool is_row = element_count(shape) == linear->out_features && !shape.empty() &&
                        shape.back() == linear->out_features;
    if (!is_row || graph_->value(node.outputs[0]).shape != graph_->value(product).shape) {
      return false;
    }
    Array bias = reader_.fixed_value(constant);
    bias.shape = {linear->out_features};
    const auto bad = std::find_if(bias.reals.begin(), bias.reals.end(),
                                  [](double value) { return !std::isfinite(value); });
    if (bad != bias.reals.end()) {
      throw InputError(fmt::format("its constant {} is {}; expected finite values",
                                   bad - bias.reals.begin(), *bad));
    }
    layer.bias = encode(bias);
    layer.has_bias = true;
    set_layer(node.outputs[0], layer_index);
    return true;
  }

  // The input comes in at the bits its first quantizer leaves of it.
  void find_input_bits() {
    for (const Layer& layer : network_.layers) {
      if (layer.input_quantizer && layer.inputs[0] == kNetworkInput) {
        network_.input_bits = layer.input_quantizer->bits;
        return;
      }
    }
  }

  void mark_outputs() {
    bool computed = false;
    for (const int output : graph_->outputs) {
      if (reader_.is_fixed(output)) continue;
      computed = true;
      const int layer = layer_of(output);
      if (layer >= 0) network_.layers[static_cast<std::size_t>(layer)].leaves = true;
    }
    if (!computed) {
      throw InputError(
          fmt::format("{}: the graph's output is a constant; expected a computed "
                      "tensor",
                      graph_->source));
    }
    if (network_.layers.empty()) {
      throw InputError(
          fmt::format("{}: the graph computes nothing; expected a network", graph_->source));
    }
  }

  std::shared_ptr<const Graph> graph_;
  QuantizationReader reader_;
  std::vector<int> uses_;
  std::vector<int> layer_of_;
  std::vector<bool> quantized_;            // made by a quantizer
  std::unordered_set<std::string> names_;  // of layers
  Network network_;
};

}  // namespace

Network network_of(Graph graph) {
  return Lowering(std::move(graph)).run();
}

}  // namespace pimento::workloads
