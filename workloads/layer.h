// SPDX-License-Identifier: Apache-2.0
// One node of a network: an operation, where its inputs come from, and its constants.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "workloads/tensor.h"

namespace pimento::workloads {

// A window sliding over an image, as ONNX defines it. Pads are {top, left, bottom, right}.
struct Window {
  std::array<std::int64_t, 2> kernel{1, 1};
  std::array<std::int64_t, 2> stride{1, 1};
  std::array<std::int64_t, 2> dilation{1, 1};
  std::array<std::int64_t, 4> pads{0, 0, 0, 0};
  bool ceil_mode = false;
};

struct Conv {
  std::int64_t out_channels = 0;
  std::int64_t groups = 1;
  Window window;
};
// y = x W^T + b on the last axis; leading axes are positions that share the weights.
struct Linear {
  std::int64_t out_features = 0;
};
enum class PoolKind { kMax, kAverage };
struct Pool {
  PoolKind kind = PoolKind::kMax;
  Window window;
  bool count_padding = false;  // average: whether padded zeros count in the divisor
};
struct GlobalPool {
  PoolKind kind = PoolKind::kAverage;
};
struct Add {};  // two inputs of one shape
struct BatchNorm {
  double epsilon = 1e-5;
};
struct Relu {};
struct Clip {
  double min = 0.0;
  double max = 6.0;
};
struct Softmax {};
struct Flatten {};
struct Reshape {
  Shape shape;
};
struct Identity {};

using Operation = std::variant<Conv, Linear, Pool, GlobalPool, Add, BatchNorm, Relu, Clip, Softmax,
                               Flatten, Reshape, Identity>;

// "conv", "linear", "max_pool", ...: the word used in descriptors and reports.
[[nodiscard]] std::string operation_name(const Operation& operation);

// How many inputs an operation takes.
[[nodiscard]] int input_count(const Operation& operation);

// The output shape; throws InputError that says what is wrong with the shapes or the window.
[[nodiscard]] Shape infer_shape(const Operation& operation, const std::vector<Shape>& inputs);

// Bits of a layer that multiplies by weights.
struct Precision {
  int weight_bits = 8;
  int activation_bits = 8;  // of the layer's input
  friend bool operator==(const Precision&, const Precision&) = default;
};

inline constexpr int kNetworkInput = -1;

struct Layer {
  std::string name;
  Operation operation;
  std::vector<int> inputs;  // indices of earlier layers; kNetworkInput is the network's input
  Shape shape;              // of the output

  // Constants. Conv and Linear: weight, and bias if present. BatchNorm: the four vectors.
  // Null where the network was described without values.
  std::shared_ptr<const Tensor> weight;
  std::shared_ptr<const Tensor> bias;
  std::array<std::shared_ptr<const Tensor>, 4> batch_norm;  // scale, shift, mean, variance
  bool has_bias = false;

  Precision precision;  // meaningful where has_weights()

  [[nodiscard]] bool has_weights() const {
    return std::holds_alternative<Conv>(operation) || std::holds_alternative<Linear>(operation);
  }
};

}  // namespace pimento::workloads
