// SPDX-License-Identifier: Apache-2.0
// A strategy that leaves out zeros cannot lose a bit unseen: with lossless ADCs its mapping gives
// the outputs of the integers, by the short-cut and with every column read.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "sim/exact/network_runner.h"
#include "tests/mapper/support.h"
#include "workloads/synthetic_values.h"

namespace pimento::exact {
namespace {

using arch::Encoding;

// Ordinary, depthwise and fully connected layers whose weights have planes, rows and blocks of
// zeros.
workloads::Network sparse_network(int bits) {
  mapper::NetworkBuilder builder({4, 7, 7});
  builder.conv("plain", 10, 3, 2, 1);
  builder.add("relu", workloads::Relu{});
  builder.conv("depthwise", 10, 3, 1, 1, 10);
  builder.conv("pointwise", 17, 1);
  builder.add("pool", workloads::GlobalPool{});
  builder.add("flatten", workloads::Flatten{});
  builder.add("fc", workloads::Linear{5});
  workloads::WeightOrigin& origin = builder.network.weight_origin;
  origin.seed = static_cast<std::uint64_t>(bits);
  origin.distribution = "bit_sparse";
  origin.bit_sparse.significant_bits = 1.5;
  origin.bit_sparse.plane_presence = 0.7;
  origin.bit_sparse.row_density = 0.6;
  for (const int layer : builder.network.weight_layers()) builder.precision(layer, bits, 6);
  builder.network.input_bits = 6;
  return workloads::with_synthetic_values(builder.network);
}

struct Case {
  std::string strategy;
  Encoding encoding;
  int cell_bits;
  int unit_rows;
};

std::int64_t conversions_of(const workloads::Network& network,
                            const std::vector<workloads::Array>& image, const Case& c) {
  const std::string unit =
      c.unit_rows == 0 ? ""
                       : fmt::format("operation_unit: {{rows: {}, columns: 8}}, ", c.unit_rows);
  const arch::ChipSpec chip = mapper::make_chip(
      {.rows = 32, .columns = 48, .cell_bits = c.cell_bits, .encoding = c.encoding, .more = unit});
  const mapper::Mapping mapping = mapper::map_network({network, chip}, c.strategy);
  const ColumnReading lossless{c.unit_rows, chip.macro.geometry().lossless_adc_bits()};
  NetworkRunner runner(network, {mapping.layers.begin(), mapping.layers.end()},
                       {chip.macro, lossless}, true);
  const std::vector<workloads::Array> reference = runner.run(image, Arithmetic::kIntegers);
  EXPECT_EQ(runner.reads().conversions, 0);
  EXPECT_TRUE(runner.run(image, Arithmetic::kArrays) == reference);
  const std::int64_t conversions = runner.reads().conversions;
  EXPECT_TRUE(runner.run(image, Arithmetic::kEveryRead) == reference);
  EXPECT_EQ(runner.reads().saturated, 0);
  return conversions;
}

TEST(SparseNetworks, AreExactWhateverIsLeftOut) {
  int cases = 0;
  int fewer = 0;
  for (const int bits : {3, 5, 8}) {
    const workloads::Network network = sparse_network(bits);
    const std::vector<workloads::Array> image = workloads::synthetic_image(*network.graph, 1, 0);
    for (const Encoding encoding :
         {Encoding::kTwosComplement, Encoding::kOffset, Encoding::kDifferential,
          Encoding::kSignMagnitude, Encoding::kCenterOffset, Encoding::kCsd}) {
      for (const int unit_rows : {0, 9}) {
        for (const int cell_bits : {1, 2}) {
          const std::int64_t dense =
              conversions_of(network, image, {"dense", encoding, cell_bits, unit_rows});
          for (const std::string& strategy : mapper::strategies().names()) {
            const bool needs_unit = strategy == "sre" || strategy == "bwq" ||
                                    strategy == "similar" || strategy == "forms";
            if (needs_unit && unit_rows == 0) continue;
            if (strategy == "forms" && encoding != Encoding::kDifferential) continue;
            SCOPED_TRACE(fmt::format("{} bits, {}, {}-bit cells, units of {}, {}", bits,
                                     arch::encoding_name(encoding), cell_bits, unit_rows,
                                     strategy));
            const std::int64_t sparse =
                conversions_of(network, image, {strategy, encoding, cell_bits, unit_rows});
            ++cases;
            fewer += sparse < dense ? 1 : 0;
          }
        }
      }
    }
  }
  EXPECT_GT(cases, 500);
  EXPECT_GT(fewer, 150);
}

// Where ADCs lose sums, the short-cut says what every read says.
TEST(SparseNetworks, LoseTheSameByTheShortCut) {
  const workloads::Network network = sparse_network(6);
  const std::vector<workloads::Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  const arch::ChipSpec chip =
      mapper::make_chip({.rows = 32,
                         .columns = 48,
                         .encoding = Encoding::kDifferential,
                         .more = "operation_unit: {rows: 9, columns: 8}, "});
  for (const char* strategy : {"planes", "sre", "sme", "bwq", "similar", "forms"}) {
    SCOPED_TRACE(strategy);
    const mapper::Mapping mapping = mapper::map_network({network, chip}, strategy);
    NetworkRunner runner(network, {mapping.layers.begin(), mapping.layers.end()},
                         {chip.macro, {9, 1}}, true);
    const std::vector<workloads::Array> lossy = runner.run(image, Arithmetic::kArrays);
    EXPECT_FALSE(lossy == runner.run(image, Arithmetic::kIntegers));
    EXPECT_TRUE(runner.run(image, Arithmetic::kEveryRead) == lossy);
  }
}

}  // namespace
}  // namespace pimento::exact
