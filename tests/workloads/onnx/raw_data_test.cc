// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/raw_data.h"

#include <gtest/gtest.h>

#include "tests/workloads/onnx/model_builder.h"

namespace pimento::workloads::onnx_import {
namespace {

// Two small weights about a large one.
ModelBuilder model() {
  ModelBuilder builder;
  builder.input("x", {1, 2})
      .output("y")
      .floats("a", {2})
      .floats("large", {16, 16})
      .floats("b", {3});
  builder.node("Relu", {"x"}, {"y"}, "act");
  return builder;
}

TEST(RawData, LargeDataStayInTheContent) {
  const std::string content = model().proto.SerializeAsString();
  const auto stripped = strip_raw_data(content);
  ASSERT_TRUE(stripped);
  ASSERT_EQ(stripped->raw_data.size(), 3U);
  EXPECT_FALSE(stripped->raw_data[0]);
  EXPECT_FALSE(stripped->raw_data[2]);
  const std::string_view large = *stripped->raw_data[1];
  EXPECT_EQ(large.size(), 1024U);
  EXPECT_GE(large.data(), content.data());
  EXPECT_LE(large.data() + large.size(), content.data() + content.size());
  EXPECT_EQ(large, model().proto.graph().initializer(1).raw_data());
}

TEST(RawData, TheRestIsTheSameModel) {
  const ModelBuilder builder = model();
  const auto stripped = strip_raw_data(builder.proto.SerializeAsString());
  ::onnx::ModelProto parsed;
  ASSERT_TRUE(parsed.ParseFromString(stripped->message));
  EXPECT_FALSE(parsed.graph().initializer(1).has_raw_data());
  parsed.mutable_graph()->mutable_initializer(1)->set_raw_data(
      builder.proto.graph().initializer(1).raw_data());
  EXPECT_EQ(parsed.SerializeAsString(), builder.proto.SerializeAsString());
}

TEST(RawData, ContentCutAnywhereIsRefusedOrTheSame) {
  const std::string content = model().proto.SerializeAsString();
  for (std::size_t length = 0; length < content.size(); ++length) {
    const std::string_view cut = std::string_view(content).substr(0, length);
    const auto stripped = strip_raw_data(cut);
    ::onnx::ModelProto whole;
    if (!stripped) {
      EXPECT_FALSE(whole.ParseFromArray(cut.data(), static_cast<int>(cut.size()))) << length;
    }
  }
  EXPECT_FALSE(strip_raw_data("no model at all"));
  EXPECT_TRUE(strip_raw_data(""));
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
