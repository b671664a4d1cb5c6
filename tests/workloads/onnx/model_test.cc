// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/model.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/workloads/onnx/model_builder.h"
#include "tests/workloads/support.h"
#include "workloads/importers.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::TensorProto;

TensorProto tensor(TensorProto::DataType type, const Extents& extents) {
  TensorProto result;
  result.set_data_type(type);
  for (const std::int64_t extent : extents) result.add_dims(extent);
  return result;
}

template <class T>
TensorProto raw_tensor(TensorProto::DataType type, const std::vector<T>& values) {
  TensorProto result = tensor(type, {static_cast<std::int64_t>(values.size())});
  result.set_raw_data(values.data(), values.size() * sizeof(T));
  return result;
}

TensorProto typed_tensor(TensorProto::DataType type, const std::vector<std::int32_t>& values) {
  TensorProto result = tensor(type, {static_cast<std::int64_t>(values.size())});
  result.mutable_int32_data()->Add(values.begin(), values.end());
  return result;
}

std::string decode_error(const TensorProto& proto) {
  return input_error([&] { (void)decode_tensor(proto, "m.onnx: tensor \"w\""); });
}

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

TEST(OnnxModel, DecodesFloats) {
  const std::vector<float> values{1.5F, -2.0F, 0.0F};
  const Constant raw = decode_tensor(raw_tensor(TensorProto::FLOAT, values), "t");
  EXPECT_EQ(raw.shape, Shape{3});
  EXPECT_FALSE(raw.is_integer);
  EXPECT_EQ(raw.reals, values);

  TensorProto typed = tensor(TensorProto::FLOAT, {3});
  typed.mutable_float_data()->Add(values.begin(), values.end());
  EXPECT_EQ(decode_tensor(typed, "t").reals, values);

  EXPECT_EQ(
      decode_tensor(raw_tensor(TensorProto::DOUBLE, std::vector<double>{0.1, 3.0}), "t").reals,
      (std::vector<float>{0.1F, 3.0F}));
  TensorProto doubles = tensor(TensorProto::DOUBLE, {1});
  doubles.add_double_data(2.5);
  EXPECT_EQ(decode_tensor(doubles, "t").reals, std::vector<float>{2.5F});
}

TEST(OnnxModel, DecodesHalves) {
  // 1, -2, the largest, the smallest normal, the smallest subnormal, -0, infinity, not a number.
  const std::vector<std::uint16_t> bits{0x3c00, 0xc000, 0x7bff, 0x0400,
                                        0x0001, 0x8000, 0x7c00, 0x7e00};
  const auto reals = decode_tensor(raw_tensor(TensorProto::FLOAT16, bits), "t").reals;
  EXPECT_EQ(reals[0], 1.0F);
  EXPECT_EQ(reals[1], -2.0F);
  EXPECT_EQ(reals[2], 65504.0F);
  EXPECT_EQ(reals[3], std::ldexp(1.0F, -14));
  EXPECT_EQ(reals[4], std::ldexp(1.0F, -24));
  EXPECT_TRUE(reals[5] == 0.0F && std::signbit(reals[5]));
  EXPECT_EQ(reals[6], std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(reals[7]));
  EXPECT_EQ(decode_tensor(typed_tensor(TensorProto::FLOAT16, {0x3c00}), "t").reals[0], 1.0F);
  EXPECT_EQ(decode_tensor(typed_tensor(TensorProto::BFLOAT16, {0x3fc0, 0xc040}), "t").reals,
            (std::vector<float>{1.5F, -3.0F}));
}

TEST(OnnxModel, DecodesIntegers) {
  using Values = std::vector<std::int64_t>;
  const auto integers = [](const TensorProto& proto) {
    const Constant constant = decode_tensor(proto, "t");
    EXPECT_TRUE(constant.is_integer);
    return constant.integers;
  };
  EXPECT_EQ(integers(raw_tensor(TensorProto::INT8, std::vector<std::int8_t>{-128, 127})),
            (Values{-128, 127}));
  EXPECT_EQ(integers(raw_tensor(TensorProto::UINT8, std::vector<std::uint8_t>{0, 255})),
            (Values{0, 255}));
  EXPECT_EQ(integers(raw_tensor(TensorProto::INT32, std::vector<std::int32_t>{-7})), Values{-7});
  EXPECT_EQ(integers(raw_tensor(TensorProto::INT64, Values{-1, std::int64_t{1} << 40})),
            (Values{-1, std::int64_t{1} << 40}));
  EXPECT_EQ(integers(typed_tensor(TensorProto::INT8, {-128, 127})), (Values{-128, 127}));
  EXPECT_EQ(integers(typed_tensor(TensorProto::BOOL, {0, 1})), (Values{0, 1}));
}

TEST(OnnxModel, ScalarsAndEmptyTensorsHaveTheirCounts) {
  TensorProto scalar = tensor(TensorProto::FLOAT, {});
  scalar.add_float_data(4.0F);
  EXPECT_EQ(decode_tensor(scalar, "t").reals, std::vector<float>{4.0F});
  EXPECT_TRUE(decode_tensor(tensor(TensorProto::INT64, {0}), "t").integers.empty());
}

TEST(OnnxModel, RefusesTensorsThatDoNotHoldWhatTheySay) {
  const std::string where = "m.onnx: tensor \"w\": ";
  TensorProto shorter = tensor(TensorProto::FLOAT, {2, 2});
  shorter.set_raw_data(std::string(15, '\0'));
  EXPECT_EQ(decode_error(shorter),
            where + "raw_data holds 15 bytes; its shape and data type need 16");
  shorter.set_raw_data(std::string(17, '\0'));
  EXPECT_EQ(decode_error(shorter),
            where + "raw_data holds 17 bytes; its shape and data type need 16");
  TensorProto typed = tensor(TensorProto::FLOAT, {2});
  typed.add_float_data(1.0F);
  EXPECT_EQ(decode_error(typed), where + "holds 1 values of its data type; its shape needs 2");
  EXPECT_EQ(decode_error(typed_tensor(TensorProto::INT8, {128})),
            where + "holds 128, which its data type cannot");
  EXPECT_EQ(decode_error(typed_tensor(TensorProto::FLOAT16, {-1})),
            where + "holds -1, which its data type cannot");
}

TEST(OnnxModel, RefusesShapesBeforeTakingMemory) {
  const std::string where = "m.onnx: tensor \"w\": ";
  EXPECT_EQ(decode_error(tensor(TensorProto::FLOAT, {2, -3})),
            where + "has the shape 2x-3; expected no negative extent");
  EXPECT_EQ(decode_error(tensor(TensorProto::FLOAT, {std::int64_t{1} << 31})),
            where + "has the shape 2147483648, which is 2^31 values or more; expected fewer");
  EXPECT_EQ(
      decode_error(tensor(TensorProto::FLOAT, {std::int64_t{1} << 32, std::int64_t{1} << 32})),
      where +
          "has the shape 4294967296x4294967296, which is 2^31 values or more; expected "
          "fewer");
  EXPECT_EQ(decode_error(tensor(TensorProto::FLOAT, Extents(9, 1))),
            where + "has 9 dimensions; expected at most 8");
}

TEST(OnnxModel, RefusesDataItDoesNotRead) {
  const std::string where = "m.onnx: tensor \"w\": ";
  TensorProto external = tensor(TensorProto::FLOAT, {1});
  external.set_data_location(TensorProto::EXTERNAL);
  EXPECT_EQ(decode_error(external),
            where + "external data is not read; save the model with its weights inside");
  const std::string expected =
      " is not read; expected float, double, float16, bfloat16, bool, "
      "int8, uint8, int32 or int64";
  EXPECT_EQ(decode_error(tensor(TensorProto::STRING, {1})), where + "data type STRING" + expected);
  TensorProto int4 = tensor(TensorProto::FLOAT, {1});
  int4.set_data_type(22);
  EXPECT_EQ(decode_error(int4), where + "data type number 22" + expected);
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
    for (const std::int64_t opset : {6, 21}) {
      model_.set_ir_version(ir);
      model_.clear_opset_import();
      set_opset(3, "com.example");
      set_opset(opset, opset == 6 ? "" : "ai.onnx");
      EXPECT_EQ(check_versions(model_, "m.onnx"), opset);
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
  const std::string hint = "; expected 6 to 21; export the model with opset_version=17";
  for (const int opset : {5, 22}) {
    model_.clear_opset_import();
    set_opset(opset);
    EXPECT_EQ(error(), fmt::format("m.onnx: the opset is {}{}", opset, hint));
  }
  model_.clear_opset_import();
  EXPECT_EQ(error(),
            "m.onnx: the model names no opset of the standard operators; expected 6 to "
            "21; export it again");
  set_opset(13);
  model_.mutable_graph()->add_sparse_initializer();
  EXPECT_EQ(error(), "m.onnx: sparse initializers are not read; save the weights as dense tensors");
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
