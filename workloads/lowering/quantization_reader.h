// SPDX-License-Identifier: Apache-2.0
// What a graph says about the weights and inputs of a layer, in whichever of the quantized forms
// the exporter chose.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/lowering/stored_weights.h"

namespace pimento::workloads {

// Reads constants and quantizers of a graph.
class QuantizationReader {
 public:
  explicit QuantizationReader(const Graph& graph);

  // Whether no input of the network decides a value.
  [[nodiscard]] bool is_fixed(int value) const;
  // A fixed value. Throws InputError when it takes too many operators to compute.
  [[nodiscard]] Array fixed_value(int value) const;

  // The weights behind an operator's input; the value must be fixed.
  [[nodiscard]] WeightSource weights(int value) const;
  // Weights that are integers in the operator's own inputs (QLinearConv, ConvInteger): their scale
  // and zero point are other inputs, kNoValue where there are none. `axis` is theirs when they are
  // many.
  [[nodiscard]] WeightSource integer_weights(int value, int scale, int zero_point,
                                             std::size_t axis) const;

  // The quantizer behind a computed value, through operators that keep values on their grid.
  [[nodiscard]] std::optional<InputQuantizer> quantizer_of(int value) const;
  // Of an operator whose inputs are the integers, their scale and their zero point.
  [[nodiscard]] InputQuantizer integer_quantizer(int value, int scale, int zero_point) const;

 private:
  [[nodiscard]] Array evaluated(int value, int depth) const;
  // What a node makes of the values of its first inputs; the others are evaluated.
  [[nodiscard]] std::vector<Array> outputs_of(const Node& node, std::vector<Array> inputs,
                                              int depth) const;
  [[nodiscard]] WeightSource source(int value, int depth) const;
  [[nodiscard]] WeightSource dequantized(const Node& node, int depth) const;
  [[nodiscard]] WeightSource rounded(const Node& node, int depth) const;
  [[nodiscard]] WeightSource moved(const Node& node, int depth) const;
  // The bits that a Clip leaves of the type of the integers it makes.
  [[nodiscard]] std::optional<int> clipped_bits(int value, int depth) const;
  // Sources without integers: the grids of FakeQuantize, of BipolarQuant, and of Quant and Trunc.
  [[nodiscard]] WeightSource levels_grid(const Node& node, const Shape& shape, int depth) const;
  [[nodiscard]] WeightSource bipolar_grid(const Node& node, const Shape& shape, int depth) const;
  [[nodiscard]] WeightSource bit_width_grid(const Node& node, const Shape& shape, int depth) const;
  // The quantizer that a node is, and that of FakeQuantize.
  [[nodiscard]] InputQuantizer quantizer(const Node& node) const;
  [[nodiscard]] InputQuantizer bipolar_quantizer(int scale) const;
  [[nodiscard]] InputQuantizer levels_quantizer(const Node& node) const;
  [[nodiscard]] const Node* maker(int value) const;
  [[noreturn]] void fail(const Node& node, const std::string& message) const;

  const Graph& graph_;
  std::vector<int> makers_;
  std::vector<bool> fixed_;
  mutable std::int64_t budget_;  // of cost left for computing values, against hostile graphs
};

}  // namespace pimento::workloads
