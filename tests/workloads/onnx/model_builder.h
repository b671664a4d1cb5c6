// SPDX-License-Identifier: Apache-2.0
// Small ONNX models made in memory, well-formed or broken on purpose.
#pragma once

#include <cstdint>
#include <functional>
#include <numeric>
#include <onnx/onnx.pb.h>
#include <string>
#include <vector>

#include "base/error.h"
#include "workloads/importers.h"
#include "workloads/lowering/network_of.h"

namespace pimento::workloads::onnx_import {

using Extents = std::vector<std::int64_t>;

class ModelBuilder {
 public:
  explicit ModelBuilder(std::int64_t opset = 13) {
    proto.set_ir_version(8);
    proto.add_opset_import()->set_version(opset);
  }

  // An extent of -1 is left open.
  ModelBuilder& input(const std::string& name, const Extents& extents) {
    auto* info = proto.mutable_graph()->add_input();
    info->set_name(name);
    auto* tensor = info->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(::onnx::TensorProto::FLOAT);
    tensor->mutable_shape();
    for (const std::int64_t extent : extents) {
      auto* dim = tensor->mutable_shape()->add_dim();
      if (extent == -1) {
        dim->set_dim_param("N");
      } else {
        dim->set_dim_value(extent);
      }
    }
    return *this;
  }

  ModelBuilder& output(const std::string& name) {
    proto.mutable_graph()->add_output()->set_name(name);
    return *this;
  }

  // Values 1, 2, 3, ... unless given.
  ModelBuilder& floats(const std::string& name, const Extents& extents,
                       std::vector<float> values = {}) {
    if (values.empty()) {
      const auto count =
          std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
      values.resize(static_cast<std::size_t>(count));
      std::iota(values.begin(), values.end(), 1.0F);
    }
    auto& tensor = initializer(name, ::onnx::TensorProto::FLOAT, extents);
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
    return *this;
  }

  ModelBuilder& ints(const std::string& name, const Extents& values) {
    auto& tensor =
        initializer(name, ::onnx::TensorProto::INT64, {static_cast<std::int64_t>(values.size())});
    tensor.mutable_int64_data()->Add(values.begin(), values.end());
    return *this;
  }

  ::onnx::TensorProto& initializer(const std::string& name, ::onnx::TensorProto::DataType type,
                                   const Extents& extents) {
    auto* tensor = proto.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const std::int64_t extent : extents) tensor->add_dims(extent);
    return *tensor;
  }

  ::onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs, const std::string& name = "") {
    auto* node = proto.mutable_graph()->add_node();
    node->set_op_type(op);
    for (const std::string& input : inputs) node->add_input(input);
    for (const std::string& output : outputs) node->add_output(output);
    if (!name.empty()) node->set_name(name);
    return *node;
  }

  [[nodiscard]] Network read() const {
    return network_of(read_onnx_graph(proto.SerializeAsString(), "m.onnx"));
  }

  // The message of the InputError that reading gives; "" when it gives none.
  [[nodiscard]] std::string error() const {
    try {
      (void)read();
      return "";
    } catch (const InputError& error) {
      return error.what();
    }
  }

  ::onnx::ModelProto proto;
};

inline ::onnx::AttributeProto& attribute(::onnx::NodeProto& node, const std::string& name,
                                         ::onnx::AttributeProto::AttributeType type) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(type);
  return *attribute;
}
inline void set_int(::onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  attribute(node, name, ::onnx::AttributeProto::INT).set_i(value);
}
inline void set_float(::onnx::NodeProto& node, const std::string& name, float value) {
  attribute(node, name, ::onnx::AttributeProto::FLOAT).set_f(value);
}
inline void set_ints(::onnx::NodeProto& node, const std::string& name, const Extents& values) {
  attribute(node, name, ::onnx::AttributeProto::INTS)
      .mutable_ints()
      ->Add(values.begin(), values.end());
}
inline void set_text(::onnx::NodeProto& node, const std::string& name, const std::string& value) {
  attribute(node, name, ::onnx::AttributeProto::STRING).set_s(value);
}

// A model of one node "n": x (batch left open) and the initializers into y.
struct OneNode {
  explicit OneNode(const std::string& op, const Extents& input,
                   const std::vector<std::string>& inputs = {"x"}, std::int64_t opset = 13)
      : model(opset), node(model.node(op, inputs, {"y"}, "n")) {
    Extents batched{-1};
    batched.insert(batched.end(), input.begin(), input.end());
    model.input("x", batched).output("y");
  }
  [[nodiscard]] Layer layer() const { return model.read().layers.back(); }
  // The error without the place it starts with.
  [[nodiscard]] std::string error() const {
    const std::string text = model.error();
    const std::string place = "m.onnx: node \"n\": ";
    return text.starts_with(place) ? text.substr(place.size()) : text;
  }

  ModelBuilder model;
  ::onnx::NodeProto& node;
};

}  // namespace pimento::workloads::onnx_import
