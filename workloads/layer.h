// SPDX-License-Identifier: Apache-2.0
// One node of a network: an operation, where its inputs come from, and its constants.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "workloads/graph/constant.h"
#include "workloads/shape.h"

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

// Everything else that crossbars do not hold: done by digital units beside them, counted and priced
// but never mapped. Made by importers of graphs; a product of two computed matrices is one.
enum class DigitalWork { kMove, kElementwise, kReduce, kMatrix };
struct Digital {
  std::string op;  // the operator's name in its format: "LayerNormalization"
  DigitalWork work = DigitalWork::kElementwise;
  int inputs = 1;               // computed inputs
  Shape shape;                  // of the output
  std::int64_t operations = 0;  // an image; multiply-accumulates count as one
  std::int64_t macs = 0;        // of them
};

using Operation = std::variant<Conv, Linear, Pool, GlobalPool, Add, BatchNorm, Relu, Clip, Softmax,
                               Flatten, Reshape, Identity, Digital>;

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

// Integer weights as their file holds them: real = scale * (integer - zero point). Unsigned ones
// are moved into the signed range, bipolar ones (+1 and -1) are 0 and -1 with a zero point of -1/2.
struct StoredWeights {
  Constant integers;  // int32, {out, in ...}
  int bits = 8;       // of the widest
  Array scale;        // broadcasts to the integers: one, one a channel, one a block
  Array zero_point;   // likewise
  Array widths;       // likewise, the bits of each; empty where all have the same
};

[[nodiscard]] Array real_weights(const StoredWeights& stored);

// How a layer's input is quantized: real = scale * (integer - zero point).
struct InputQuantizer {
  int bits = 8;
  bool is_signed = false;
  Array scale;  // empty when it is found anew for every tensor
  Array zero_point;
};

// Inputs of the network are counted down from here: the first is -1, the next -2.
inline constexpr int kNetworkInput = -1;
[[nodiscard]] constexpr bool is_network_input(int index) {
  return index < 0;
}

struct Layer {
  std::string name;
  Operation operation;
  std::vector<int> inputs;  // indices of earlier layers, or inputs of the network
  Shape shape;              // of the output
  bool leaves = false;      // its output leaves the network; the last layer's does anyway

  // Constants. Conv and Linear: weight {out, in / groups, height, width} or {out, in}, and bias if
  // present. BatchNorm: scale, shift, mean, variance. Empty where the network was described without
  // values.
  std::optional<Constant> weight;
  std::optional<Constant> bias;
  std::array<std::optional<Constant>, 4> batch_norm;
  bool has_bias = false;

  // What a quantized file says about a layer with weights; `weight` is then empty.
  std::optional<StoredWeights> stored;
  std::optional<InputQuantizer> input_quantizer;
  int node = -1;  // of the graph the network was read from

  Precision precision;  // meaningful where has_weights()
  // Bits of a weight that its cells hold, most significant first: {4, 2, 2}. Empty: as many as a
  // cell holds.
  std::vector<int> weight_slices;

  [[nodiscard]] bool has_weights() const {
    return std::holds_alternative<Conv>(operation) || std::holds_alternative<Linear>(operation);
  }
};

}  // namespace pimento::workloads
