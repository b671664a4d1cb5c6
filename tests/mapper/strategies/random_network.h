// SPDX-License-Identifier: Apache-2.0
// Small networks of convolutions, some of them depthwise, and a linear layer.
#pragma once

#include <random>

#include "tests/mapper/support.h"

namespace pimento::mapper {

inline workloads::Network random_network(std::mt19937& random) {
  const auto from = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  NetworkBuilder b({from(1, 5), from(3, 6), from(3, 6)});
  const int convolutions = from(1, 3);
  for (int i = 0; i < convolutions; ++i) {
    const std::int64_t channels = b.network.shape_of(b.last())[0];
    const bool depthwise = from(0, 3) == 0;
    const int layer = b.conv(fmt::format("c{}", i), depthwise ? channels : from(1, 7), 3, 1, 1,
                             depthwise ? channels : 1);
    b.precision(layer, from(2, 8), from(1, 8));
  }
  b.add("flatten", workloads::Flatten{});
  b.precision(b.add("fc", workloads::Linear{from(1, 9)}), from(2, 8), from(1, 8));
  return b.network;
}

}  // namespace pimento::mapper
