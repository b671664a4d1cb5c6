// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/layer_names.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {
namespace {

constexpr std::string_view kWeightSuffix = ".weight";

bool has_weights(const std::string& op) {
  return op == "Conv" || op == "Gemm" || op == "MatMul";
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
    if (node.op_type() == "Identity" && node.input_size() == 1) {
      const auto origin = renamed_.find(node.input(0));
      renamed_.emplace(node.output(0), origin == renamed_.end() ? node.input(0) : origin->second);
    }
    for (const std::string& name : candidates(node)) ++claims_[name];
  }
}

std::string LayerNames::weight_name(const ::onnx::NodeProto& node) const {
  if (!has_weights(node.op_type()) || node.input_size() < 2) return "";
  const auto origin = renamed_.find(node.input(1));
  return origin == renamed_.end() ? node.input(1) : origin->second;
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
  if (has_weights(node.op_type())) suggest(module_path(node.name(), node.op_type()));
  suggest(node.name());
  suggest(node.output(0));
  return names;
}

std::string LayerNames::name_of(int node) const {
  const ::onnx::NodeProto& proto = graph_.node(node);
  for (std::string& name : candidates(proto)) {
    if (claims_.at(name) == 1) return std::move(name);
  }
  return printable(proto.output(0));
}

}  // namespace pimento::workloads::onnx_import
