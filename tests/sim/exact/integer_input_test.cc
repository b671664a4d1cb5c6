// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/integer_input.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/mapper/support.h"

namespace pimento::exact {
namespace {

using workloads::Layer;
using workloads::real_array;

Layer layer_of(int bits) {
  Layer layer;
  layer.name = "conv";
  layer.operation = workloads::Linear{1};
  layer.precision.activation_bits = bits;
  return layer;
}

TEST(InputGrid, FindsAScaleAnewWithoutAQuantizer) {
  const InputGrid grid(layer_of(8), false);
  const IntegerInput input = grid.integers(real_array({3}, {0.0, 0.5, 2.55}));
  EXPECT_EQ(input.integers, (std::vector<std::int32_t>{0, 50, 255}));
  EXPECT_NEAR(input.scale, 0.01, 1e-9);
  EXPECT_FALSE(grid.format().is_signed);
}

TEST(InputGrid, SignedInputsUseBothHalves) {
  const InputGrid grid(layer_of(4), true);
  const IntegerInput input = grid.integers(real_array({3}, {-1.75, 0.25, 0.875}));
  EXPECT_EQ(input.integers, (std::vector<std::int32_t>{-7, 1, 4}));  // 3.5 to the even
}

TEST(InputGrid, TakesTheQuantizerOfItsBits) {
  Layer layer = layer_of(4);
  layer.input_quantizer =
      workloads::InputQuantizer{4, false, real_array({}, {0.5}), real_array({}, {3.0})};
  const InputGrid grid(layer, false);
  const IntegerInput input = grid.integers(real_array({4}, {-9.0, 0.0, 1.0, 99.0}));
  EXPECT_EQ(input.integers, (std::vector<std::int32_t>{0, 3, 5, 15}));
  EXPECT_EQ(input.zero_point, 3.0);
  EXPECT_FALSE(grid.format().is_signed);
}

TEST(InputGrid, LeavesTheQuantizerWhereThePolicyHasOtherBits) {
  Layer layer = layer_of(8);
  layer.input_quantizer =
      workloads::InputQuantizer{4, false, real_array({}, {0.5}), real_array({}, {3.0})};
  EXPECT_EQ(InputGrid(layer, false).integers(real_array({1}, {1.0})).integers.front(), 255);
}

TEST(InputGrid, RefusesAScaleForEveryChannel) {
  Layer layer = layer_of(4);
  layer.input_quantizer = workloads::InputQuantizer{4, false, real_array({2}, {0.5, 0.25}), {}};
  EXPECT_EQ(mapper::message_of<InputError>([&] { (void)InputGrid(layer, true); }),
            "layer \"conv\": its input has a scale for every channel; executed are networks whose "
            "inputs have one a tensor");
}

TEST(InputGrid, NothingIsZeroEverywhere) {
  const IntegerInput input = InputGrid(layer_of(8), false).integers(real_array({2}, {0.0, 0.0}));
  EXPECT_EQ(input.integers, (std::vector<std::int32_t>{0, 0}));
  EXPECT_GT(input.scale, 0.0);
}

}  // namespace
}  // namespace pimento::exact
