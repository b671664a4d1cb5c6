// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/layer_names.h"

#include <gtest/gtest.h>

#include "tests/workloads/onnx/model_builder.h"

namespace pimento::workloads::onnx_import {
namespace {

std::vector<std::string> names_of(const ModelBuilder& model) {
  const auto& graph = model.proto.graph();
  std::vector<int> order(static_cast<std::size_t>(graph.node_size()));
  std::iota(order.begin(), order.end(), 0);
  const LayerNames names(graph, order);
  std::vector<std::string> result;
  for (const int node : order) result.push_back(names.name_of(node));
  return result;
}

using Names = std::vector<std::string>;

TEST(OnnxLayerNames, ModulePathOfScopedNodeNames) {
  EXPECT_EQ(module_path("/conv1/Conv", "Conv"), "conv1");
  EXPECT_EQ(module_path("/layer1/layer1.0/conv1/Conv", "Conv"), "layer1.0.conv1");
  EXPECT_EQ(module_path("/layer2/layer2.0/downsample/downsample.0/Conv", "Conv"),
            "layer2.0.downsample.0");
  EXPECT_EQ(module_path("/features/features.1/conv/conv.0/conv.0.0/Conv", "Conv"),
            "features.1.conv.0.0");
  EXPECT_EQ(module_path("/Gemm", "Gemm"), "");
  EXPECT_EQ(module_path("/fc/Gemm_1", "Gemm"), "");
  EXPECT_EQ(module_path("fc/Gemm", "Gemm"), "");
  EXPECT_EQ(module_path("//Gemm", "Gemm"), "");
}

TEST(OnnxLayerNames, WeightLayersTakeTheStemOfTheirWeight) {
  ModelBuilder model;
  model.node("Conv", {"x", "layer1.0.conv1.weight"}, {"a"}, "Conv_0");
  model.node("Relu", {"a"}, {"b"}, "Relu_1");
  model.node("Identity", {"fc.weight"}, {"w"}, "Identity_2");
  model.node("Gemm", {"b", "w"}, {"c"}, "Gemm_3");
  EXPECT_EQ(names_of(model), (Names{"layer1.0.conv1", "Relu_1", "Identity_2", "fc"}));
}

TEST(OnnxLayerNames, WeightsAreNamedThroughTheirQuantizers) {
  ModelBuilder model;
  model.node("QuantizeLinear", {"conv.weight", "s"}, {"q"}, "Q");
  model.node("DequantizeLinear", {"q", "s"}, {"d"}, "D");
  model.node("Conv", {"x", "d"}, {"a"}, "Conv_0");
  model.node("Quant", {"fc.weight", "s", "z", "b"}, {"w"}, "Quant_1");
  model.node("Transpose", {"w"}, {"t"}, "Transpose_2");
  model.node("MatMul", {"a", "t"}, {"b"}, "MatMul_3");
  model.node("QLinearConv", {"b", "s", "z", "last.weight", "s", "z", "s", "z"}, {"c"}, "QConv_4");
  EXPECT_EQ(names_of(model), (Names{"Q", "D", "conv", "Quant_1", "Transpose_2", "fc", "last"}));
}

TEST(OnnxLayerNames, ScopedNodeNamesStandInForFoldedWeights) {
  ModelBuilder model;
  model.node("Conv", {"x", "onnx::Conv_193"}, {"a"}, "/layer1/layer1.0/conv1/Conv");
  model.node("Relu", {"a"}, {"b"}, "/layer1/layer1.0/relu/Relu");
  EXPECT_EQ(names_of(model), (Names{"layer1.0.conv1", "/layer1/layer1.0/relu/Relu"}));
}

TEST(OnnxLayerNames, AWeightUsedTwiceNamesNoLayer) {
  ModelBuilder model;
  model.node("Gemm", {"x", "fc.weight"}, {"a"}, "first");
  model.node("Gemm", {"a", "fc.weight"}, {"b"}, "second");
  EXPECT_EQ(names_of(model), (Names{"first", "second"}));
}

TEST(OnnxLayerNames, NodesWithoutANameOfTheirOwnGoByTheirOutput) {
  ModelBuilder model;
  model.node("Relu", {"x"}, {"a"});
  model.node("Relu", {"a"}, {"b"}, "twin");
  model.node("Relu", {"b"}, {"c"}, "twin");
  EXPECT_EQ(names_of(model), (Names{"a", "b", "c"}));
}

TEST(OnnxLayerNames, NobodyTakesANameAnotherCouldHave) {
  ModelBuilder crossed;
  crossed.node("Relu", {"x"}, {"a"}, "b");
  crossed.node("Relu", {"a"}, {"b"}, "a");
  EXPECT_EQ(names_of(crossed), (Names{"a", "b"}));

  ModelBuilder all_claimed;  // the stem is the output, and both other nodes want the module's name
  all_claimed.node("Gemm", {"x", "a.weight"}, {"a"}, "/m/Gemm");
  all_claimed.node("Gemm", {"a", "m.weight"}, {"b"}, "a");
  all_claimed.node("Gemm", {"b", "w"}, {"c"}, "/m/Gemm");
  EXPECT_EQ(names_of(all_claimed), (Names{"a", "b", "c"}));
}

TEST(OnnxLayerNames, ControlCharactersAreEscaped) {
  ModelBuilder model;
  model.node("Relu", {"x"}, {"a"}, "bad\nname");
  EXPECT_EQ(names_of(model), Names{"bad\\x0aname"});
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
