// SPDX-License-Identifier: Apache-2.0
// The models that come with the format itself (package libonnx-testdata) as networks: their
// declared output shapes are the oracle for the layers' shapes. backend_test.cc runs them.
#include <algorithm>
#include <filesystem>
#include <map>
#include <onnx/onnx.pb.h>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/workloads/support.h"
#include "workloads/importers.h"
#include "workloads/lowering/network_of.h"
#include "workloads/lowering/plain_layers.h"
#include "workloads/onnx/operator_names.h"

namespace pimento::workloads::onnx_import {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = "/usr/share/libonnx-testdata/data";
constexpr std::uint64_t kLimit = std::uint64_t{1} << 30;

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
    if (number++ == 0 || !fs::exists(values)) continue;
    auto tensor = load<::onnx::TensorProto>(values);
    tensor.set_name(input.name());
    *graph->add_initializer() = tensor;
  }
}

bool uses_known_operators(const ::onnx::ModelProto& model) {
  const auto& nodes = model.graph().node();
  return std::all_of(nodes.begin(), nodes.end(), [](const auto& node) {
    return known_operator(node.domain(), node.op_type()).has_value();
  });
}

// Empty when the model leaves an extent open.
std::optional<Shape> declared_output(const ::onnx::ModelProto& model) {
  Shape shape;
  for (const auto& dim : model.graph().output(0).type().tensor_type().shape().dim()) {
    if (!dim.has_dim_value()) return std::nullopt;
    shape.push_back(dim.dim_value());
  }
  return shape;
}

// With the batch as the file has it, or of one where convolutions need that.
Network network_with(const ::onnx::ModelProto& model, const std::string& name,
                     std::optional<Shape>& declared) {
  OnnxOptions options;
  options.keep_batch = true;
  const std::string content = model.SerializeAsString();
  try {
    return network_of(read_onnx_graph(content, name, options));
  } catch (const InputError& error) {
    if (std::string(error.what()).find("convolves a batch") == std::string::npos) throw;
  }
  options.keep_batch = false;
  if (declared && !declared->empty()) declared->front() = 1;
  return network_of(read_onnx_graph(content, name, options));
}

std::vector<fs::path> models_of(const std::string& room) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(kModels / room)) {
    if (fs::exists(entry.path() / "model.onnx")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

// What is known of a room: how many of its models become networks, and with weights.
struct Room {
  const char* name;
  int networks;
  int with_weights;
};

class OnnxTestData : public testing::TestWithParam<Room> {};

TEST_P(OnnxTestData, OutputShapesAreAsDeclared) {
  const Room& room = GetParam();
  if (!fs::is_directory(kModels)) GTEST_SKIP() << "libonnx-testdata is not installed";
  int networks = 0;
  int with_weights = 0;
  for (const fs::path& folder : models_of(room.name)) {
    auto model = load<::onnx::ModelProto>(folder / "model.onnx");
    if (!uses_known_operators(model) || model.graph().output_size() != 1) continue;
    give_values_to_inputs(model, folder);
    const std::string name = folder.filename().string();
    SCOPED_TRACE(name);
    auto declared = declared_output(model);
    Network network;
    try {
      network = network_with(model, name, declared);
    } catch (const InputError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with(name + ": ")) << error.what();
      continue;
    }
    const auto last = std::find_if(network.layers.begin(), network.layers.end(),
                                   [](const Layer& layer) { return layer.leaves; });
    if (!declared || last == network.layers.end()) continue;
    EXPECT_EQ(last->shape, image_shape(*declared));
    ++networks;
    if (!network.weight_layers().empty()) ++with_weights;
  }
  EXPECT_EQ(networks, room.networks);
  EXPECT_EQ(with_weights, room.with_weights);
}

INSTANTIATE_TEST_SUITE_P(Rooms, OnnxTestData,
                         testing::Values(Room{"pytorch-converted", 73, 21},
                                         Room{"pytorch-operator", 32, 3}, Room{"simple", 6, 0},
                                         Room{"node", 530, 22}),
                         [](const auto& param_info) {
                           std::string name = param_info.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// Every model of the collection, whatever it uses: one clear error or a network, never anything
// else.
TEST(OnnxTestDataWhole, EveryModelIsReadOrRefused) {
  if (!fs::is_directory(kModels)) GTEST_SKIP() << "libonnx-testdata is not installed";
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
