// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/graph_reader.h"

#include <filesystem>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "workloads/limits.h"
#include "workloads/onnx/graph_order.h"
#include "workloads/onnx/layer_names.h"
#include "workloads/onnx/model.h"
#include "workloads/onnx/node_reader.h"
#include "workloads/onnx/operators.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;
using ::onnx::ValueInfoProto;

// The input that no initializer gives a value to.
const ValueInfoProto& only_input(const GraphProto& graph, const std::string& file_name) {
  std::unordered_set<std::string_view> initialized;
  for (const auto& tensor : graph.initializer()) initialized.insert(tensor.name());
  std::vector<const ValueInfoProto*> open;
  std::vector<std::string> names;
  for (const ValueInfoProto& input : graph.input()) {
    if (initialized.contains(input.name())) continue;
    open.push_back(&input);
    if (names.size() < 5) names.push_back(quote(input.name()));
  }
  if (open.empty()) fail(file_name, "the graph has no input; expected one");
  if (open.size() > 1) {
    fail(file_name,
         fmt::format("the graph has {} inputs without values ({}{}); expected one; weights must be "
                     "initializers",
                     open.size(), join(names), open.size() > names.size() ? ", ..." : ""));
  }
  return *open.front();
}

struct InputForm {
  Shape shape;                        // without the batch
  std::optional<std::int64_t> batch;  // empty when it is symbolic
};

InputForm form_of(const ValueInfoProto& input, const std::string& file_name) {
  const std::string where = fmt::format("{}: input {}", file_name, quote(input.name()));
  if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
    fail(where, "has no declared tensor shape; expected batch x ...; export the model with one");
  }
  const auto& dims = input.type().tensor_type().shape().dim();
  if (dims.size() < 2 || dims.size() > kMaxRank) {
    fail(where,
         fmt::format("has the rank {}; expected 2 to {}, the batch first", dims.size(), kMaxRank));
  }
  InputForm form;
  for (int i = 0; i < dims.size(); ++i) {
    if (!dims[i].has_dim_value()) {
      if (i == 0) continue;
      fail(where, fmt::format("dimension {} ({}) is open; only the batch may be; export the model "
                              "with a fixed size",
                              i, quote(dims[i].dim_param())));
    }
    const std::int64_t extent = dims[i].dim_value();
    if (extent < 1) {
      fail(where, fmt::format("dimension {} is {}; expected 1 or more", i, extent));
    }
    if (i == 0) {
      form.batch = extent;
    } else {
      form.shape.push_back(extent);
    }
  }
  const auto count = checked_product(form.shape);
  if (!count || *count >= kMaxElements) {
    fail(where, fmt::format("{} is 2^40 values or more; expected fewer", to_string(form.shape)));
  }
  return form;
}

std::string description_of(const ModelProto& model, std::int64_t opset) {
  std::string text = fmt::format("ONNX, opset {}", opset);
  if (!model.producer_name().empty()) {
    text += ", from " + printable(model.producer_name());
    if (!model.producer_version().empty()) text += " " + printable(model.producer_version());
  }
  return text;
}

ReadOperator operator_of(const NodeProto& node, const std::string& where) {
  const ReadOperator* found =
      is_standard_domain(node.domain()) ? operators().find(node.op_type()) : nullptr;
  if (found == nullptr) {
    fail(where, fmt::format("operator {} (domain {}) is not supported; known operators: {}",
                            quote(node.op_type()),
                            quote(node.domain().empty() ? "ai.onnx" : node.domain()),
                            join(operators().names())));
  }
  return *found;
}

TensorTable tensors_of(const GraphProto& graph, const ValueInfoProto& input,
                       const std::vector<int>& order, const std::string& file_name) {
  TensorTable tensors(file_name);
  for (const auto& tensor : graph.initializer()) {
    tensors.set_constant(tensor.name(), ConstantTensor{tensor.name(), &tensor});
  }
  tensors.set_layer(input.name(), kNetworkInput);
  for (const int node : order) {
    for (const std::string& name : graph.node(node).input()) tensors.count_use(name);
  }
  tensors.count_use(graph.output(0).name());
  return tensors;
}

}  // namespace

Network read_graph(const ModelProto& model, const std::string& file_name) {
  const GraphProto& graph = model.graph();
  ModelFacts facts;
  facts.opset = check_versions(model, file_name);
  const ValueInfoProto& input = only_input(graph, file_name);
  const std::vector<int> order = needed_nodes(graph, file_name);
  InputForm form = form_of(input, file_name);
  facts.batch = form.batch;

  Network network;
  network.name = std::filesystem::path(file_name).stem().string();
  network.source = file_name;
  network.description = description_of(model, facts.opset);
  network.input_shape = std::move(form.shape);
  network.weight_origin.origin = ValueOrigin::kFile;
  network.weight_origin.file = file_name;

  TensorTable tensors = tensors_of(graph, input, order, file_name);
  const LayerNames names(graph, order);
  for (const int index : order) {
    const NodeProto& node = graph.node(index);
    std::string where = node_place(file_name, graph, index);
    const ReadOperator read = operator_of(node, where);
    NodeReader reader(node, std::move(where), names.name_of(index), facts, tensors, network);
    read(reader);
  }
  if (network.layers.empty()) fail(file_name, "the graph computes nothing; expected a network");
  if (!tensors.layer(graph.output(0).name())) {
    fail(file_name, fmt::format("the graph's output {} is a constant; expected a computed tensor",
                                quote(graph.output(0).name())));
  }
  return network;
}

}  // namespace pimento::workloads::onnx_import
