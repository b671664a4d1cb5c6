// SPDX-License-Identifier: Apache-2.0
#include "workloads/quantization/post_training.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/executor.h"
#include "workloads/operators/bit_width.h"
#include "workloads/operators/broadcast.h"

namespace pimento::workloads {
namespace {

double integer_steps(int bits, bool has_sign) {
  return has_sign ? std::exp2(bits - 1) - 1.0 : std::exp2(bits) - 1.0;
}

// Beyond these, 32-bit floats do not hold all integers.
constexpr int kMostWeightBits = 25;

// Bits and scale of a quantizer to be.
struct Grid {
  Array scale;
  int bits = 8;
  bool has_sign = true;
};

int weight_place(const Node& node) {
  return node.op == "QLinearConv" || node.op == "QLinearMatMul" ? 3 : 1;
}

// Where output channels run in a weight as the operator takes it.
std::size_t channel_axis(const Node& node, const Shape& weight) {
  if (node.op == "Conv") return 0;
  return has_flag(node, "transB") ? 0 : weight.size() - 1;
}

class Quantizer {
 public:
  Quantizer(const Network& network, const CalibrationSet& calibration,
            const PostTrainingOptions& options, const Progressed& progress)
      : network_(network), calibration_(calibration), options_(options), progress_(progress) {
    if (network.graph == nullptr) {
      throw InputError(
          fmt::format("{}: the network has no values to quantize; calibrate a model "
                      "that has weights",
                      network.source));
    }
    if (calibration.empty()) throw InputError("there are no calibration inputs; give one or more");
    for (const int index : network.weight_layers()) {
      const Layer& layer = network.layers[static_cast<std::size_t>(index)];
      if (layer.stored || layer.node < 0) continue;
      layers_.push_back(index);
    }
  }

  Graph run() {
    observe_inputs();
    graph_ = *network_.graph;
    nodes_ = std::move(graph_.nodes);
    graph_.nodes.clear();
    std::map<int, int> layer_of_node;
    for (const int index : layers_) {
      layer_of_node[network_.layers[static_cast<std::size_t>(index)].node] = index;
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto layer = layer_of_node.find(static_cast<int>(i));
      if (layer != layer_of_node.end()) quantize_node(nodes_[i], layer->second);
      graph_.nodes.push_back(nodes_[i]);
    }
    if (options_.bias_correction) correct_biases();
    return std::move(graph_);
  }

 private:
  [[nodiscard]] const Layer& layer(int index) const {
    return network_.layers[static_cast<std::size_t>(index)];
  }

  void observe_inputs() {
    const Graph& graph = *network_.graph;
    for (const int index : layers_) {
      const Node& node = graph.nodes[static_cast<std::size_t>(layer(index).node)];
      observers_.try_emplace(node.inputs[0]);
    }
    const Executor executor(graph);
    for (std::size_t i = 0; i < calibration_.size(); ++i) {
      (void)executor.run(calibration_[i], [&](int value, const Array& array) {
        const auto it = observers_.find(value);
        if (it != observers_.end()) it->second.add(array);
      });
      if (progress_) progress_(i + 1, calibration_.size());
    }
  }

  void quantize_node(Node& node, int index) {
    const Precision& precision = layer(index).precision;
    // The quantizer of an input that several layers share serves those of the same bits.
    const std::pair key{node.inputs[0], precision.activation_bits};
    auto known = quantized_inputs_.find(key);
    if (known == quantized_inputs_.end() && !layer(index).input_quantizer) {
      const int value = add_quant(node.inputs[0], input_grid(node.inputs[0], precision),
                                  fmt::format("{}.input", layer(index).name));
      known = quantized_inputs_.emplace(key, value).first;
    }
    if (known != quantized_inputs_.end()) node.inputs[0] = known->second;
    int& weight = node.inputs[static_cast<std::size_t>(weight_place(node))];
    const Constant* values = graph_.constant(weight);
    if (values == nullptr) {
      throw InputError(
          fmt::format("layer \"{}\": its weights are computed from other constants; "
                      "export the model with its constants folded",
                      printable(layer(index).name)));
    }
    const Grid grid =
        weight_grid(*values, channel_axis(node, values->shape), precision.weight_bits);
    weight = add_quant(weight, grid, fmt::format("{}.weight", layer(index).name));
  }

  [[nodiscard]] Grid input_grid(int value, const Precision& precision) const {
    const Observer& observer = observers_.at(value);
    Grid grid{{}, precision.activation_bits, observer.is_signed()};
    if (grid.has_sign && grid.bits == 1) {
      throw InputError(
          fmt::format("value \"{}\" has both signs, and 1 bit was asked for it; give "
                      "it 2 bits or more",
                      printable(network_.graph->value(value).name)));
    }
    const double steps = integer_steps(grid.bits, grid.has_sign);
    grid.scale = real_array({}, {scale_of(observer.limit(options_.activations, steps), steps)});
    return grid;
  }

  // One scale a channel has the shape {1, ..., channels, ..., 1}.
  [[nodiscard]] Grid weight_grid(const Constant& values, std::size_t axis, int bits) const {
    if (bits > kMostWeightBits) {
      throw InputError(
          fmt::format("{} bits are asked for weights, of which a quantizer of 32-bit "
                      "floats tells at most {}; leave the calibration out",
                      bits, kMostWeightBits));
    }
    const Array weights = decode(values);
    Shape shape(weights.shape.size(), 1);
    std::int64_t inner = 1;  // weights of a channel that lie together
    if (options_.per_channel) {
      shape[axis] = weights.shape[axis];
      inner = strides_of(weights.shape)[axis];
    }
    Grid grid{make_array(ElementType::kFloat32, shape), bits, true};
    const double steps = bits == 1 ? 1.0 : integer_steps(bits, true);
    const std::int64_t channels = grid.scale.size();
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      Observer observer;
      for (std::int64_t begin = channel * inner; begin < weights.size();
           begin += channels * inner) {
        for (std::int64_t i = begin; i < begin + inner; ++i) observer.add(weights.real(i));
      }
      grid.scale.reals[static_cast<std::size_t>(channel)] =
          scale_of(observer.limit(options_.weights, steps), steps);
    }
    return grid;
  }

  [[nodiscard]] static double scale_of(double limit, double steps) {
    const double scale = round_to(ElementType::kFloat32, limit / steps);
    return scale > 0.0 ? scale : 1.0;
  }

  int add_quant(int value, const Grid& grid, const std::string& name) {
    const Value& input = graph_.value(value);
    Value output{name + ".quantized", input.type, input.shape, std::nullopt};
    Node node;
    node.name = name;
    node.op = "Quant";
    node.version = nodes_.front().version;
    const auto number = [](double one) { return encode(real_array({}, {one})); };
    const int scale = graph_.add_constant(name + ".scale", encode(grid.scale));
    const int zero = graph_.add_constant(name + ".zero_point", number(0.0));
    const int bits = graph_.add_constant(name + ".bits", number(grid.bits));
    node.inputs = {value, scale, zero, bits};
    node.outputs = {graph_.add_value(std::move(output))};
    node.attributes = quantizer_attributes(grid.has_sign, grid.has_sign && grid.bits > 1);
    const int result = node.outputs[0];
    graph_.nodes.push_back(std::move(node));
    return result;
  }

  // Means of each output channel of the layers, over all calibration inputs.
  using Means = std::map<int, std::vector<double>>;
  [[nodiscard]] Means channel_means(const Graph& graph, const std::map<int, std::size_t>& axes) {
    Means sums;
    std::map<int, double> counts;
    const Executor executor(graph);
    for (const auto& inputs : calibration_) {
      (void)executor.run(inputs, [&](int value, const Array& array) {
        const auto axis = axes.find(value);
        if (axis == axes.end()) return;
        const std::int64_t channels = array.shape[axis->second];
        const std::int64_t stride = strides_of(array.shape)[axis->second];
        std::vector<double>& sum = sums[value];
        sum.resize(static_cast<std::size_t>(channels), 0.0);
        for (std::int64_t i = 0; i < array.size(); ++i) {
          sum[static_cast<std::size_t>(i / stride % channels)] += array.real(i);
        }
        const std::int64_t count = array.size() / std::max<std::int64_t>(1, channels);
        counts[value] += static_cast<double>(count);
      });
    }
    for (auto& [value, sum] : sums) {
      for (double& mean : sum) mean /= std::max(1.0, counts[value]);
    }
    return sums;
  }

  // After Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction"
  // (ICCV 2019), section 4.2, with the means measured: layer after layer, the shift of each output
  // channel's mean is taken off its bias.
  void correct_biases() {
    std::map<int, std::size_t> axes;
    for (const int index : layers_) {
      const Node& node = network_.graph->nodes[static_cast<std::size_t>(layer(index).node)];
      const Shape& shape = network_.graph->value(node.outputs[0]).shape;
      axes[node.outputs[0]] = node.op == "Conv" ? 1 : shape.size() - 1;
    }
    const Means wanted = channel_means(*network_.graph, axes);
    for (const int index : layers_) {
      const int output =
          network_.graph->nodes[static_cast<std::size_t>(layer(index).node)].outputs[0];
      const Means found = channel_means(graph_, {{output, axes.at(output)}});
      std::vector<double> shift = wanted.at(output);
      for (std::size_t i = 0; i < shift.size(); ++i) shift[i] -= found.at(output)[i];
      add_to_bias(output, shift);
    }
  }

  // The input that adds a bias to a layer's output: the third of Conv and Gemm, or the constant of
  // an Add behind a MatMul.
  [[nodiscard]] int* bias_of(Node& node, int output) {
    if (node.op != "MatMul") {
      node.inputs.resize(std::max<std::size_t>(3, node.inputs.size()), kNoValue);
      return &node.inputs[2];
    }
    for (Node& user : graph_.nodes) {
      if (user.op != "Add" || user.inputs.size() != 2) continue;
      if (user.inputs[0] == output && graph_.is_constant(user.inputs[1])) return &user.inputs[1];
      if (user.inputs[1] == output && graph_.is_constant(user.inputs[0])) return &user.inputs[0];
    }
    throw InputError(
        fmt::format("layer \"{}\" has no bias to correct; leave the bias correction out",
                    printable(node.name)));
  }

  void add_to_bias(int output, const std::vector<double>& shift) {
    const auto node = std::find_if(graph_.nodes.begin(), graph_.nodes.end(), [&](const Node& n) {
      return !n.outputs.empty() && n.outputs[0] == output;
    });
    int* const place = bias_of(*node, output);
    Array bias = make_array(ElementType::kFloat32, {static_cast<std::int64_t>(shift.size())});
    if (*place != kNoValue) {
      const Constant* constant = graph_.constant(*place);
      if (constant == nullptr) return;
      Array known = decode(*constant);
      if (known.size() == bias.size()) known.shape = bias.shape;
      bias = broadcast_to(known, bias.shape);
    }
    const double beta = attribute_or(*node, "beta", 1.0);
    for (std::size_t i = 0; i < shift.size(); ++i) {
      bias.reals[i] = round_to(ElementType::kFloat32, bias.reals[i] * beta + shift[i]);
    }
    node->attributes.erase("beta");  // it is in the bias now
    *place = graph_.add_constant(fmt::format("{}.corrected_bias", node->name), encode(bias));
  }

  const Network& network_;
  const CalibrationSet& calibration_;
  const PostTrainingOptions& options_;
  const Progressed& progress_;
  std::vector<int> layers_;
  std::map<int, Observer> observers_;
  std::map<std::pair<int, int>, int> quantized_inputs_;
  std::vector<Node> nodes_;
  Graph graph_;
};

}  // namespace

Graph quantize_after_training(const Network& network, const CalibrationSet& calibration,
                              const PostTrainingOptions& options, const Progressed& progress) {
  return Quantizer(network, calibration, options, progress).run();
}

}  // namespace pimento::workloads
