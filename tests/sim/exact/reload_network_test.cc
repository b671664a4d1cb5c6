// SPDX-License-Identifier: Apache-2.0
// Networks that outgrow the chip: whatever round a layer is in, with lossless ADCs the outputs are
// bit for bit those of the integers.
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/exact/network_runner.h"
#include "tests/mapper/support.h"
#include "tests/workloads/graph/graph_builder.h"
#include "workloads/synthetic_values.h"

namespace pimento::exact {
namespace {

using workloads::Array;

TEST(ReloadNetworks, GiveTheIntegerReference) {
  mapper::NetworkBuilder builder({3, 7, 7});
  builder.conv("a", 4, 3, 1, 1);
  builder.add("relu", workloads::Relu{});
  builder.conv("b", 4, 3, 1, 1, 4);
  builder.conv("c", 6, 3, 2);
  builder.add("flatten", workloads::Flatten{});
  builder.add("fc", workloads::Linear{10});
  for (const int layer : builder.network.weight_layers()) builder.precision(layer, 4, 5);
  builder.network.weight_origin.distribution = "uniform";
  const workloads::Network network = workloads::with_synthetic_values(builder.network);
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  for (const int macros : {4, 6, 12}) {
    SCOPED_TRACE(macros);
    const arch::ChipSpec chip = mapper::make_chip(
        {.rows = 32, .columns = 24, .macros_per_core = 1, .cores_per_tile = macros, .tiles = "1"});
    const mapper::Mapping mapping = mapper::map_network({network, chip}, "reload");
    EXPECT_EQ(mapping.layers.back().groups.front().round > 0, macros < 12);
    NetworkRunner runner(network, {mapping.layers.begin(), mapping.layers.end()}, {chip.macro, {}},
                         false);
    const std::vector<Array> reference = runner.run(image, Arithmetic::kIntegers);
    EXPECT_TRUE(runner.run(image, Arithmetic::kEveryRead) == reference);
    EXPECT_GT(runner.reads().conversions, 0);
  }
}

// Chips that no layer fits: parts of channels, down to parts of rows on one macro.
TEST(ReloadNetworks, InPartsGiveTheIntegerReference) {
  mapper::NetworkBuilder builder({3, 6, 6});
  builder.conv("a", 9, 3, 1, 1);
  builder.add("relu", workloads::Relu{});
  builder.conv("b", 12, 3, 1, 1, 3);
  builder.add("relu2", workloads::Relu{});
  builder.conv("c", 5, 3, 2);
  builder.add("flatten", workloads::Flatten{});
  builder.add("fc", workloads::Linear{7});
  for (const int layer : builder.network.weight_layers()) builder.precision(layer, 3, 4);
  builder.network.weight_origin.distribution = "uniform";
  const workloads::Network network = workloads::with_synthetic_values(builder.network);
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  const auto encodings = {arch::Encoding::kTwosComplement, arch::Encoding::kOffset,
                          arch::Encoding::kDifferential};
  for (const arch::Encoding encoding : encodings) {
    for (const int macros : {1, 2, 3, 5, 9}) {
      for (const bool halves : {false, true}) {
        if (halves && macros == 1) continue;
        SCOPED_TRACE(fmt::format("{} macros, {}", macros, halves));
        arch::ChipSpec chip = mapper::make_chip({.rows = 16,
                                                 .columns = 12,
                                                 .encoding = encoding,
                                                 .macros_per_core = 1,
                                                 .cores_per_tile = macros,
                                                 .tiles = "1"});
        chip.double_buffering = halves;
        const mapper::Mapping mapping = mapper::map_network({network, chip}, "reload");
        EXPECT_TRUE(mapping.reason.starts_with("tile-stationary")) << mapping.reason;
        NetworkRunner runner(network, {mapping.layers.begin(), mapping.layers.end()},
                             {chip.macro, {}}, false);
        EXPECT_TRUE(runner.run(image, Arithmetic::kEveryRead) ==
                    runner.run(image, Arithmetic::kIntegers));
      }
    }
  }
}

}  // namespace
}  // namespace pimento::exact
