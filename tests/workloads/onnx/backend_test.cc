// SPDX-License-Identifier: Apache-2.0
// ONNX's own backend tests, as Debian's libonnx-testdata installs them: every model all of whose
// operators are claimed runs through the importer and the executor and gives the expected outputs;
// every other is refused by the name of an operator.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <onnx/onnx.pb.h>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "workloads/executor.h"
#include "workloads/importers.h"
#include "workloads/onnx/model.h"
#include "workloads/onnx/operator_names.h"
#include "workloads/onnx/tensor_reader.h"

namespace pimento::workloads::onnx_import {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "/usr/share/libonnx-testdata/data";
constexpr std::uint64_t kLimit = std::uint64_t{1} << 30;

// Models that use a claimed operator in a way that is refused, and the words of the refusal.
const std::map<std::string, std::string>& refused() {
  static const std::map<std::string, std::string> kRefused{
      // Inference only.
      {"test_batchnorm_epsilon_training_mode", "training_mode is 1"},
      {"test_batchnorm_example_training_mode", "training_mode is 1"},
      {"test_training_dropout_default", "drops values as in training"},
      {"test_training_dropout_default_mask", "drops values as in training"},
      {"test_training_dropout", "drops values as in training"},
      {"test_training_dropout_mask", "drops values as in training"},
      {"test_training_dropout_zero_ratio", "drops values as in training"},
      {"test_training_dropout_zero_ratio_mask", "drops values as in training"},
      // Text is no number, and a sequence no tensor.
      {"test_cast_FLOAT_to_STRING", "STRING"},
      {"test_cast_STRING_to_FLOAT", "STRING"},
      {"test_castlike_FLOAT_to_STRING", "STRING"},
      {"test_castlike_STRING_to_FLOAT", "STRING"},
      {"test_castlike_FLOAT_to_STRING_expanded", "STRING"},
      {"test_castlike_STRING_to_FLOAT_expanded", "STRING"},
      {"test_equal_string", "STRING"},
      {"test_equal_string_broadcast", "STRING"},
      {"test_identity_sequence", "is no tensor"},
      {"test_identity_opt", "is no tensor"},
      // Their data has another shape than the model declares.
      {"test_castlike_FLOAT_to_BFLOAT16", "of 3x4; found"},
      {"test_castlike_FLOAT_to_BFLOAT16_expanded", "of 3x4; found"},
      {"test_castlike_BFLOAT16_to_FLOAT", "of 3x4; found"},
      {"test_castlike_BFLOAT16_to_FLOAT_expanded", "of 3x4; found"},
  };
  return kRefused;
}

struct Case {
  std::string kind;
  fs::path folder;
  [[nodiscard]] std::string name() const { return folder.filename().string(); }
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const char* kind : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    for (const auto& entry : fs::directory_iterator(kData / kind)) {
      if (fs::exists(entry.path() / "model.onnx")) cases.push_back({kind, entry.path()});
    }
  }
  std::sort(cases.begin(), cases.end(),
            [](const Case& a, const Case& b) { return a.folder < b.folder; });
  return cases;
}

::onnx::ModelProto model_of(const Case& test) {
  ::onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(read_file(test.folder / "model.onnx", kLimit)));
  return model;
}

// The operators of a model that this program does not know; functions and subgraphs count.
std::set<std::string> unclaimed(const ::onnx::ModelProto& model) {
  std::set<std::string> names;
  for (const auto& node : model.graph().node()) {
    if (!known_operator(node.domain(), node.op_type())) names.insert(node.op_type());
  }
  return names;
}

Array tensor_in(const fs::path& file) {
  ::onnx::TensorProto proto;
  EXPECT_TRUE(proto.ParseFromString(read_file(file, kLimit))) << file;
  return decode(TensorReader(fs::path()).read(proto, file.string()));
}

std::vector<Array> tensors(const fs::path& set, const std::string& prefix, std::size_t count) {
  std::vector<Array> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(tensor_in(set / fmt::format("{}_{}.pb", prefix, i)));
  }
  return result;
}

// Integers exactly; reals to 1e-5 of their size, but no finer than the type's own rounding.
std::string difference(const Array& expected, const Array& found, double relative) {
  if (expected.type != found.type || expected.shape != found.shape) {
    return fmt::format("expected {} of {}, found {} of {}", name_of(expected.type),
                       to_string(expected.shape), name_of(found.type), to_string(found.shape));
  }
  for (std::int64_t i = 0; i < expected.size(); ++i) {
    const double a = expected.real(i);
    const double b = found.real(i);
    if (expected.holds_integers() ? a == b : (std::isnan(a) && std::isnan(b)) || a == b) continue;
    double tolerance = expected.holds_integers() ? 0.0 : relative * std::max(1.0, std::abs(a));
    if (expected.type == ElementType::kFloat16) tolerance = 1e-3 * std::max(1.0, std::abs(a));
    if (expected.type == ElementType::kBfloat16) tolerance = 8e-3 * std::max(1.0, std::abs(a));
    if (!(std::abs(a - b) <= tolerance)) {
      return fmt::format("value {}: expected {}, found {}", i, a, b);
    }
  }
  return "";
}

// The data of bfloat16 tensors is stored as uint16.
void take_bits(Array& array, ElementType type) {
  if (type != ElementType::kBfloat16 || array.type != ElementType::kUint16) return;
  Constant bits = encode(array);
  bits.type = type;
  array = decode(bits);
}

bool is_plain_input(const ::onnx::ValueInfoProto& input) {
  return input.type().tensor_type().shape().dim_size() < 2;
}

// The inputs that are no initializers at the same time: those the data are for.
std::vector<::onnx::ValueInfoProto> open_inputs(const ::onnx::ModelProto& model) {
  std::set<std::string> given;
  for (const auto& tensor : model.graph().initializer()) given.insert(tensor.name());
  std::vector<::onnx::ValueInfoProto> result;
  for (const auto& input : model.graph().input()) {
    if (!given.contains(input.name())) result.push_back(input);
  }
  return result;
}

// The outputs for one data set. Where shapes hang on values, the small inputs are fixed.
std::vector<Array> outputs_of(const Case& test, const ::onnx::ModelProto& model,
                              const fs::path& set) {
  OnnxOptions options;
  options.keep_batch = true;
  const std::string content = read_file(test.folder / "model.onnx", kLimit);
  const std::string name = test.name() + "/model.onnx";
  const auto declared = open_inputs(model);
  std::vector<Array> inputs;
  std::optional<Graph> graph;
  try {
    graph = read_onnx_graph(content, name, options);
    inputs = tensors(set, "input", declared.size());
  } catch (const InputError& error) {
    if (std::string(error.what()).find("computed while") == std::string::npos) throw;
    inputs = tensors(set, "input", declared.size());
    std::vector<Array> open;
    for (std::size_t i = 0; i < declared.size(); ++i) {
      Array& values = inputs[i];
      if (is_plain_input(declared[i])) {
        options.fixed_inputs.emplace(declared[i].name(), encode(values));
      } else {
        open.push_back(std::move(values));
      }
    }
    inputs = std::move(open);
    graph = read_onnx_graph(content, name, options);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    take_bits(inputs[i], graph->value(graph->inputs[i]).type);
  }
  return Executor(*graph).run(inputs);
}

// The expected values of the window functions were computed with 3.1415 for pi.
double tolerance_of(const std::string& name) {
  return name.find("window") == std::string::npos ? 1e-5 : 1e-4;
}

void run_case(const Case& test, const ::onnx::ModelProto& model) {
  int sets = 0;
  for (const auto& set : fs::directory_iterator(test.folder)) {
    if (!set.is_directory()) continue;
    ++sets;
    const std::vector<Array> results = outputs_of(test, model, set.path());
    std::vector<Array> expected = tensors(set.path(), "output", results.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      take_bits(expected[i], results[i].type);
      EXPECT_EQ(difference(expected[i], results[i], tolerance_of(test.name())), "")
          << test.name() << ", output " << i;
    }
  }
  EXPECT_GT(sets, 0) << test.name();
}

TEST(OnnxBackend, EveryModelOfClaimedOperatorsGivesItsOutputs) {
  if (!fs::exists(kData)) GTEST_SKIP() << "libonnx-testdata is not installed";
  std::map<std::string, int> passed_by_kind;
  std::map<std::string, int> models_by_op;
  for (const Case& test : all_cases()) {
    const ::onnx::ModelProto model = model_of(test);
    if (!unclaimed(model).empty()) continue;
    try {
      run_case(test, model);
      EXPECT_FALSE(refused().contains(test.name())) << test.name() << " is no longer refused";
      ++passed_by_kind[test.kind];
      std::set<std::string> ops;
      for (const auto& node : model.graph().node()) ops.insert(node.op_type());
      for (const std::string& op : ops) ++models_by_op[op];
    } catch (const InputError& error) {
      const auto expected = refused().find(test.name());
      if (expected == refused().end()) {
        ADD_FAILURE() << test.kind << "/" << test.name() << ": " << error.what();
      } else {
        EXPECT_NE(std::string(error.what()).find(expected->second), std::string::npos)
            << test.name() << ": " << error.what();
      }
    }
  }
  std::string summary;
  for (const auto& [kind, count] : passed_by_kind) summary += fmt::format("{} {}, ", kind, count);
  std::string ops;
  for (const auto& [op, count] : models_by_op) ops += fmt::format("{} {}, ", op, count);
  RecordProperty("passed", summary);
  RecordProperty("models_by_operator", ops);
  EXPECT_GE(passed_by_kind["node"], 500);
  EXPECT_GE(passed_by_kind["pytorch-converted"], 70);
}

TEST(OnnxBackend, OtherModelsAreRefusedByAnOperatorsName) {
  if (!fs::exists(kData)) GTEST_SKIP() << "libonnx-testdata is not installed";
  for (const Case& test : all_cases()) {
    const std::set<std::string> names = unclaimed(model_of(test));
    if (names.empty()) continue;
    OnnxOptions options;
    options.keep_batch = true;
    try {
      (void)read_onnx_graph(read_file(test.folder / "model.onnx", kLimit), "model.onnx", options);
      ADD_FAILURE() << test.name() << " is read though it has unclaimed operators";
    } catch (const InputError& error) {
      const std::string text = error.what();
      const bool named = std::any_of(names.begin(), names.end(), [&](const std::string& op) {
        return text.find(fmt::format("\"{}\"", op)) != std::string::npos;
      });
      const bool other_kind = text.find("is no tensor") != std::string::npos ||
                              text.find("is not read") != std::string::npos ||
                              text.find("names no opset") != std::string::npos;
      EXPECT_TRUE(named || other_kind) << test.name() << ": " << text;
    }
  }
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
