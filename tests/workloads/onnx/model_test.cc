// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/workloads/onnx/model_builder.h"
#include "tests/workloads/support.h"
#include "workloads/importers.h"

namespace pimento::workloads::onnx_import {
namespace {

std::string parse_error(const std::string& content) {
  return input_error([&] { (void)read_onnx(content, "m.onnx"); });
}

TEST(OnnxModel, PrintableEscapesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
  EXPECT_EQ(printable(std::string("\0", 1)), "\\x00");
  EXPECT_EQ(printable("say \"hi\" \\"), "say \\\"hi\\\" \\\\");
  EXPECT_EQ(printable("größe"), "größe");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // a control sequence introducer in UTF-8
  EXPECT_EQ(printable("a\xff\xc3"), "a\\xff\\xc3");
  EXPECT_EQ(printable("\x7f"), "\\x7f");
}

TEST(OnnxModel, QuoteCutsLongNames) {
  EXPECT_EQ(quote(std::string(120, 'n')), "\"" + std::string(120, 'n') + "\"");
  EXPECT_EQ(quote(std::string(121, 'n')), "\"" + std::string(120, 'n') + "...\"");
}

TEST(OnnxModel, RefusesFilesThatAreNoModels) {
  EXPECT_EQ(parse_error(""), "m.onnx: the file is empty; expected an ONNX model");
  EXPECT_EQ(parse_error("not a model at all"),
            "m.onnx: the file is not an ONNX model, or is cut short; save or copy it again");
  ::onnx::ModelProto bare;
  bare.set_ir_version(8);
  EXPECT_EQ(parse_error(bare.SerializeAsString()),
            "m.onnx: the file holds no graph; expected an ONNX model");
}

TEST(OnnxModel, RefusesEveryTruncationOfAModel) {
  ModelBuilder model;
  model.input("x", {1, 4}).output("y").floats("fc.weight", {2, 4});
  set_int(model.node("Gemm", {"x", "fc.weight"}, {"y"}), "transB", 1);
  const std::string content = model.proto.SerializeAsString();
  EXPECT_EQ(read_onnx(content, "m.onnx").layers.size(), 1U);
  int refused = 0;
  for (std::size_t length = 0; length < content.size(); ++length) {
    if (parse_error(content.substr(0, length)) != "nothing thrown") ++refused;
  }
  // Only the opset stands behind the graph, and a model without it is refused as well.
  EXPECT_EQ(refused, static_cast<int>(content.size()));
}

TEST(OnnxModel, RefusesAFileThatGrowsWithoutMeasure) {
  // A list of empty nodes: two bytes each in the file, a hundred and more parsed.
  std::string nodes;
  for (int i = 0; i < 4'000'000; ++i) nodes += std::string_view("\x0a\x00", 2);
  std::string content = "\x3a";  // field 7, the graph
  for (std::size_t rest = nodes.size(); rest > 0; rest >>= 7) {
    content += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  }
  EXPECT_EQ(parse_error(content + nodes),
            "m.onnx: the parsed model takes far more memory than the file has bytes; expected an "
            "honest ONNX model");
}

class OnnxVersions : public testing::Test {
 protected:
  [[nodiscard]] std::string error() const {
    return input_error([&] { (void)check_versions(model_, "m.onnx"); });
  }
  void set_opset(std::int64_t version, const std::string& domain = "") {
    auto* import = model_.add_opset_import();
    import->set_version(version);
    import->set_domain(domain);
  }
  ::onnx::ModelProto model_;
};

TEST_F(OnnxVersions, TakesTheKnownRange) {
  for (const std::int64_t ir : {3, 10}) {
    for (const std::int64_t opset : {1, 21}) {
      model_.set_ir_version(ir);
      model_.clear_opset_import();
      set_opset(3, "com.example");
      set_opset(opset, opset == 1 ? "" : "ai.onnx");
      const std::map<std::string, std::int64_t> expected{{"", opset}, {"com.example", 3}};
      EXPECT_EQ(check_versions(model_, "m.onnx"), expected);
    }
  }
}

TEST_F(OnnxVersions, RefusesOthers) {
  set_opset(13);
  const std::string ir_hint =
      "; expected 3 to 10; save the model with another release of its exporter";
  model_.set_ir_version(2);
  EXPECT_EQ(error(), "m.onnx: the ONNX IR version is 2" + ir_hint);
  model_.set_ir_version(11);
  EXPECT_EQ(error(), "m.onnx: the ONNX IR version is 11" + ir_hint);
  model_.set_ir_version(8);
  set_opset(14, "ai.onnx");
  EXPECT_EQ(error(), "m.onnx: the opset is given as 13 and as 14; expected one");
  const std::string hint = "; expected 1 to 21; export the model with opset_version=17";
  for (const int opset : {0, 22}) {
    model_.clear_opset_import();
    set_opset(opset);
    EXPECT_EQ(error(), fmt::format("m.onnx: the opset is {}{}", opset, hint));
  }
  model_.clear_opset_import();
  EXPECT_EQ(error(),
            "m.onnx: the model names no opset of the standard operators; expected 1 to "
            "21; export it again");
  set_opset(13);
  model_.mutable_graph()->add_sparse_initializer();
  EXPECT_EQ(error(), "m.onnx: sparse initializers are not read; save the weights as dense tensors");
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
