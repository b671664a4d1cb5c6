// SPDX-License-Identifier: Apache-2.0
// The network every importer fills: layers as a graph in topological order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "workloads/bit_sparse.h"
#include "workloads/graph/graph.h"
#include "workloads/layer.h"

namespace pimento::workloads {

// A weight layer as a matrix: what one output position multiplies. A grouped convolution is
// `groups` such matrices side by side.
struct MatrixShape {
  std::int64_t groups = 1;
  std::int64_t rows = 0;       // per group: kernel area x input channels of the group
  std::int64_t columns = 0;    // per group: output channels of the group
  std::int64_t positions = 0;  // output positions an image
  [[nodiscard]] std::int64_t weights() const { return groups * rows * columns; }
  [[nodiscard]] std::int64_t macs() const { return weights() * positions; }
};

// Where values come from; printed in every report.
enum class ValueOrigin { kFile, kSynthetic };
struct WeightOrigin {
  ValueOrigin origin = ValueOrigin::kSynthetic;
  std::string file;  // kFile
  // kSynthetic: "gaussian", N(0, 1) scaled so that 4 sigma is full range; "uniform"; "bit_sparse".
  std::string distribution = "gaussian";
  std::uint64_t seed = 1;
  BitSparse bit_sparse;  // of that distribution
  // "file digits_cnn.onnx", "synthetic gaussian, seed 1" or, with all parameters,
  // "synthetic bit_sparse (9x8 blocks, ...), seed 1".
  [[nodiscard]] std::string str() const;
};

// A published paper's own way of counting, kept apart from the true counts: which layers its size
// figure includes, and layers whose MACs it counts otherwise.
struct CountingRule {
  std::string name;
  std::string source;
  std::vector<std::string> exclude;                  // globs of layers left out of the size
  std::vector<std::string> with_bias;                // globs of layers whose bias counts too
  std::map<std::string, std::int64_t> counted_macs;  // layer -> MACs an image under this rule
};

// An input of the network beside the first: a mask, positions, a second picture.
struct MoreInput {
  std::string name;
  Shape shape;
};

class Network {
 public:
  std::string name;
  std::string source;  // file the network came from
  std::string description;
  Shape input_shape;
  int input_bits = 8;  // of the network's input values
  std::vector<MoreInput> more_inputs;
  WeightOrigin weight_origin;
  std::vector<Layer> layers;  // topological: inputs come before users
  std::vector<CountingRule> counting_rules;
  bool is_described = false;          // layer by layer, in a file of ours
  std::string mac_rule = "standard";  // name of the rule that `macs()` follows
  // What the network was read from, operator by operator; null for descriptions without values.
  std::shared_ptr<const Graph> graph;

  // Adds a layer and infers its shape. Throws InputError on an unknown or repeated name, a wrong
  // number of inputs or shapes that do not fit. Returns its index.
  int add(Layer layer);
  // -1 when there is none.
  [[nodiscard]] int find(const std::string& layer_name) const;
  [[nodiscard]] const Shape& shape_of(int index) const;
  [[nodiscard]] const CountingRule* rule(const std::string& rule_name) const;
  // Indices of the layers that multiply by weights, in order.
  [[nodiscard]] std::vector<int> weight_layers() const;
  [[nodiscard]] MatrixShape matrix(int index) const;
  // MACs of a layer an image, under mac_rule.
  [[nodiscard]] std::int64_t macs(int index) const;
  // Whether the file says how its weights are quantized.
  [[nodiscard]] bool is_quantized() const;
  // MACs an image of products that no crossbar holds: of two computed matrices, above all.
  [[nodiscard]] std::int64_t digital_macs() const;
  // Checks what no single layer can: at least one weight layer, no dead ends but the last layer,
  // sizes below the limits of this program. Throws InputError.
  void validate() const;

 private:
  [[nodiscard]] bool has_layer(const std::string& layer_name) const;

  std::unordered_map<std::string, int> index_;  // layer name -> index, of the layers add() made
};

// Size of the weights under a counting rule ("standard": every weight layer, no biases).
struct ModelSize {
  std::string rule;
  std::int64_t parameters = 0;
  std::int64_t bits = 0;
  [[nodiscard]] double mebibytes() const { return double(bits) / 8.0 / 1048576.0; }
  // Against 32-bit parameters.
  [[nodiscard]] double compression() const {
    return bits == 0 ? 0.0 : 32.0 * double(parameters) / double(bits);
  }
};
[[nodiscard]] ModelSize model_size(const Network& network, const std::string& rule);

// The signed integer weights of a layer at its precision, row-major over {out, in...}: those of a
// quantized file, if it has them in as many bits; else quantized symmetrically from the real values
// (scale max|w| / (2^(bits-1) - 1)), or drawn from the declared synthetic distribution. The latter
// two lie in [-(2^(bits-1) - 1), 2^(bits-1) - 1]; one bit gives {-1, 0} in two's complement terms.
[[nodiscard]] std::vector<std::int32_t> integer_weights(const Network& network, int index);

// What the integers of integer_weights() stand for: real = scale x (integer - zero point), both
// broadcasting to the weights. Drawn ones have the scale that keeps the spread of values through
// layers with rectifiers, sqrt(2 / inputs) (He et al., ICCV 2015, eq. 10); one-bit ones of real
// weights the mean magnitude (Rastegari et al., ECCV 2016, eq. 6).
struct WeightGrid {
  Array scale;
  Array zero_point;
};
[[nodiscard]] WeightGrid weight_grid(const Network& network, int index);

}  // namespace pimento::workloads
