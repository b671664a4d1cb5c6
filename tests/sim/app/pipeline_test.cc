// SPDX-License-Identifier: Apache-2.0
#include "sim/app/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace pimento::app {
namespace {

using testing::HasSubstr;

std::string error_with(const std::vector<Override>& overrides) {
  try {
    (void)load_network("digits_cnn", overrides);
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(LoadNetwork, AnOnnxInputMayBeGivenItsShape) {
  const workloads::Network network =
      load_network("digits_cnn", {{"network.inputs.image", "[1, 1, 8, 8]"}});
  EXPECT_EQ(network.input_shape, (workloads::Shape{1, 8, 8}));
  EXPECT_THAT(error_with({{"network.inputs.image", "[1, 1, 16, 16]"}}), HasSubstr("node \"fc\""));
}

TEST(LoadNetwork, TheLastShapeOfAnInputCounts) {
  const workloads::Network network = load_network(
      "digits_cnn",
      {{"network.inputs.image", "[1, 1, 9, 9]"}, {"network.inputs.image", "[1, 1, 8, 8]"}});
  EXPECT_EQ(network.input_shape, (workloads::Shape{1, 8, 8}));
}

TEST(LoadNetwork, MistakesInShapesAreNamed) {
  EXPECT_EQ(error_with({{"network.inputs.picture", "[1, 1, 8, 8]"}}),
            "embedded:configs/networks/digits_cnn.onnx: is given a shape for the input "
            "\"picture\"; its inputs are: image");
  EXPECT_THAT(error_with({{"network.inputs.image", "[1, 0]"}}),
              HasSubstr("--set network.inputs.image:1:13: shape.1: found \"0\""));
  EXPECT_EQ(
      error_with({{"network.inputs.image", "[2, 1, 8, 8]"}}),
      "--set network.inputs.image:1:9: shape: found a batch of 2; expected 1, as networks are "
      "counted an image at a time");
  EXPECT_THAT(error_with({{"network.inputs.image", "8"}}),
              HasSubstr("--set network.inputs.image:1:9: shape: "));
  EXPECT_EQ(
      error_with({{"network.layers.conv1.kernel", "5"}}),
      "--set network.layers.conv1.kernel: \"embedded:configs/networks/digits_cnn.onnx\" is an "
      "ONNX file, of which only inputs.NAME, the shape of an input, can be set; change the "
      "model, or describe it in YAML");
}

TEST(ChoosePolicy, QuantizedNetworksHaveTheirOwn) {
  const workloads::Network network = load_network("digits_cnn", {});
  EXPECT_EQ(choose_policy("", network, {}).policy.name, "uniform8");
  EXPECT_EQ(choose_policy("uniform4", network, {}).policy.name, "uniform4");
}

}  // namespace
}  // namespace pimento::app
