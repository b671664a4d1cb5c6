// SPDX-License-Identifier: Apache-2.0
#include "workloads/layer.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

void check_extents(const Shape& shape, std::string_view what) {
  if (shape.empty() || std::ssize(shape) > kMaxRank) {
    throw InputError(
        fmt::format("the {} shape has {} extents; expected 1 to {}", what, shape.size(), kMaxRank));
  }
  for (const std::int64_t extent : shape) {
    if (extent < 1) {
      throw InputError(fmt::format("the {} shape {} has an extent of {}; expected 1 or more", what,
                                   to_string(shape), extent));
    }
  }
  const auto elements = checked_product(shape);
  if (!elements || *elements >= kMaxElements) {
    throw InputError(fmt::format("the {} shape {} has 2^40 values or more; expected fewer", what,
                                 to_string(shape)));
  }
}

void check_range(std::string_view what, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) {
    throw InputError(fmt::format("{} is {}; expected {} to {}", what, value, low, high));
  }
}

void check_window(const Window& window) {
  for (const std::int64_t value : window.kernel) check_range("kernel", value, 1, kMaxWindow);
  for (const std::int64_t value : window.stride) check_range("stride", value, 1, kMaxWindow);
  for (const std::int64_t value : window.dilation) check_range("dilation", value, 1, kMaxWindow);
  for (const std::int64_t value : window.pads) check_range("pad", value, 0, kMaxWindow);
}

void check_image(const Shape& input, std::string_view what) {
  if (input.size() != 3) {
    throw InputError(
        fmt::format("{} takes an image of channels x height x width; found the input shape {}; "
                    "put a reshape before it",
                    what, to_string(input)));
  }
}

void check_weights(std::initializer_list<std::int64_t> extents) {
  const auto weights = checked_product(extents);
  if (!weights || *weights >= kMaxElements) {
    throw InputError(fmt::format("weights of {} are 2^40 values or more; expected fewer",
                                 fmt::join(extents, "x")));
  }
}

// Number of places of a window along one axis (0: height, 1: width), after the ONNX operators Conv
// and MaxPool. With ceil_mode, a last window that would start beyond the image and its leading
// padding is left out, as in PyTorch.
std::int64_t window_places(const Window& window, std::size_t axis, std::int64_t extent) {
  const std::int64_t before = window.pads[axis];
  const std::int64_t after = window.pads[axis + 2];
  const std::int64_t stride = window.stride[axis];
  const std::int64_t reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
  const std::int64_t room = extent + before + after - reach;
  if (room < 0) {
    throw InputError(
        fmt::format("the window reaches over {} {} (kernel {}, dilation {}), but the input has {} "
                    "(extent {}, pad {} and {}); use a smaller kernel or more pad",
                    reach, axis == 0 ? "rows" : "columns", window.kernel[axis],
                    window.dilation[axis], extent + before + after, extent, before, after));
  }
  if (!window.ceil_mode) return room / stride + 1;
  std::int64_t places = (room + stride - 1) / stride + 1;
  if ((places - 1) * stride >= extent + before) --places;
  return places;
}

// A pooling window that covers nothing but padding has no value.
void check_pool_padding(const Window& window, const Shape& input) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    const std::int64_t pad = std::max(window.pads[axis], window.pads[axis + 2]);
    if (pad >= reach) {
      throw InputError(fmt::format(
          "pad {} lets a window of reach {} lie wholly in the padding; use a pad below {}", pad,
          reach, reach));
    }
    if (pad > 0 && window.kernel[axis] > 1 && window.dilation[axis] > input[axis + 1]) {
      throw InputError(
          fmt::format("dilation {} steps over the whole input, whose extent is {}; use no pad or a "
                      "dilation of at most {}",
                      window.dilation[axis], input[axis + 1], input[axis + 1]));
    }
  }
}

Shape conv_shape(const Conv& conv, const Shape& input) {
  check_image(input, "conv");
  check_window(conv.window);
  check_range("out_channels", conv.out_channels, 1, kMaxElements);
  check_range("groups", conv.groups, 1, kMaxElements);
  if (input[0] % conv.groups != 0) {
    throw InputError(
        fmt::format("groups is {}, which does not divide the {} input channels; use a divisor",
                    conv.groups, input[0]));
  }
  if (conv.out_channels % conv.groups != 0) {
    throw InputError(
        fmt::format("groups is {}, which does not divide the {} output channels; use a divisor",
                    conv.groups, conv.out_channels));
  }
  check_weights(
      {conv.out_channels, input[0] / conv.groups, conv.window.kernel[0], conv.window.kernel[1]});
  return {conv.out_channels, window_places(conv.window, 0, input[1]),
          window_places(conv.window, 1, input[2])};
}

Shape linear_shape(const Linear& linear, const Shape& input) {
  check_range("out_features", linear.out_features, 1, kMaxElements);
  check_weights({linear.out_features, input.back()});
  Shape output = input;
  output.back() = linear.out_features;
  return output;
}

Shape pool_shape(const Pool& pool, const Shape& input) {
  check_image(input, operation_name(pool));
  check_window(pool.window);
  check_pool_padding(pool.window, input);
  return {input[0], window_places(pool.window, 0, input[1]),
          window_places(pool.window, 1, input[2])};
}

Shape add_shape(const std::vector<Shape>& inputs) {
  if (inputs[0] != inputs[1]) {
    throw InputError(fmt::format("add takes two inputs of one shape; found {} and {}",
                                 to_string(inputs[0]), to_string(inputs[1])));
  }
  return inputs[0];
}

// One extent may be -1: it takes what the others leave over.
Shape reshape_shape(const Reshape& reshape, const Shape& input) {
  Shape output = reshape.shape;
  const auto open_extents = std::count(output.begin(), output.end(), -1);
  if (open_extents > 1) {
    throw InputError(fmt::format("a reshape to {} leaves {} extents open; leave at most one",
                                 to_string(output), open_extents));
  }
  const auto open = std::find(output.begin(), output.end(), -1);
  const std::int64_t values = element_count(input);
  if (open != output.end()) {
    *open = 1;
    const auto known = checked_product(output);
    if (known && *known > 0 && values % *known == 0) *open = values / *known;
  }
  check_extents(output, "reshaped");
  if (element_count(output) != values) {
    throw InputError(fmt::format("a reshape to {} does not keep the {} values of its input {}",
                                 to_string(reshape.shape), values, to_string(input)));
  }
  return output;
}

Shape output_shape(const Operation& operation, const std::vector<Shape>& inputs) {
  const Shape& input = inputs.front();
  return std::visit(
      Overloaded{
          [&](const Conv& conv) { return conv_shape(conv, input); },
          [&](const Linear& linear) { return linear_shape(linear, input); },
          [&](const Pool& pool) { return pool_shape(pool, input); },
          [&](const GlobalPool& pool) {
            check_image(input, operation_name(pool));
            return Shape{input[0], 1, 1};
          },
          [&](const Add&) { return add_shape(inputs); },
          [&](const BatchNorm& norm) {
            if (!std::isfinite(norm.epsilon) || norm.epsilon < 0) {
              throw InputError(fmt::format("epsilon is {}; expected 0 or more", norm.epsilon));
            }
            return input;
          },
          [&](const Clip& clip) {
            if (!(clip.min <= clip.max)) {
              throw InputError(
                  fmt::format("min {} lies above max {}; swap them", clip.min, clip.max));
            }
            return input;
          },
          [&](const Flatten&) { return Shape{element_count(input)}; },
          [&](const Reshape& reshape) { return reshape_shape(reshape, input); },
          [&](const Digital& digital) { return digital.shape; },
          [&](const auto&) { return input; },  // Relu, Softmax, Identity
      },
      operation);
}

}  // namespace

std::string to_string(const Shape& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

std::string operation_name(const Operation& operation) {
  using std::string;
  return std::visit(
      Overloaded{
          [](const Conv&) { return string("conv"); },
          [](const Linear&) { return string("linear"); },
          [](const Pool& pool) {
            return string(pool.kind == PoolKind::kMax ? "max_pool" : "average_pool");
          },
          [](const GlobalPool& pool) {
            return string(pool.kind == PoolKind::kMax ? "global_max_pool" : "global_average_pool");
          },
          [](const Add&) { return string("add"); },
          [](const BatchNorm&) { return string("batch_norm"); },
          [](const Relu&) { return string("relu"); },
          [](const Clip&) { return string("clip"); },
          [](const Softmax&) { return string("softmax"); },
          [](const Flatten&) { return string("flatten"); },
          [](const Reshape&) { return string("reshape"); },
          [](const Identity&) { return string("identity"); },
          [](const Digital& digital) { return digital.op; },
      },
      operation);
}

int input_count(const Operation& operation) {
  if (const auto* digital = std::get_if<Digital>(&operation)) return digital->inputs;
  return std::holds_alternative<Add>(operation) ? 2 : 1;
}

Shape infer_shape(const Operation& operation, const std::vector<Shape>& inputs) {
  if (std::ssize(inputs) != input_count(operation)) {
    throw InputError(fmt::format("{} takes {} input{}; found {}", operation_name(operation),
                                 input_count(operation), input_count(operation) == 1 ? "" : "s",
                                 inputs.size()));
  }
  for (const Shape& input : inputs) check_extents(input, "input");
  Shape output = output_shape(operation, inputs);
  check_extents(output, "output");
  return output;
}

}  // namespace pimento::workloads
