// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/graph_reader.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "workloads/graph/fold.h"
#include "workloads/graph/operator.h"
#include "workloads/limits.h"
#include "workloads/onnx/attributes.h"
#include "workloads/onnx/graph_order.h"
#include "workloads/onnx/layer_names.h"
#include "workloads/onnx/operator_names.h"
#include "workloads/onnx/tensor_reader.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::ValueInfoProto;

std::string description_of(const ::onnx::ModelProto& model, std::int64_t opset) {
  std::string text = fmt::format("ONNX, opset {}", opset);
  if (!model.producer_name().empty()) {
    text += ", from " + printable(model.producer_name());
    if (!model.producer_version().empty()) text += " " + printable(model.producer_version());
  }
  return text;
}

// One extent of a graph input that the file leaves open: the batch is one.
std::int64_t extent_of(const ::onnx::TensorShapeProto::Dimension& dim, int axis,
                       const std::string& input, const std::string& where) {
  if (dim.has_dim_value()) {
    if (dim.dim_value() < 0) {
      fail(where, fmt::format("dimension {} is {}; expected 0 or more", axis, dim.dim_value()));
    }
    return dim.dim_value();
  }
  if (axis == 0) return 1;
  fail(where, fmt::format("dimension {} ({}) is open; only the batch may be; set "
                          "network.inputs.{} to the whole shape, or export the model with one",
                          axis, quote(dim.dim_param()), printable(input)));
}

class GraphBuilder {
 public:
  GraphBuilder(const ParsedModel& model, std::string file_name, const OnnxOptions& options)
      : model_(model),
        proto_(model.proto().graph()),
        file_name_(std::move(file_name)),
        options_(options),
        tensors_(options.folder) {}

  Graph build() {
    versions_ = check_versions(model_.proto(), file_name_);
    const std::vector<int> order = needed_nodes(proto_, file_name_);
    graph_.name = std::filesystem::path(file_name_).stem().string();
    graph_.source = file_name_;
    graph_.description = description_of(model_.proto(), versions_.at(""));
    add_initializers();
    add_inputs();
    const LayerNames names(proto_, order);
    for (const int node : order) add_node(node, names.name_of(node));
    for (const auto& output : proto_.output()) graph_.outputs.push_back(value_of(output.name()));
    return std::move(graph_);
  }

 private:
  void add_initializers() {
    for (int i = 0; i < proto_.initializer_size(); ++i) {
      const auto& tensor = proto_.initializer(i);
      const std::string where = fmt::format("{}: tensor {}", file_name_, quote(tensor.name()));
      std::optional<RawBytes> raw;
      if (const auto bytes = model_.raw_data(i)) raw = RawBytes{*bytes, model_.content()};
      add_constant(tensor.name(), tensors_.read(tensor, where, raw));
    }
  }

  // Shapes are given to inputs that the model has.
  void check_options() const {
    for (const auto& [name, shape] : options_.input_shapes) {
      std::vector<std::string> known;
      for (const ValueInfoProto& input : proto_.input()) {
        if (!values_.contains(input.name())) known.push_back(printable(input.name()));
      }
      if (std::find(known.begin(), known.end(), printable(name)) != known.end()) continue;
      fail(file_name_, fmt::format("is given a shape for the input {}; its inputs are: {}",
                                   quote(name), join(known)));
    }
  }

  void add_inputs() {
    check_options();
    for (const ValueInfoProto& input : proto_.input()) {
      if (values_.contains(input.name())) continue;  // an initializer with a declared type
      const auto fixed = options_.fixed_inputs.find(input.name());
      if (fixed != options_.fixed_inputs.end()) {
        add_constant(input.name(), fixed->second);
        continue;
      }
      const std::string where = fmt::format("{}: input {}", file_name_, quote(input.name()));
      if (!input.type().has_tensor_type()) fail(where, "is no tensor; expected one");
      const auto& tensor = input.type().tensor_type();
      const auto type = element_type_of(tensor.elem_type());
      if (!type) {
        fail(where, fmt::format("data type {} is not read", data_type_name(tensor.elem_type())));
      }
      Value value{printable(input.name()), *type, input_shape(input, where), std::nullopt};
      graph_.inputs.push_back(define(input.name(), std::move(value)));
    }
  }

  Shape input_shape(const ValueInfoProto& input, const std::string& where) const {
    const auto given = options_.input_shapes.find(input.name());
    if (given != options_.input_shapes.end()) return checked(given->second, where);
    const auto& tensor = input.type().tensor_type();
    if (!tensor.has_shape()) {
      fail(where, "has no declared tensor shape; expected batch x ...; export the model with one");
    }
    if (tensor.shape().dim_size() > kMaxRank) {
      fail(where, fmt::format("has the rank {}; expected at most {}", tensor.shape().dim_size(),
                              kMaxRank));
    }
    Shape shape;
    for (int i = 0; i < tensor.shape().dim_size(); ++i) {
      shape.push_back(extent_of(tensor.shape().dim(i), i, input.name(), where));
    }
    if (shape.size() > 1 && !options_.keep_batch) shape[0] = 1;
    return checked(std::move(shape), where);
  }

  static Shape checked(Shape shape, const std::string& where) {
    if (std::ssize(shape) > kMaxRank ||
        std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent < 0; })) {
      fail(where, fmt::format("is given the shape {}; expected at most {} extents of 0 or more",
                              to_string(shape), kMaxRank));
    }
    const auto count = checked_span(shape);
    if (!count || *count >= kMaxElements) {
      fail(where, fmt::format("{} is 2^40 values or more; expected fewer", to_string(shape)));
    }
    return shape;
  }

  void add_node(int index, std::string name) {
    const NodeProto& proto = proto_.node(index);
    const std::string where = node_place(file_name_, proto_, index);
    const auto op = known_operator(proto.domain(), proto.op_type());
    if (!op) {
      fail(where, fmt::format("operator {} (domain {}) is not supported; known operators: {}",
                              quote(proto.op_type()),
                              quote(proto.domain().empty() ? "ai.onnx" : proto.domain()),
                              join(standard_operators())));
    }
    if (*op == "Constant") {
      add_constant(proto.output(0), read_constant_node(proto, tensors_, where));
      return;
    }
    Node node;
    node.name = std::move(name);
    node.op = *op;
    node.version = versions_.at("");
    node.attributes = read_attributes(proto, tensors_, where);
    for (const std::string& input : proto.input()) {
      node.inputs.push_back(input.empty() ? kNoValue : value_of(input));
    }
    while (!node.inputs.empty() && node.inputs.back() == kNoValue) node.inputs.pop_back();
    std::vector<std::string> outputs;
    for (const std::string& output : proto.output()) outputs.push_back(output);
    while (!outputs.empty() && outputs.back().empty()) outputs.pop_back();
    node.outputs.assign(outputs.size(), kNoValue);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].empty()) continue;
      node.outputs[i] = define(outputs[i], Value{printable(outputs[i]), {}, {}, std::nullopt});
    }
    folder_.add(graph_, std::move(node), where);
  }

  void add_constant(const std::string& name, Constant constant) {
    Value value{printable(name), constant.type, constant.shape, std::nullopt};
    value.constant = std::move(constant);
    define(name, std::move(value));
  }

  int define(const std::string& name, Value value) {
    const int index = graph_.add_value(std::move(value));
    values_.emplace(name, index);
    return index;
  }

  [[nodiscard]] int value_of(const std::string& name) const {
    const auto it = values_.find(name);
    if (it == values_.end()) {
      fail(file_name_,
           fmt::format("{} is made by no node and is no initializer or graph input", quote(name)));
    }
    return it->second;
  }

  const ParsedModel& model_;
  const GraphProto& proto_;
  std::string file_name_;
  const OnnxOptions& options_;
  TensorReader tensors_;
  std::map<std::string, std::int64_t> versions_;
  std::unordered_map<std::string, int> values_;
  Graph graph_;
  Folder folder_;
};

}  // namespace

Graph read_graph(const ParsedModel& model, const std::string& file_name,
                 const OnnxOptions& options) {
  return GraphBuilder(model, file_name, options).build();
}

}  // namespace pimento::workloads::onnx_import
