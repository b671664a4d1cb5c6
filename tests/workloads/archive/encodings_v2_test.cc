// SPDX-License-Identifier: Apache-2.0
#include "tests/workloads/archive/encodings_support.h"

namespace pimento::workloads {
namespace {

TEST(EncodingsV2, ReadsVersion2) {
  const TensorEncoding tensor =
      entry("2.0.0", R"("output_dtype": "uint8", "y_scale": 0.01, "y_zero_point": 41)");
  EXPECT_EQ(tensor.bits, 8);
  EXPECT_FALSE(tensor.is_signed);
  EXPECT_FALSE(tensor.is_symmetric);
  EXPECT_EQ(tensor.scales, Scales{0.01});
  EXPECT_EQ(tensor.zero_points, Points{41});
  EXPECT_EQ(tensor.axis, -1);

  const TensorEncoding channels =
      entry("2.1.0", R"("output_dtype": "int4", "y_scale": [0.5, 0.25], "axis": 1)");
  EXPECT_TRUE(channels.is_signed);
  EXPECT_TRUE(channels.is_symmetric);
  EXPECT_EQ(channels.zero_points, (Points{0, 0}));
  EXPECT_EQ(channels.axis, 1);

  const TensorEncoding blocks =
      entry("2.0.0", R"("output_dtype": "int2", "y_scale": [[1, 2], [3, 4], [5, 6]], "axis": 1,
                 "y_zero_point": [[0, 0], [1, -2], [0, 0]], "block_size": 32)");
  EXPECT_EQ(blocks.scales, (Scales{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(blocks.zero_points, (Points{0, 0, 1, -2, 0, 0}));
  EXPECT_FALSE(blocks.is_symmetric);
  EXPECT_EQ(blocks.axis, 1);
  EXPECT_EQ(blocks.block_size, 32);

  EXPECT_EQ(entry("2.0.0", R"("output_dtype": "int32", "y_scale": [1, 2])").axis, 0);
  EXPECT_EQ(entry("2.0.0", R"("output_dtype": "int8", "y_scale": [1])").axis, -1);
  EXPECT_EQ(entry("2.0.0", R"("output_dtype": "uint32", "y_scale": 1, "y_zero_point": 4294967295)")
                .zero_points,
            Points{4294967295});
  const auto parts = read(R"({"version": "2.0.0",
    "activation_encodings": [{"name": "x", "output_dtype": "uint8", "y_scale": 1}],
    "param_encodings": [{"name": "w", "output_dtype": "int8", "y_scale": 1}]})");
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_FALSE(parts[0].is_parameter);
  EXPECT_TRUE(parts[1].is_parameter);
}

TEST(EncodingsV2, RefusesWrongFieldsOfVersion2) {
  const std::string where = "m.encodings: encodings[0]";
  const auto error = [&](const std::string& fields) { return entry_error("2.0.0", fields); };
  const std::string quantized = where +
                                ": has scales that are quantized themselves (LPBQ); expected "
                                "scales as numbers; export the file with per-tensor, "
                                "per-channel or per-block quantization";
  EXPECT_EQ(error(R"("output_dtype": "int4", "per_block_int_scale": [[1]],
                     "per_channel_float_scale": [[1]], "block_size": 8)"),
            quantized);
  EXPECT_EQ(entry_error("2.1.0", R"("output_dtype": "int4", "y_scale": {"x": [1], "x_scale": 1})"),
            quantized);
  for (const char* type : {"float8e4m3fn", "int1", "int33", "int8x", "uint", "", "u", "int-4"}) {
    EXPECT_EQ(
        error(fmt::format(R"("output_dtype": "{}", "y_scale": 1)", type)),
        fmt::format("{}.output_dtype: found \"{}\"; expected int2 to int32 or uint2 to uint32",
                    where, type));
  }
  EXPECT_EQ(error(R"("output_dtype": "int2", "y_scale": [1], "y_zero_point": [-0.5])"),
            where + ".y_zero_point: found -0.5; expected a whole number from -2 to 1");
  EXPECT_EQ(error(R"("output_dtype": "uint8", "y_scale": 1, "y_zero_point": 256)"),
            where + ".y_zero_point: found 256; expected a whole number from 0 to 255");
  EXPECT_EQ(error(R"("output_dtype": "int8", "y_scale": [1, 1], "y_zero_point": 0)"),
            where +
                ".y_zero_point: has another shape than y_scale; expected the same; export the "
                "file again");
  EXPECT_EQ(error(R"("output_dtype": "int8", "y_scale": [[1, 1]], "y_zero_point": [[0], [0]])"),
            where +
                ".y_zero_point: has another shape than y_scale; expected the same; export the "
                "file again");
  for (const char* scales : {"[[1], 1]", "[1, [1]]", "[[1, 2], [1]]", "[[[1]], [1]]"}) {
    EXPECT_EQ(error(fmt::format(R"("output_dtype": "int8", "y_scale": {})", scales)),
              where +
                  ".y_scale: has lists of different lengths or depths; expected those of a "
                  "tensor; export the file again");
  }
  EXPECT_EQ(error(R"("output_dtype": "int8", "y_scale": [[]])"),
            where + ".y_scale: found an empty list; expected a list with at least one element");
  EXPECT_EQ(error(R"("output_dtype": "int8", "y_scale": [[1]], "axis": 1)"),
            where +
                ": has nested lists of scales, but no block_size; expected one; export the file "
                "again");
  EXPECT_EQ(error(R"("output_dtype": "int8", "y_scale": [[1]], "block_size": 4)"),
            where +
                ": has a block_size, but no axis; expected a list of scales and the axis along "
                "which blocks run; export the file again");
  EXPECT_EQ(error(R"("output_dtype": "int8", "y_scale": 1, "axis": 0, "block_size": 4)"),
            where +
                ": has a block_size, but one scale; expected a list of scales and the axis along "
                "which blocks run; export the file again");
  EXPECT_EQ(error(R"("output_dtype": "int8", "y_scale": [1, 1], "axis": -1)"),
            where + ".axis: found -1; expected a whole number from 0 to 7");
}

}  // namespace
}  // namespace pimento::workloads
