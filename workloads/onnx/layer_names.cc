// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/layer_names.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {
namespace {

constexpr std::string_view kWeightSuffix = ".weight";

// The input that holds an operator's weights, or -1.
int weight_input(const std::string& op) {
  if (op == "Conv" || op == "Gemm" || op == "MatMul") return 1;
  if (op == "ConvInteger" || op == "MatMulInteger") return 1;
  if (op == "QLinearConv" || op == "QLinearMatMul") return 3;
  return -1;
}

// Operators that pass a weight on in another form.
bool passes_weight(const std::string& op) {
  constexpr std::array<std::string_view, 8> kPassing{
      "Identity", "QuantizeLinear", "DequantizeLinear", "Quant",
      "IntQuant", "BipolarQuant",   "FakeQuantize",     "Transpose"};
  return std::find(kPassing.begin(), kPassing.end(), op) != kPassing.end();
}

// A node has one output with a name at least.
const std::string& first_output(const ::onnx::NodeProto& node) {
  return *std::find_if(node.output().begin(), node.output().end(),
                       [](const std::string& name) { return !name.empty(); });
}

}  // namespace

std::string module_path(const std::string& node_name, const std::string& op) {
  if (!node_name.starts_with('/')) return "";
  const std::vector<std::string> parts = split(node_name.substr(1), '/');
  if (parts.size() < 2 || parts.back() != op) return "";
  std::string path;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (part.empty()) return "";
    if (parts[i + 1].starts_with(part + ".")) continue;
    path += path.empty() ? part : "." + part;
  }
  return path;
}

LayerNames::LayerNames(const ::onnx::GraphProto& graph, const std::vector<int>& order)
    : graph_(graph) {
  for (const int index : order) {
    const ::onnx::NodeProto& node = graph.node(index);
    if (passes_weight(node.op_type()) && node.input_size() > 0) {
      const auto origin = renamed_.find(node.input(0));
      renamed_.emplace(node.output(0), origin == renamed_.end() ? node.input(0) : origin->second);
    }
    for (const std::string& name : candidates(node)) ++claims_[name];
  }
}

std::string LayerNames::weight_name(const ::onnx::NodeProto& node) const {
  const int weight = weight_input(node.op_type());
  if (weight < 0 || node.input_size() <= weight) return "";
  const auto origin = renamed_.find(node.input(weight));
  return origin == renamed_.end() ? node.input(weight) : origin->second;
}

std::vector<std::string> LayerNames::candidates(const ::onnx::NodeProto& node) const {
  std::vector<std::string> names;
  const auto suggest = [&](std::string_view name) {
    if (name.empty()) return;
    std::string readable = printable(name);
    if (std::find(names.begin(), names.end(), readable) == names.end()) {
      names.push_back(std::move(readable));
    }
  };
  const std::string weight = weight_name(node);
  if (weight.ends_with(kWeightSuffix)) {
    suggest(std::string_view(weight).substr(0, weight.size() - kWeightSuffix.size()));
  }
  if (weight_input(node.op_type()) >= 0) suggest(module_path(node.name(), node.op_type()));
  suggest(node.name());
  suggest(first_output(node));
  return names;
}

std::string LayerNames::name_of(int node) const {
  const ::onnx::NodeProto& proto = graph_.node(node);
  for (std::string& name : candidates(proto)) {
    if (claims_.at(name) == 1) return std::move(name);
  }
  return printable(first_output(proto));
}

}  // namespace pimento::workloads::onnx_import
