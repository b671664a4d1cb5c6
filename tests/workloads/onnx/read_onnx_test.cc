// SPDX-License-Identifier: Apache-2.0
// The models that come with the format itself (package libonnx-testdata), read as far as they use
// operators this importer knows. Their declared output shapes are the oracle.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/workloads/support.h"
#include "workloads/importers.h"
#include "workloads/onnx/graph_reader.h"
#include "workloads/onnx/operators.h"

namespace pimento::workloads::onnx_import {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = "/usr/share/libonnx-testdata/data";
constexpr std::uint64_t kLimit = std::uint64_t{1} << 26;

// Models that are refused, by a piece of the message, and why that is right.
const std::map<std::string, std::vector<std::string>>& refusals() {
  static const std::map<std::string, std::vector<std::string>> kTable{
      {"on 1-D data here",
       {"Conv1d", "Conv1d_dilated", "Conv1d_groups", "Conv1d_pad1", "Conv1d_pad1size1",
        "Conv1d_pad2", "Conv1d_pad2size1", "Conv1d_stride", "MaxPool1d", "MaxPool1d_stride",
        "MaxPool1d_stride_padding_dilation", "averagepool_1d_default", "maxpool_1d_default",
        "operator_maxpool"}},
      {"on 3-D data here",
       {"AvgPool3d", "AvgPool3d_stride", "AvgPool3d_stride1_pad0_gpu_input", "Conv3d",
        "Conv3d_dilated", "Conv3d_dilated_strided", "Conv3d_groups", "Conv3d_no_bias",
        "Conv3d_stride", "Conv3d_stride_padding", "MaxPool3d", "MaxPool3d_stride",
        "MaxPool3d_stride_padding", "averagepool_3d_default", "maxpool_3d_default"}},
      {"adds a constant",
       {"add", "add_bcast", "add_uint8", "operator_add_broadcast", "operator_add_size1_broadcast",
        "operator_add_size1_right_broadcast", "operator_add_size1_singleton_broadcast",
        "operator_addconstant"}},
      {"expected 2 to 8, the batch first",
       {"clip_default_inbounds", "clip_default_int8_inbounds", "clip_example", "clip_inbounds",
        "clip_outbounds", "clip_splitbounds", "dropout_default_old", "operator_view"}},
      {"outputs; expected one",
       {"batchnorm_epsilon_training_mode", "batchnorm_example_training_mode",
        "dropout_default_mask", "dropout_default_mask_ratio",
        "maxpool_with_argmax_2d_precomputed_pads", "maxpool_with_argmax_2d_precomputed_strides",
        "training_dropout_default_mask", "training_dropout_mask",
        "training_dropout_zero_ratio_mask"}},
      {"drops values as in training",
       {"training_dropout", "training_dropout_default", "training_dropout_zero_ratio"}},
      {"flattens from axis",
       {"flatten_axis0", "flatten_axis2", "flatten_axis3", "flatten_negative_axis1",
        "flatten_negative_axis2", "flatten_negative_axis4"}},
      {"the opset is 1;",
       {"globalaveragepool", "globalaveragepool_precomputed", "globalmaxpool",
        "globalmaxpool_precomputed"}},
      {"transA is 1", {"gemm_all_attributes", "gemm_transposeA"}},
      {"expected 4 values along the last axis", {"gemm_default_matrix_bias"}},
      {"input 2 (C), \"3\", is computed", {"operator_addmm"}},
      {"dimensions; expected 2", {"matmul_3d", "matmul_4d"}},
      {"has no declared tensor shape", {"identity_opt", "identity_sequence"}},
      {"the graph has no input", {"constant"}},
      {"dimension 0 is 0", {"reshape_allowzero_reordered"}},
      {"does not keep the 12 values", {"reshape_negative_extended_dims"}},
      {"without batch", {"reshape_one_dim"}},
      {"reshapes the batch to 4", {"reshape_reordered_all_dims"}},
      {"expected the last axis", {"softmax_axis_0", "softmax_axis_1"}},
  };
  return kTable;
}

std::string expected_refusal(const std::string& name) {
  for (const auto& [message, models] : refusals()) {
    if (std::find(models.begin(), models.end(), name) != models.end()) return message;
  }
  return "";
}

template <class Message>
Message load(const fs::path& path) {
  Message message;
  EXPECT_TRUE(message.ParseFromString(read_file(path, kLimit))) << path;
  return message;
}

// Single-operator models take their weights as inputs; the test vectors beside them become
// initializers, all but the first.
void give_values_to_inputs(::onnx::ModelProto& model, const fs::path& folder) {
  auto* graph = model.mutable_graph();
  std::set<std::string> given;
  for (const auto& tensor : graph->initializer()) given.insert(tensor.name());
  int number = 0;
  for (const auto& input : graph->input()) {
    if (given.contains(input.name())) continue;
    const fs::path values = folder / "test_data_set_0" / fmt::format("input_{}.pb", number);
    if (number++ == 0) continue;
    auto tensor = load<::onnx::TensorProto>(values);
    tensor.set_name(input.name());
    *graph->add_initializer() = tensor;
  }
}

bool uses_known_operators(const ::onnx::ModelProto& model) {
  const auto& nodes = model.graph().node();
  return std::all_of(nodes.begin(), nodes.end(),
                     [](const auto& node) { return operators().find(node.op_type()) != nullptr; });
}

Shape declared_output(const ::onnx::ModelProto& model) {
  Shape shape;
  for (const auto& dim : model.graph().output(0).type().tensor_type().shape().dim()) {
    shape.push_back(dim.dim_value());
  }
  EXPECT_FALSE(shape.empty());
  if (!shape.empty()) shape.erase(shape.begin());
  return shape;
}

std::vector<fs::path> models_of(const std::string& room) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(kModels / room)) {
    if (fs::exists(entry.path() / "model.onnx")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

class OnnxTestData : public testing::TestWithParam<std::pair<const char*, int>> {};

TEST_P(OnnxTestData, OutputShapesAreAsDeclared) {
  const auto& [room, expected_count] = GetParam();
  ASSERT_TRUE(fs::is_directory(kModels / room)) << "install libonnx-testdata";
  int read = 0;
  for (const fs::path& folder : models_of(room)) {
    auto model = load<::onnx::ModelProto>(folder / "model.onnx");
    if (!uses_known_operators(model)) continue;
    give_values_to_inputs(model, folder);
    const std::string name = folder.filename().string().substr(std::string("test_").size());
    const std::string refusal = expected_refusal(name);
    if (!refusal.empty()) {
      EXPECT_THAT(input_error([&] { (void)read_graph(model, name); }), testing::HasSubstr(refusal))
          << name;
      continue;
    }
    SCOPED_TRACE(name);
    Network network;
    ASSERT_NO_THROW(network = read_graph(model, name));
    EXPECT_EQ(network.layers.back().shape, declared_output(model));
    ++read;
  }
  EXPECT_EQ(read, expected_count);
}

INSTANTIATE_TEST_SUITE_P(Rooms, OnnxTestData,
                         testing::Values(std::pair{"pytorch-converted", 25},
                                         std::pair{"pytorch-operator", 4}, std::pair{"simple", 1},
                                         std::pair{"node", 63}),
                         [](const auto& param_info) {
                           std::string name = param_info.param.first;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// Every model of the collection, whatever it uses: one clear error or a network, never anything
// else.
TEST(OnnxTestDataWhole, EveryModelIsReadOrRefused) {
  ASSERT_TRUE(fs::is_directory(kModels)) << "install libonnx-testdata";
  int seen = 0;
  for (const char* room : {"pytorch-converted", "pytorch-operator", "simple", "node"}) {
    for (const fs::path& folder : models_of(room)) {
      const std::string content = read_file(folder / "model.onnx", kLimit);
      const std::string error = input_error([&] { (void)read_onnx(content, "model.onnx"); });
      EXPECT_TRUE(error == "nothing thrown" || error.starts_with("model.onnx: ")) << error;
      ++seen;
    }
  }
  EXPECT_EQ(seen, 1072);
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
