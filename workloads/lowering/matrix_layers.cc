// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering/matrix_layers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/graph/operator.h"
#include "workloads/operators/matrix.h"

namespace pimento::workloads {
namespace {

// Where an operator keeps what a layer needs; -1 where it has no such input.
struct Places {
  int weight = 1;
  int bias = 2;
  int input_scale = -1;
  int input_zero_point = -1;
  int weight_scale = -1;
  int weight_zero_point = -1;
  bool integers = false;
};

std::optional<Places> places_of(const std::string& op) {
  if (op == "Conv" || op == "Gemm") return Places{};
  if (op == "MatMul") return Places{.bias = -1};
  if (op == "ConvInteger" || op == "MatMulInteger") {
    return Places{.bias = -1, .input_zero_point = 2, .weight_zero_point = 3, .integers = true};
  }
  if (op == "QLinearConv" || op == "QLinearMatMul") {
    return Places{.weight = 3,
                  .bias = op == "QLinearConv" ? 8 : -1,
                  .input_scale = 1,
                  .input_zero_point = 2,
                  .weight_scale = 4,
                  .weight_zero_point = 5,
                  .integers = true};
  }
  return std::nullopt;
}

int input_at(const Node& node, int place) {
  return place < 0 || place >= static_cast<int>(node.inputs.size())
             ? kNoValue
             : node.inputs[static_cast<std::size_t>(place)];
}

ConvolutionForm form_of(const Graph& graph, const Node& node, int weight) {
  const CallInputs inputs = CallInputs::forms_of(graph, node);
  return convolution_form(inputs.call(node, place_of(graph.source, node)), weight);
}

// Maps of one dimension are images of height one.
Conv conv_of(const ConvolutionForm& form) {
  Conv conv;
  conv.out_channels = form.groups * form.out_channels;
  conv.groups = form.groups;
  const std::size_t rank = form.window.rank();
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::size_t to = axis + 2 - rank;
    conv.window.kernel[to] = form.window.kernel[axis];
    conv.window.stride[to] = form.window.stride[axis];
    conv.window.dilation[to] = form.window.dilation[axis];
    conv.window.pads[to] = form.window.before[axis];
    conv.window.pads[to + 2] = form.window.after[axis];
  }
  return conv;
}

// Looks at 32-bit floats where they lie: they may be half a gigabyte.
std::optional<std::int64_t> first_not_finite(const Constant& constant) {
  if (constant.type == ElementType::kFloat32) {
    for (std::int64_t i = 0; i < constant.size(); ++i) {
      float value = 0.0F;
      std::memcpy(&value, constant.bytes.data() + static_cast<std::size_t>(i) * sizeof(float),
                  sizeof(float));
      if (!std::isfinite(value)) return i;
    }
    return std::nullopt;
  }
  const Array values = decode(constant);
  const auto bad = std::find_if(values.reals.begin(), values.reals.end(),
                                [](double value) { return !std::isfinite(value); });
  return bad == values.reals.end() ? std::nullopt
                                   : std::optional<std::int64_t>(bad - values.reals.begin());
}

// `what` is "weight" or "bias".
void check_finite(const Constant& constant, const char* what) {
  const auto bad = first_not_finite(constant);
  if (!bad) return;
  throw InputError(fmt::format("its {} {} is {}; expected finite values", what, *bad,
                               decode(constant).real(*bad)));
}

// Scales a plain weight by Gemm's alpha.
void scale_values(WeightSource& source, double factor) {
  if (factor == 1.0) return;
  if (source.constant) {
    Array values = decode(*source.constant);
    for (double& value : values.reals) value = round_to(values.type, value * factor);
    source.constant = encode(values);
  } else {
    for (double& scale : source.scale.reals) scale *= factor;
  }
}

void set_weights(Layer& layer, WeightSource source, const Shape& shape) {
  if (source.constant) {
    if (is_integer(source.constant->type)) {
      throw InputError("its weight holds integers; expected floating-point weights");
    }
    layer.weight = std::move(source.constant);
    layer.weight->shape = shape;
    check_finite(*layer.weight, "weight");
    return;
  }
  if (source.integers) source.integers->shape = shape;
  source.scale.shape = shape;
  source.zero_point.shape = shape;
  if (!source.widths.reals.empty()) source.widths.shape = shape;
  layer.stored = stored_weights(source);
  layer.precision.weight_bits = layer.stored->bits;
}

WeightSource source_of(const QuantizationReader& reader, const Node& node, const Places& places,
                       std::size_t axis) {
  const int weight = input_at(node, places.weight);
  if (!places.integers) return reader.weights(weight);
  return reader.integer_weights(weight, input_at(node, places.weight_scale),
                                input_at(node, places.weight_zero_point), axis);
}

void set_quantizer(Layer& layer, const QuantizationReader& reader, const Node& node,
                   const Places& places) {
  if (places.integers) {
    layer.input_quantizer =
        reader.integer_quantizer(node.inputs[0], input_at(node, places.input_scale),
                                 input_at(node, places.input_zero_point));
  } else {
    layer.input_quantizer = reader.quantizer_of(node.inputs[0]);
  }
  if (layer.input_quantizer) layer.precision.activation_bits = layer.input_quantizer->bits;
}

// A bias that is a fixed vector, as reals: integers are in steps of the scales of input and weight.
void set_bias(Layer& layer, const QuantizationReader& reader, const Node& node,
              const Places& places, std::int64_t channels) {
  const int bias = input_at(node, places.bias);
  if (bias == kNoValue || !reader.is_fixed(bias)) return;
  const Array values = reader.fixed_value(bias);
  if (values.size() != 1 && values.size() != channels) return;
  layer.has_bias = true;
  Array steps;  // of an integer
  double input_step = 1.0;
  if (places.integers) {
    const int input_scale = input_at(node, places.input_scale);
    if (!reader.is_fixed(input_scale)) return;  // known at run time only
    steps = reader.fixed_value(input_at(node, places.weight_scale));
    input_step = reader.fixed_value(input_scale).real(0);
  }
  Array reals = make_array(ElementType::kFloat32, {channels});
  const double beta = node.op == "Gemm" ? attribute_or(node, "beta", 1.0) : 1.0;
  for (std::int64_t i = 0; i < channels; ++i) {
    double value = values.real(values.size() == 1 ? 0 : i) * beta;
    if (places.integers) {
      value *= steps.real(steps.size() == 1 ? 0 : i) * input_step;
    }
    reals.reals[static_cast<std::size_t>(i)] = round_to(ElementType::kFloat32, value);
  }
  layer.bias = encode(reals);
  check_finite(*layer.bias, "bias");
}

std::optional<Layer> conv_layer(const Graph& graph, const QuantizationReader& reader,
                                const Node& node, const Places& places) {
  const ConvolutionForm form = form_of(graph, node, places.weight);
  if (form.batch != 1) throw InputError("convolves a batch; expected one image");
  if (form.window.rank() > 2) {
    throw InputError(
        fmt::format("convolves maps of {} dimensions; the crossbars' mapping knows 1 "
                    "and 2",
                    form.window.rank()));
  }
  Layer layer;
  const Conv conv = conv_of(form);
  layer.operation = conv;
  set_weights(layer, source_of(reader, node, places, 0),
              {conv.out_channels, form.in_channels, conv.window.kernel[0], conv.window.kernel[1]});
  set_quantizer(layer, reader, node, places);
  set_bias(layer, reader, node, places, conv.out_channels);
  return layer;
}

std::optional<Layer> linear_layer(const Graph& graph, const QuantizationReader& reader,
                                  const Node& node, const Places& places) {
  const int weight = input_at(node, places.weight);
  const Shape& shape = graph.value(weight).shape;
  if (shape.size() != 2 || has_flag(node, "transA")) return std::nullopt;
  const bool out_by_in = has_flag(node, "transB");
  Layer layer;
  const Linear linear{shape[out_by_in ? 0 : 1]};
  layer.operation = linear;
  WeightSource source = source_of(reader, node, places, 1);
  if (!out_by_in) source = transposed(source);
  if (node.op == "Gemm") scale_values(source, attribute_or(node, "alpha", 1.0));
  set_weights(layer, std::move(source), {linear.out_features, shape[out_by_in ? 1 : 0]});
  set_quantizer(layer, reader, node, places);
  set_bias(layer, reader, node, places, linear.out_features);
  return layer;
}

}  // namespace

std::optional<Layer> matrix_layer(const Graph& graph, const QuantizationReader& reader,
                                  const Node& node) {
  const auto places = places_of(node.op);
  if (!places) return std::nullopt;
  const int weight = input_at(node, places->weight);
  if (reader.is_fixed(node.inputs[0])) return std::nullopt;
  const std::array needed{weight, input_at(node, places->bias),
                          input_at(node, places->weight_scale),
                          input_at(node, places->weight_zero_point)};
  const bool known = std::all_of(needed.begin(), needed.end(), [&](int input) {
    return input == kNoValue || reader.is_fixed(input);
  });
  if (!known) return std::nullopt;
  const bool convolves = node.op.find("Conv") != std::string::npos;
  return convolves ? conv_layer(graph, reader, node, *places)
                   : linear_layer(graph, reader, node, *places);
}

}  // namespace pimento::workloads
