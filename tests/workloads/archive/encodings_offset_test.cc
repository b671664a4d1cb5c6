// SPDX-License-Identifier: Apache-2.0
// Versions 0.x and 1.0.0.
#include "tests/workloads/archive/encodings_support.h"

namespace pimento::workloads {
namespace {

TEST(OffsetEncodings, ReadsVersion0) {
  const auto encodings = read(R"({
    "version": "0.6.1",
    "activation_encodings": {
      "input": [{"bitwidth": 8, "dtype": "int", "is_symmetric": "False",
                 "max": 2.5, "min": -0.05, "offset": -5, "scale": 0.01}],
      "/fc/out": [{"bitwidth": 16, "dtype": "float"}]},
    "param_encodings": {
      "fc.weight": [
        {"bitwidth": 4, "dtype": "int", "is_symmetric": "True",
         "max": 0.875, "min": -1.0, "offset": -8, "scale": 0.125},
        {"bitwidth": 4, "dtype": "int", "is_symmetric": "True",
         "max": 7.0, "min": -8.0, "offset": -8, "scale": 1}]},
    "quantizer_args": {"param_bitwidth": 4, "per_channel_quantization": "True"}})");
  ASSERT_EQ(encodings.size(), 3u);  // by name, parameters last
  EXPECT_EQ(encodings[0].tensor, "/fc/out");
  EXPECT_TRUE(encodings[0].is_float);
  EXPECT_EQ(encodings[0].bits, 16);
  EXPECT_EQ(encodings[0].scales, Scales{});

  const TensorEncoding& input = encodings[1];
  EXPECT_EQ(input.tensor, "input");
  EXPECT_FALSE(input.is_parameter);
  EXPECT_EQ(input.bits, 8);
  EXPECT_FALSE(input.is_signed);
  EXPECT_FALSE(input.is_symmetric);
  EXPECT_EQ(input.scales, Scales{0.01});
  EXPECT_EQ(input.zero_points, Points{5});
  EXPECT_EQ(input.axis, -1);

  const TensorEncoding& weight = encodings[2];
  EXPECT_EQ(weight.tensor, "fc.weight");
  EXPECT_TRUE(weight.is_parameter);
  EXPECT_EQ(weight.bits, 4);
  EXPECT_TRUE(weight.is_signed);
  EXPECT_TRUE(weight.is_symmetric);
  EXPECT_FALSE(weight.is_narrow);
  EXPECT_EQ(weight.scales, (Scales{0.125, 1.0}));
  EXPECT_EQ(weight.zero_points, (Points{0, 0}));
  EXPECT_EQ(weight.axis, 0);
  EXPECT_EQ(weight.block_size, 0);
}

// Version 0.4.0 knows no dtype.
TEST(OffsetEncodings, ReadsTheOldestVersion) {
  const auto encodings = read(R"({"version": "0.4.0", "param_encodings": {"w": [
    {"bitwidth": 8, "is_symmetric": "False", "max": 127, "min": -128, "offset": -128.0,
     "scale": 1}]}})");
  ASSERT_EQ(encodings.size(), 1u);
  EXPECT_FALSE(encodings[0].is_signed);
  EXPECT_EQ(encodings[0].zero_points, Points{128});
}

TEST(OffsetEncodings, WorksOutSymmetricGrids) {
  const auto signs = [](const TensorEncoding& encoding) {
    EXPECT_EQ(encoding.scales, Scales{0.5});
    return fmt::format("{}{} {}", encoding.is_signed ? "signed" : "unsigned",
                       encoding.is_narrow ? " narrow" : "", encoding.zero_points.at(0));
  };
  EXPECT_EQ(signs(one_channel(8, "True", "-64", "63.5", "-128", "0.5")), "signed 0");
  EXPECT_EQ(signs(one_channel(8, "True", "-63.5", "63.5", "-127", "0.5")), "signed narrow 0");
  EXPECT_EQ(signs(one_channel(8, "True", "-63.5", "63.5", "-128", "0.5")), "signed narrow 0");
  EXPECT_EQ(signs(one_channel(8, "True", "-63.5", "64", "-127", "0.5")), "unsigned 127");
  EXPECT_EQ(signs(one_channel(8, "True", "0", "127.5", "0", "0.5")), "unsigned 0");
  EXPECT_EQ(signs(one_channel(2, "True", "-1", "0.5", "-2", "0.5")), "signed 0");
  EXPECT_EQ(signs(one_channel(2, "True", "-0.5", "0.5", "-1", "0.5")), "signed narrow 0");
  // 2^31 steps of a half, as 32-bit floats round them
  EXPECT_EQ(signs(one_channel(32, "True", "-1073741824", "1073741824", "-2147483648", "0.5")),
            "signed 0");
  EXPECT_EQ(signs(one_channel(32, "True", "-1073741824", "1073741824", "-2147483647", "0.5")),
            "signed narrow 0");
}

TEST(OffsetEncodings, ASignedGridIsOnlyForSymmetricOnes) {
  const TensorEncoding encoding = one_channel(8, "False", "-64", "63.5", "-128", "0.5");
  EXPECT_FALSE(encoding.is_signed);
  EXPECT_EQ(encoding.zero_points, Points{128});
}

TEST(OffsetEncodings, ChannelsOfBothKindsTakeTheGeneralForm) {
  const auto encodings = read(with_channels(channel(8, "True", "-64", "63.5", "-128", "0.5") +
                                            ", " + channel(8, "True", "0", "255", "0", "1")));
  EXPECT_FALSE(encodings.at(0).is_signed);
  EXPECT_TRUE(encodings.at(0).is_symmetric);
  EXPECT_EQ(encodings.at(0).zero_points, (Points{128, 0}));
}

TEST(OffsetEncodings, TakesHalfAStepAndFlippedOffsets) {
  // Only the offset is rounded: -7.5 steps are 8.
  EXPECT_EQ(one_channel(4, "False", "-7.5", "7.5", "-8", "1").zero_points, Points{8});
  EXPECT_TRUE(one_channel(8, "True", "-63.75", "63.75", "-128", "0.5").is_signed);
  EXPECT_EQ(one_channel(8, "False", "-11", "244", "11", "1").zero_points, Points{11});
}

TEST(OffsetEncodings, RefusesContradictions) {
  const std::string where = "m.encodings: param_encodings.\"w\"[0]: ";
  EXPECT_EQ(channel_error(channel(8, "False", "-4", "4", "8", "0.03")),
            where +
                "min -4, max 4, offset 8 and scale 0.03 contradict each other; with 8 bits "
                "expected min -0.24 and max 7.41; export the file again");
  EXPECT_EQ(channel_error(channel(8, "True", "-64", "64", "-128", "0.5")),
            where +
                "min -64, max 64, offset -128 and scale 0.5 contradict each other; with 8 bits "
                "expected min -64 and max 63.5; export the file again");
  EXPECT_EQ(channel_error(channel(8, "True", "-64", "63.5", "-127", "0.5")),
            where +
                "min -64, max 63.5, offset -127 and scale 0.5 contradict each other; with 8 bits "
                "expected min -63.5 and max 64; export the file again");
  EXPECT_EQ(channel_error(channel(8, "False", "10", "265", "10", "1")),
            where + "has the offset 10 with 8 bits; expected -255 to 0; export the file again");
  EXPECT_EQ(channel_error(channel(8, "False", "-256", "-1", "-256", "1")),
            where + "has the offset -256 with 8 bits; expected -255 to 0; export the file again");
  EXPECT_EQ(channel_error(channel(8, "True", "-100", "155", "-100", "1")),
            where +
                "is symmetric with the offset -100; expected -128, -127 or 0 with 8 bits; "
                "export the file again");
  EXPECT_EQ(channel_error(channel(8, "False", "-1e300", "1e300", "0", "1e-300")),
            where +
                "min -1e+300, max 1e+300, offset 0 and scale 1e-300 contradict each other; with "
                "8 bits expected min 0 and max 2.55e-298; export the file again");
  EXPECT_EQ(channel_error(channel(8, "True", "0", "255", "0", "1") + ", " +
                          channel(4, "True", "0", "15", "0", "1")),
            "m.encodings: param_encodings.\"w\"[1]: has another dtype, bitwidth or is_symmetric "
            "than the first channel; expected the same in all; export the file again");
}

TEST(OffsetEncodings, RefusesWrongFieldsOfVersion0) {
  const std::string where = "m.encodings: param_encodings.\"w\"[0]";
  EXPECT_EQ(channel_error("3"), where + ": found 3; expected an object");
  EXPECT_EQ(channel_error("{}"), where + ": has no field \"bitwidth\"; expected one");
  EXPECT_EQ(channel_error(R"({"bitwidth": 33})"),
            where + ".bitwidth: found 33; expected a whole number from 2 to 32");
  EXPECT_EQ(channel_error(R"({"bitwidth": 8.5})"),
            where + ".bitwidth: found 8.5; expected a whole number from 2 to 32");
  EXPECT_EQ(channel_error(R"({"bitwidth": 18446744073709551615})"),
            where + ".bitwidth: found 18446744073709551615; expected a whole number from 2 to 32");
  // -5 modulo 2^64
  EXPECT_EQ(channel_error(channel(8, "False", "-5", "250", "18446744073709551611", "1")),
            where +
                ".offset: found 18446744073709551611; expected a whole number from -4294967296 "
                "to 4294967296");
  EXPECT_EQ(channel_error(R"({"bitwidth": 8, "dtype": "fixed"})"),
            where + ".dtype: found \"fixed\"; expected \"int\" or \"float\"");
  EXPECT_EQ(channel_error(R"({"bitwidth": 8, "dtype": "float"})"),
            where + ".bitwidth: found 8 for floating-point numbers; expected 16 or 32");
  EXPECT_EQ(channel_error(R"({"bitwidth": 8, "is_symmetric": true})"),
            where + ".is_symmetric: found true; expected a string");
  EXPECT_EQ(channel_error(R"({"bitwidth": 8, "is_symmetric": "yes"})"),
            where + ".is_symmetric: found \"yes\"; expected \"True\" or \"False\"");
  EXPECT_EQ(channel_error(channel(8, "True", "0", "1", "0", "-1")),
            where + ".scale: found -1; expected more than 0");
  EXPECT_EQ(channel_error(channel(8, "True", "\"0\"", "1", "0", "1")),
            where + ".min: found \"0\"; expected a number");
  EXPECT_EQ(channel_error(channel(8, "True", "null", "1", "0", "1")),
            where + ": has no field \"min\"; expected one");
  EXPECT_EQ(channel_error(R"({"bitwidth": 8, "shift": 1})"),
            where +
                ": has the field \"shift\"; expected none but bitwidth, dtype, is_symmetric, "
                "max, min, offset, scale; export the file with a version of AIMET that is "
                "supported");
  EXPECT_EQ(
      channel_error(""),
      "m.encodings: param_encodings.\"w\": found an empty list; expected a list with at least "
      "one element");
  EXPECT_EQ(error_of(R"({"version": "0.6.1", "activation_encodings": {"conv": {"input": {}}}})"),
            "m.encodings: activation_encodings.\"conv\": found an object; expected a list of "
            "encodings; give the file that AIMET exports beside the ONNX model, where tensors have "
            "the names they have in the model");
}

TEST(OffsetEncodings, ReadsVersion1) {
  const auto encodings = read(R"({
    "version": "1.0.0", "producer": {"name": "any"}, "excluded_layers": [],
    "activation_encodings": [
      {"name": "x", "dtype": "INT", "enc_type": "PER_TENSOR", "bw": 8, "is_sym": false,
       "scale": [0.5], "offset": [-3]},
      {"name": "y", "dtype": "FLOAT", "enc_type": "PER_TENSOR", "bw": 16}],
    "param_encodings": [
      {"name": "w", "dtype": "INT", "enc_type": "PER_CHANNEL", "bw": 4, "is_sym": true,
       "scale": [0.5, 0.25], "offset": [-8, -8], "zero_point_shift": [0.0, 0.0]},
      {"name": "v", "dtype": "INT", "enc_type": "PER_BLOCK", "bw": 4, "is_sym": true,
       "scale": [1, 2, 3, 4], "offset": [-7, -7, -7, -7], "block_size": 32}]})");
  ASSERT_EQ(encodings.size(), 4u);
  EXPECT_EQ(encodings[0].tensor, "x");
  EXPECT_EQ(encodings[0].zero_points, Points{3});
  EXPECT_EQ(encodings[0].axis, -1);
  EXPECT_FALSE(encodings[0].is_signed);
  EXPECT_TRUE(encodings[1].is_float);
  EXPECT_FALSE(encodings[1].is_parameter);
  EXPECT_TRUE(encodings[2].is_parameter);
  EXPECT_TRUE(encodings[2].is_signed);
  EXPECT_FALSE(encodings[2].is_narrow);
  EXPECT_EQ(encodings[2].scales, (Scales{0.5, 0.25}));
  EXPECT_EQ(encodings[2].zero_points, (Points{0, 0}));
  EXPECT_EQ(encodings[2].axis, 0);
  EXPECT_TRUE(encodings[3].is_narrow);
  EXPECT_EQ(encodings[3].axis, 1);
  EXPECT_EQ(encodings[3].block_size, 32);
  EXPECT_EQ(encodings[3].scales, (Scales{1, 2, 3, 4}));
}

TEST(OffsetEncodings, RefusesWrongFieldsOfVersion1) {
  const std::string where = "m.encodings: param_encodings[0]";
  const std::string common = R"("dtype": "INT", "bw": 8, "is_sym": true, )";
  const auto error = [&](const std::string& fields) { return entry_error("1.0.0", fields); };
  EXPECT_EQ(error(common + R"("enc_type": "LPBQ", "scale": [1], "offset": [0])"),
            where +
                ": has scales that are quantized themselves (LPBQ); expected scales as numbers; "
                "export the file with per-tensor, per-channel or per-block quantization");
  EXPECT_EQ(error(common + R"("enc_type": "PER_ROW")"),
            where + ".enc_type: found \"PER_ROW\"; expected PER_TENSOR, PER_CHANNEL or PER_BLOCK");
  EXPECT_EQ(error(R"("enc_type": "PER_TENSOR", "dtype": "int")"),
            where + ".dtype: found \"int\"; expected INT or FLOAT");
  EXPECT_EQ(error(R"("enc_type": "PER_TENSOR", "dtype": "INT", "bw": 8, "is_sym": "True")"),
            where + ".is_sym: found \"True\"; expected true or false");
  EXPECT_EQ(error(common + R"("enc_type": "PER_TENSOR", "scale": 1, "offset": [0])"),
            where + ".scale: found 1; expected a list with at least one element");
  EXPECT_EQ(
      error(common + R"("enc_type": "PER_TENSOR", "scale": [1, 1], "offset": [0])"),
      where + ": has 2 scales and 1 offsets; expected as many of each; export the file again");
  EXPECT_EQ(error(common + R"("enc_type": "PER_TENSOR", "scale": [1, 1], "offset": [0, 0])"),
            where + ": is PER_TENSOR with 2 scales; expected one; export the file again");
  EXPECT_EQ(error(common + R"("enc_type": "PER_CHANNEL", "scale": [1, 0], "offset": [0, 0])"),
            where + ".scale[1]: found 0; expected more than 0");
  EXPECT_EQ(error(common + R"("enc_type": "PER_CHANNEL", "scale": [1, 1], "offset": [0, 5])"),
            where +
                ".offset[1]: has the offset 5 with 8 bits; expected -255 to 0; export the file "
                "again");
  EXPECT_EQ(error(common + R"("enc_type": "PER_BLOCK", "scale": [1], "offset": [0])"),
            where + ": has no field \"block_size\"; expected one");
  EXPECT_EQ(error(common + R"("enc_type": "PER_TENSOR", "zero_point_shift": [0.5])"),
            where +
                ".zero_point_shift: found a list; expected zeros, as fractional zero points are "
                "not supported");
  EXPECT_EQ(error_of(R"({"version": "1.0.0", "param_encodings": {}})"),
            "m.encodings: param_encodings: found an object; expected a list of encodings; export "
            "the file again");
}

}  // namespace
}  // namespace pimento::workloads
