// SPDX-License-Identifier: Apache-2.0
#include "workloads/input_sign.h"

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::workloads {
namespace {

TEST(InputSign, ActivationsThatCutOffDecide) {
  mapper::NetworkBuilder builder({1, 4, 4});
  const int first = builder.conv("first", 2, 3);
  builder.add("relu", Relu{});
  builder.add("pool", GlobalPool{});
  builder.add("flatten", Flatten{});
  const int second = builder.add("second", Linear{2});
  const int third = builder.add("third", Linear{2});
  EXPECT_FALSE(reads_negative(builder.network, first, false));
  EXPECT_TRUE(reads_negative(builder.network, first, true));
  EXPECT_FALSE(reads_negative(builder.network, second, true));
  EXPECT_TRUE(reads_negative(builder.network, third, false));
}

TEST(InputSign, AQuantizerSaysIt) {
  mapper::NetworkBuilder builder({1, 4, 4});
  const int conv = builder.conv("conv", 2, 3);
  Layer& layer = builder.network.layers.front();
  layer.input_quantizer.emplace();
  layer.input_quantizer->is_signed = true;
  EXPECT_TRUE(reads_negative(builder.network, conv, false));
  layer.input_quantizer->is_signed = false;
  EXPECT_FALSE(reads_negative(builder.network, conv, true));
}

}  // namespace
}  // namespace pimento::workloads
