// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/operator_names.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "workloads/graph/operator.h"

namespace pimento::workloads::onnx_import {
namespace {

using testing::Contains;
using testing::Not;

TEST(OnnxOperatorNames, StandardOperatorsHaveTwoSpellingsOfTheirDomain) {
  EXPECT_EQ(known_operator("", "Conv"), "Conv");
  EXPECT_EQ(known_operator("ai.onnx", "Conv"), "Conv");
  EXPECT_EQ(known_operator("", "Constant"), "Constant");
  EXPECT_EQ(known_operator("", "LSTM"), std::nullopt);
  EXPECT_EQ(known_operator("", "conv"), std::nullopt);
  EXPECT_EQ(known_operator("ai.onnx.ml", "Conv"), std::nullopt);
}

TEST(OnnxOperatorNames, QuantizersComeInTheDomainsOfTheirTools) {
  for (const char* domain :
       {"qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general"}) {
    EXPECT_EQ(known_operator(domain, "Quant"), "Quant");
    EXPECT_EQ(known_operator(domain, "IntQuant"), "Quant");
    EXPECT_EQ(known_operator(domain, "BipolarQuant"), "BipolarQuant");
    EXPECT_EQ(known_operator(domain, "Trunc"), "Trunc");
    EXPECT_EQ(known_operator(domain, "Conv"), std::nullopt);
  }
  EXPECT_EQ(known_operator("org.openvinotoolkit", "FakeQuantize"), "FakeQuantize");
  EXPECT_EQ(known_operator("com.microsoft", "QLinearAdd"), "QLinearAdd");
  EXPECT_EQ(known_operator("com.microsoft", "QuantizeLinear"), "QuantizeLinear");
  EXPECT_EQ(known_operator("com.microsoft", "Quant"), std::nullopt);
}

TEST(OnnxOperatorNames, NobodysOwnOperatorsAreStandard) {
  for (const char* op : {"Quant", "IntQuant", "BipolarQuant", "Trunc", "FakeQuantize", "QLinearAdd",
                         "QLinearMul", "QLinearGlobalAveragePool"}) {
    EXPECT_EQ(known_operator("", op), std::nullopt) << op;
    EXPECT_THAT(standard_operators(), Not(Contains(op)));
  }
  EXPECT_EQ(known_operator("", "QuantizeLinear"), "QuantizeLinear");
  EXPECT_EQ(known_operator("", "Gelu"), "Gelu");
}

TEST(OnnxOperatorNames, TheListIsSortedAndComplete) {
  const std::vector<std::string> names = standard_operators();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_THAT(names, Contains("Constant"));
  // All of the table but the eight above's seven, and Constant, which the table does not have.
  EXPECT_EQ(names.size(), operator_table().names().size() - 7 + 1);
  for (const std::string& name : names) EXPECT_EQ(known_operator("", name), name);
}

}  // namespace
}  // namespace pimento::workloads::onnx_import
