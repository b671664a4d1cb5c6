// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/tensor_reader.h"

#include <cmath>
#include <limits>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/workloads/onnx/model_builder.h"
#include "tests/workloads/support.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {
namespace {

namespace fs = std::filesystem;
using ::onnx::TensorProto;
using Reals = std::vector<double>;
using Integers = std::vector<std::int64_t>;

constexpr int kUint4 = 21;
constexpr int kInt4 = 22;

TensorProto tensor(int type, const Extents& extents) {
  TensorProto result;
  result.set_data_type(type);
  for (const std::int64_t extent : extents) result.add_dims(extent);
  return result;
}

template <class T>
TensorProto raw_tensor(int type, const std::vector<T>& values) {
  TensorProto result = tensor(type, {static_cast<std::int64_t>(values.size())});
  result.set_raw_data(values.data(), values.size() * sizeof(T));
  return result;
}

// Values in the field int32_data, which all the short types share.
TensorProto typed_tensor(int type, const std::vector<std::int32_t>& values) {
  TensorProto result = tensor(type, {static_cast<std::int64_t>(values.size())});
  result.mutable_int32_data()->Add(values.begin(), values.end());
  return result;
}

Array read(const TensorProto& proto) {
  return decode(TensorReader(fs::path()).read(proto, "t"));
}

std::string read_error(const TensorProto& proto) {
  return input_error([&] { (void)TensorReader(fs::path()).read(proto, "m.onnx: tensor \"w\""); });
}

TEST(TensorReader, TypesHaveTheirNumbers) {
  EXPECT_EQ(element_type_of(TensorProto::FLOAT), ElementType::kFloat32);
  EXPECT_EQ(element_type_of(TensorProto::BFLOAT16), ElementType::kBfloat16);
  EXPECT_EQ(element_type_of(kUint4), ElementType::kUint4);
  EXPECT_EQ(element_type_of(kInt4), ElementType::kInt4);
  EXPECT_EQ(element_type_of(TensorProto::UINT16), ElementType::kUint16);
  for (const int other : {0, 8, 14, 15, 17, 20, 23, 99, -1}) {
    EXPECT_EQ(element_type_of(other), std::nullopt) << other;
  }
  EXPECT_EQ(data_type_name(TensorProto::STRING), "STRING");
  EXPECT_EQ(data_type_name(99), "number 99");
}

TEST(TensorReader, ReadsFloats) {
  const Array raw = read(raw_tensor(TensorProto::FLOAT, std::vector<float>{1.5F, -2.0F, 0.0F}));
  EXPECT_EQ(raw, real_array({3}, {1.5, -2.0, 0.0}));
  TensorProto typed = tensor(TensorProto::FLOAT, {3});
  for (const float value : {1.5F, -2.0F, 0.0F}) typed.add_float_data(value);
  EXPECT_EQ(read(typed), raw);
}

TEST(TensorReader, ReadsDoublesInFull) {
  const Array expected = real_array({2}, {0.1, 1e300}, ElementType::kFloat64);
  EXPECT_EQ(read(raw_tensor(TensorProto::DOUBLE, Reals{0.1, 1e300})), expected);
  TensorProto typed = tensor(TensorProto::DOUBLE, {2});
  for (const double value : expected.reals) typed.add_double_data(value);
  EXPECT_EQ(read(typed), expected);
}

TEST(TensorReader, ReadsHalves) {
  // 1, -2, the largest, the smallest normal, the smallest subnormal, -0, infinity, not a number.
  const std::vector<std::uint16_t> bits{0x3c00, 0xc000, 0x7bff, 0x0400,
                                        0x0001, 0x8000, 0x7c00, 0x7e00};
  const Array halves = read(raw_tensor(TensorProto::FLOAT16, bits));
  EXPECT_EQ(halves.type, ElementType::kFloat16);
  const Reals& reals = halves.reals;
  EXPECT_EQ(reals[0], 1.0);
  EXPECT_EQ(reals[1], -2.0);
  EXPECT_EQ(reals[2], 65504.0);
  EXPECT_EQ(reals[3], std::ldexp(1.0, -14));
  EXPECT_EQ(reals[4], std::ldexp(1.0, -24));
  EXPECT_TRUE(reals[5] == 0.0 && std::signbit(reals[5]));
  EXPECT_EQ(reals[6], std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(reals[7]));
  EXPECT_EQ(read(typed_tensor(TensorProto::FLOAT16, {0x3c00})).reals, Reals{1.0});
  const Array brain = real_array({2}, {1.5, -3.0}, ElementType::kBfloat16);
  EXPECT_EQ(read(typed_tensor(TensorProto::BFLOAT16, {0x3fc0, 0xc040})), brain);
  EXPECT_EQ(read(raw_tensor(TensorProto::BFLOAT16, std::vector<std::uint16_t>{0x3fc0, 0xc040})),
            brain);
}

// The extremes of every integer type, raw and in the field ONNX keeps the type in.
template <class T>
void expect_extremes(int data_type, ElementType type) {
  const std::vector<T> extremes{std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  const Integers values(extremes.begin(), extremes.end());
  const Array expected = integer_array({2}, values, type);
  EXPECT_EQ(read(raw_tensor(data_type, extremes)), expected) << name_of(type);
  TensorProto typed = tensor(data_type, {2});
  for (const T value : extremes) {
    if (data_type == TensorProto::INT64) {
      typed.add_int64_data(static_cast<std::int64_t>(value));
    } else if (data_type == TensorProto::UINT32 || data_type == TensorProto::UINT64) {
      typed.add_uint64_data(static_cast<std::uint64_t>(value));
    } else {
      typed.add_int32_data(static_cast<std::int32_t>(value));
    }
  }
  EXPECT_EQ(read(typed), expected) << name_of(type);
}

TEST(TensorReader, ReadsIntegersOfAllWidths) {
  expect_extremes<std::int8_t>(TensorProto::INT8, ElementType::kInt8);
  expect_extremes<std::uint8_t>(TensorProto::UINT8, ElementType::kUint8);
  expect_extremes<std::int16_t>(TensorProto::INT16, ElementType::kInt16);
  expect_extremes<std::uint16_t>(TensorProto::UINT16, ElementType::kUint16);
  expect_extremes<std::int32_t>(TensorProto::INT32, ElementType::kInt32);
  expect_extremes<std::uint32_t>(TensorProto::UINT32, ElementType::kUint32);
  expect_extremes<std::int64_t>(TensorProto::INT64, ElementType::kInt64);
  expect_extremes<std::uint64_t>(TensorProto::UINT64, ElementType::kUint64);
}

TEST(TensorReader, AnyByteButZeroIsTrue) {
  const Array expected = integer_array({3}, {0, 1, 1}, ElementType::kBool);
  EXPECT_EQ(read(raw_tensor(TensorProto::BOOL, std::vector<std::uint8_t>{0, 1, 7})), expected);
  EXPECT_EQ(read(typed_tensor(TensorProto::BOOL, {0, 1, 7})), expected);
}

TEST(TensorReader, TwoNibblesShareAByteTheEarlierOneBelow) {
  TensorProto raw = tensor(kInt4, {3});
  raw.set_raw_data("\x8f\x07");  // 15, 8; 7 and padding
  EXPECT_EQ(read(raw), integer_array({3}, {-1, -8, 7}, ElementType::kInt4));
  raw.set_data_type(kUint4);
  EXPECT_EQ(read(raw), integer_array({3}, {15, 8, 7}, ElementType::kUint4));
  TensorProto typed = tensor(kInt4, {3});
  typed.add_int32_data(0x8f);
  typed.add_int32_data(0x07);
  EXPECT_EQ(read(typed), integer_array({3}, {-1, -8, 7}, ElementType::kInt4));
  typed.add_int32_data(0);
  EXPECT_EQ(read_error(typed),
            "m.onnx: tensor \"w\": holds 3 values of its data type; its shape needs 2");
}

TEST(TensorReader, ScalarsAndEmptyTensorsHaveTheirCounts) {
  TensorProto scalar = tensor(TensorProto::FLOAT, {});
  scalar.add_float_data(4.0F);
  EXPECT_EQ(read(scalar), real_array({}, {4.0}));
  EXPECT_EQ(read(tensor(TensorProto::INT64, {0})), integer_array({0}, {}));
  EXPECT_EQ(read(tensor(TensorProto::FLOAT, {3, 0, 2})).shape, (Shape{3, 0, 2}));
}

TEST(TensorReader, TheFilesOwnBytesAreNotCopied) {
  const auto bytes = std::make_shared<const std::string>("\x01\x02\x03");
  const Constant constant =
      TensorReader(fs::path()).read(tensor(TensorProto::UINT8, {3}), "t", RawBytes{*bytes, bytes});
  EXPECT_EQ(static_cast<const void*>(constant.bytes.data()), bytes->data());
  EXPECT_EQ(bytes.use_count(), 2);
  EXPECT_EQ(input_error([&] {
              (void)TensorReader(fs::path())
                  .read(tensor(TensorProto::UINT8, {4}), "t", RawBytes{*bytes, bytes});
            }),
            "t: raw_data holds 3 bytes; its shape and data type need 4");
}

TEST(TensorReader, RefusesTensorsThatDoNotHoldWhatTheySay) {
  const std::string where = "m.onnx: tensor \"w\": ";
  TensorProto shorter = tensor(TensorProto::FLOAT, {2, 2});
  shorter.set_raw_data(std::string(15, '\0'));
  EXPECT_EQ(read_error(shorter),
            where + "raw_data holds 15 bytes; its shape and data type need 16");
  shorter.set_raw_data(std::string(17, '\0'));
  EXPECT_EQ(read_error(shorter),
            where + "raw_data holds 17 bytes; its shape and data type need 16");
  TensorProto nibbles = tensor(kInt4, {3});
  nibbles.set_raw_data("\x01");
  EXPECT_EQ(read_error(nibbles), where + "raw_data holds 1 bytes; its shape and data type need 2");
  TensorProto typed = tensor(TensorProto::FLOAT, {2});
  typed.add_float_data(1.0F);
  EXPECT_EQ(read_error(typed), where + "holds 1 values of its data type; its shape needs 2");
  EXPECT_EQ(read_error(typed_tensor(TensorProto::INT8, {128})),
            where + "holds 128, which its data type cannot");
  EXPECT_EQ(read_error(typed_tensor(TensorProto::UINT16, {65536})),
            where + "holds 65536, which its data type cannot");
  EXPECT_EQ(read_error(typed_tensor(TensorProto::FLOAT16, {-1})),
            where + "holds -1, which its data type cannot");
  TensorProto wide = tensor(TensorProto::UINT32, {1});
  wide.add_uint64_data(std::uint64_t{1} << 32);
  EXPECT_EQ(read_error(wide), where + "holds 4294967296, which its data type cannot");
}

TEST(TensorReader, RefusesShapesBeforeTakingMemory) {
  const std::string where = "m.onnx: tensor \"w\": ";
  EXPECT_EQ(read_error(tensor(TensorProto::FLOAT, {2, -3})),
            where + "has the shape 2x-3; expected no negative extent");
  EXPECT_EQ(read_error(tensor(TensorProto::FLOAT, {std::int64_t{1} << 31})),
            where + "has the shape 2147483648, which is 2^31 values or more; expected fewer");
  EXPECT_EQ(read_error(tensor(TensorProto::FLOAT, {std::int64_t{1} << 32, std::int64_t{1} << 32})),
            where +
                "has the shape 4294967296x4294967296, which is 2^31 values or more; expected "
                "fewer");
  EXPECT_EQ(read_error(tensor(TensorProto::FLOAT, Extents(9, 1))),
            where + "has 9 dimensions; expected at most 8");
}

TEST(TensorReader, RefusesTypesItDoesNotRead) {
  const std::string expected =
      " is not read; expected floating-point numbers, bool, or integers of 4, 8, 16, 32 or 64 bits";
  const std::string where = "m.onnx: tensor \"w\": data type ";
  EXPECT_EQ(read_error(tensor(TensorProto::STRING, {1})), where + "STRING" + expected);
  EXPECT_EQ(read_error(tensor(TensorProto::COMPLEX64, {1})), where + "COMPLEX64" + expected);
  EXPECT_EQ(read_error(tensor(23, {1})), where + "number 23" + expected);
}

// External data --------------------------------------------------------------------------------

class ExternalData : public testing::Test {
 protected:
  ExternalData()
      : folder_(fs::path(testing::TempDir()) / fmt::format("pimento_external_{}", ::getpid())) {
    fs::create_directories(folder_ / "deeper");
    const std::vector<float> values{1, 2, 3, 4};
    content_.assign(reinterpret_cast<const char*>(values.data()), 16);
    write_file_atomically(folder_ / "weights.bin", content_);
  }
  ~ExternalData() override { fs::remove_all(folder_); }

  static TensorProto external(const std::string& location, const Extents& extents = {4},
                              const std::string& offset = "", const std::string& length = "") {
    TensorProto result = tensor(TensorProto::FLOAT, extents);
    result.set_data_location(TensorProto::EXTERNAL);
    const auto add = [&](const std::string& key, const std::string& value) {
      if (value.empty()) return;
      auto* entry = result.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    };
    add("location", location);
    add("offset", offset);
    add("length", length);
    return result;
  }

  [[nodiscard]] std::string error(const TensorProto& proto) const {
    return input_error([&] { (void)TensorReader(folder_).read(proto, "w"); });
  }

  fs::path folder_;
  std::string content_;
};

TEST_F(ExternalData, IsReadFromAFileBesideTheModel) {
  TensorReader reader(folder_);
  EXPECT_EQ(decode(reader.read(external("weights.bin"), "w")), real_array({4}, {1, 2, 3, 4}));
}

TEST_F(ExternalData, IsReadFromAPlaceInTheFile) {
  TensorReader reader(folder_);
  EXPECT_EQ(decode(reader.read(external("weights.bin", {2}, "4", "8"), "w")),
            real_array({2}, {2, 3}));
  EXPECT_EQ(decode(reader.read(external("weights.bin", {1}, "12"), "w")), real_array({1}, {4}));
  EXPECT_EQ(decode(reader.read(external("weights.bin", {1}, "0"), "w")), real_array({1}, {1}));
  EXPECT_EQ(decode(reader.read(external("weights.bin", {0}, "8"), "w")), real_array({0}, {}));
}

TEST_F(ExternalData, IsReadFromAFolderBelow) {
  write_file_atomically(folder_ / "deeper" / "w", content_);
  TensorReader reader(folder_);
  EXPECT_EQ(decode(reader.read(external("deeper/w"), "w")), real_array({4}, {1, 2, 3, 4}));
  EXPECT_EQ(decode(TensorReader(folder_).read(external("./weights.bin"), "w")),
            real_array({4}, {1, 2, 3, 4}));
}

TEST_F(ExternalData, OutlivesItsReader) {
  std::optional<Constant> constant;
  {
    TensorReader reader(folder_);
    constant = reader.read(external("weights.bin"), "w");
  }
  fs::remove(folder_ / "weights.bin");
  EXPECT_EQ(decode(*constant), real_array({4}, {1, 2, 3, 4}));
}

TEST_F(ExternalData, IsRefusedWhereThereIsNoFolder) {
  EXPECT_EQ(read_error(external("weights.bin")),
            "m.onnx: tensor \"w\": external data cannot be read here; save the model with its "
            "weights inside");
}

TEST_F(ExternalData, StaysInTheModelsFolder) {
  const std::string hint = "; expected a file beside the model";
  const auto refused = [&](const std::string& location, const std::string& why) {
    EXPECT_EQ(error(external(location)), fmt::format("w: external data is to be read from {}, {}{}",
                                                     quote(location), why, hint));
  };
  refused((folder_ / "weights.bin").string(), "an absolute path");
  refused("/etc/passwd", "an absolute path");
  refused("../weights.bin", "which leaves the model's folder");
  refused("deeper/../weights.bin", "which leaves the model's folder");
  refused(std::string("weights.bin\0.txt", 16), "which is no file name");
  EXPECT_EQ(error(external("")),
            "w: external data is to be read from \"\", which is no file name" + hint);
  fs::create_symlink(folder_ / "weights.bin", folder_ / "link.bin");
  refused("link.bin", "which is a symbolic link");
  fs::create_directory_symlink("/etc", folder_ / "elsewhere");
  refused("elsewhere/passwd", "which is a symbolic link");
}

TEST_F(ExternalData, MustBeThere) {
  EXPECT_EQ(error(external("absent.bin")),
            fmt::format("w: cannot read \"{}\": no such file; check the path",
                        (folder_ / "absent.bin").string()));
  EXPECT_EQ(error(external("deeper")),
            fmt::format("w: cannot read \"{}\": it is a folder; give a file",
                        (folder_ / "deeper").string()));
}

TEST_F(ExternalData, LiesWithinItsFile) {
  EXPECT_EQ(error(external("weights.bin", {2}, "12")),
            "w: external data lies at 12 to 20 of \"weights.bin\", which has 16 bytes");
  EXPECT_EQ(error(external("weights.bin", {5})),
            "w: external data lies at 0 to 20 of \"weights.bin\", which has 16 bytes");
  EXPECT_EQ(error(external("weights.bin", {1}, "1099511627776")),
            "w: external data lies at 1099511627776 to 1099511627780 of \"weights.bin\", which has "
            "16 bytes");
  write_file_atomically(folder_ / "empty", "");
  EXPECT_EQ(error(external("empty")),
            "w: external data lies at 0 to 16 of \"empty\", which has 0 bytes");
}

TEST_F(ExternalData, HasNumbersThatFit) {
  EXPECT_EQ(error(external("weights.bin", {4}, "0", "12")),
            "w: external data has 12 bytes; its shape and data type need 16");
  for (const std::string bad : {"-4", "x", "4x", "18446744073709551616", "1099511627777", " 4"}) {
    EXPECT_EQ(error(external("weights.bin", {1}, bad)),
              fmt::format(
                  "w: external data has the offset \"{}\"; expected a whole number of bytes", bad));
  }
}

TEST_F(ExternalData, BelongsToOneTensorOnly) {
  TensorReader reader(folder_);
  (void)reader.read(external("weights.bin", {2}, "4"), "first");
  const auto error_at = [&](const Extents& extents, const std::string& offset) {
    return input_error([&] { (void)reader.read(external("weights.bin", extents, offset), "w"); });
  };
  const std::string overlap = " of \"weights.bin\" overlaps that of another tensor";
  EXPECT_EQ(error_at({2}, "4"), "w: external data at 4 to 12" + overlap);
  EXPECT_EQ(error_at({2}, "0"), "w: external data at 0 to 8" + overlap);
  EXPECT_EQ(error_at({2}, "8"), "w: external data at 8 to 16" + overlap);
  EXPECT_EQ(error_at({4}, "0"), "w: external data at 0 to 16" + overlap);
  EXPECT_EQ(error_at({1}, "0"), "nothing thrown");
  EXPECT_EQ(error_at({1}, "12"), "nothing thrown");
}

TEST_F(ExternalData, ServesAWholeModel) {
  ModelBuilder model;
  model.input("x", {1, 2}).output("y");
  *model.proto.mutable_graph()->add_initializer() = external("weights.bin", {2, 2});
  model.proto.mutable_graph()->mutable_initializer(0)->set_name("w");
  model.node("MatMul", {"x", "w"}, {"y"}, "n");
  const std::string content = model.proto.SerializeAsString();
  OnnxOptions options;
  options.folder = folder_;
  const Network network = read_onnx(content, "m.onnx", options);
  EXPECT_EQ(decode(*network.layers[0].weight).reals, (Reals{1, 3, 2, 4}));
  EXPECT_EQ(input_error([&] { (void)read_onnx(content, "m.onnx"); }),
            "m.onnx: tensor \"w\": external data cannot be read here; save the model with its "
            "weights inside");
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
