// SPDX-License-Identifier: Apache-2.0
// What an operator's reader sees: the attributes and inputs of its node, checked as they are asked
// for, and the ways to say what the node's output is.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <onnx/onnx.pb.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "workloads/network.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {

// A tensor whose values the file holds, and the name it has in the graph.
struct ConstantTensor {
  std::string name;
  const ::onnx::TensorProto* proto = nullptr;
};

// What every tensor name of the graph stands for, as far as the reading has come.
class TensorTable {
 public:
  explicit TensorTable(std::string file_name) : file_name_(std::move(file_name)) {}

  void set_constant(const std::string& name, ConstantTensor constant);
  // For values that an attribute holds: the table keeps the tensor.
  void set_constant(const std::string& name, ::onnx::TensorProto proto);
  void set_layer(const std::string& name, int layer);
  [[nodiscard]] const ConstantTensor* constant(const std::string& name) const;
  [[nodiscard]] std::optional<int> layer(const std::string& name) const;

  void count_use(const std::string& name) { ++uses_[name]; }
  [[nodiscard]] int uses(const std::string& name) const;

  // The values of a constant. Throws InputError naming the tensor.
  [[nodiscard]] Constant decode(const ConstantTensor& constant) const;
  // Weights: real and finite. `transposed` turns {in, out} into {out, in}. One tensor used by many
  // layers is decoded once and shared by them.
  [[nodiscard]] std::shared_ptr<const Tensor> weights(const ConstantTensor& constant,
                                                      bool transposed);

 private:
  std::string file_name_;
  std::unordered_map<std::string, ConstantTensor> constants_;
  std::unordered_map<std::string, int> layers_;
  std::unordered_map<std::string, int> uses_;
  std::vector<std::unique_ptr<::onnx::TensorProto>> owned_;
  std::map<std::pair<const ::onnx::TensorProto*, bool>, std::shared_ptr<const Tensor>> weights_;
};

// What holds for all nodes of a model.
struct ModelFacts {
  std::int64_t opset = 0;
  std::optional<std::int64_t> batch;  // of the graph's input; empty when it is left open
};

// Bounds of an attribute, both included.
struct Bounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

class NodeReader {
 public:
  // `where` names file and node in messages; `layer_name` is the name of the layer to be.
  NodeReader(const ::onnx::NodeProto& node, std::string where, std::string layer_name,
             const ModelFacts& model, TensorTable& tensors, Network& network);

  [[nodiscard]] const ModelFacts& model() const { return model_; }
  [[nodiscard]] const std::string& op() const { return node_.op_type(); }
  [[noreturn]] void fail(const std::string& message) const;

  // Attributes. Each name counts as known once it was asked for.
  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t otherwise,
                                     Bounds bounds);
  [[nodiscard]] double real(const std::string& name, double otherwise);
  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise);
  template <std::size_t N>
  [[nodiscard]] std::optional<std::array<std::int64_t, N>> integers(const std::string& name,
                                                                    Bounds bounds);
  // The attribute in any form, or nullptr.
  [[nodiscard]] const ::onnx::AttributeProto* attribute(const std::string& name);
  // Attributes that say nothing about inference.
  void ignore(const std::string& name) { known_.insert(name); }
  // Throws InputError on an attribute nobody asked for, which may change what the operator does,
  // and on one that is there twice.
  void finish() const;

  // Inputs. `role` is what the input is to the operator: "weight".
  void expect_inputs(int least, int most) const;
  [[nodiscard]] bool has_input(int index) const;
  [[nodiscard]] bool is_constant(int index) const;
  // The layer (or network input) that computes an input, and its shape without the batch.
  [[nodiscard]] int computed(int index, std::string_view role) const;
  [[nodiscard]] const Shape& shape(int layer) const { return network_.shape_of(layer); }
  [[nodiscard]] const ConstantTensor& constant(int index, std::string_view role) const;
  [[nodiscard]] Constant values(int index, std::string_view role) const;
  // The one value of a constant input.
  [[nodiscard]] double scalar(int index, std::string_view role) const;
  [[nodiscard]] std::shared_ptr<const Tensor> weights(int index, std::string_view role,
                                                      bool transposed = false) const;
  // A constant input as a vector of `length` values times `factor`, as broadcasting makes it.
  [[nodiscard]] std::shared_ptr<const Tensor> vector(int index, std::string_view role,
                                                     std::int64_t length,
                                                     double factor = 1.0) const;
  // Whether a layer is Linear and has no bias yet.
  [[nodiscard]] bool lacks_bias(int layer) const;
  // Whether this node alone uses an input.
  [[nodiscard]] bool is_only_user(int index) const;

  // What the output is; an operator calls one of these.
  void emit(Layer layer);
  void emit_constant(const ConstantTensor& constant);
  void emit_values_of(const ::onnx::TensorProto& attribute);
  void emit_values(::onnx::TensorProto values);
  void emit_bias_of(int layer, std::shared_ptr<const Tensor> bias);

 private:
  [[nodiscard]] const std::string& input(int index) const;

  const ::onnx::NodeProto& node_;
  std::string where_;
  std::string layer_name_;
  const ModelFacts& model_;
  TensorTable& tensors_;
  Network& network_;
  std::set<std::string> known_;
};

}  // namespace pimento::workloads::onnx_import
