// SPDX-License-Identifier: Apache-2.0
#include "workloads/bit_sparse.h"

#include <cmath>
#include <cstdlib>

#include <gmock/gmock.h>

#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;

constexpr const char* kLayers =
    "schema: pimento/network/1\nname: n\ninput: {shape: [4]}\n"
    "layers: [{name: fc, op: linear, out_features: 2}]\n";

std::string header_error(const std::string& weights) {
  return input_error([&] { (void)network_of(kLayers + weights); });
}

// Ones of plane `plane` in the block of the matrix at block row `i`, block column `j`.
int ones(const std::vector<std::int32_t>& values, const DrawnLayer& layer, const BitSparse& shape,
         std::int64_t i, std::int64_t j, int plane) {
  int count = 0;
  for (std::int64_t column = j * shape.block_columns;
       column < std::min((j + 1) * shape.block_columns, layer.columns); ++column) {
    for (std::int64_t row = i * shape.block_rows;
         row < std::min((i + 1) * shape.block_rows, layer.rows); ++row) {
      const auto value = values[static_cast<std::size_t>(column * layer.rows + row)];
      count += std::abs(value) >> plane & 1;
    }
  }
  return count;
}

TEST(BitSparseDraw, EmptyPlanesOfBlocksAreBinomial) {
  const BitSparse distribution{.significant_bits = 2.8};
  const DrawnLayer layer{.name = "c", .rows = 900, .columns = 800};
  const auto values = draw_bit_sparse(distribution, layer);
  ASSERT_EQ(values.size(), 720'000U);
  std::array<int, 8> blocks_of{};  // by their significant bits
  for (std::int64_t i = 0; i < 100; ++i) {
    for (std::int64_t j = 0; j < 100; ++j) {
      std::size_t significant = 0;
      for (int plane = 0; plane < 7; ++plane) {
        if (ones(values, layer, distribution, i, j, plane) > 0) {
          significant = static_cast<std::size_t>(plane) + 1;
        }
      }
      ++blocks_of.at(significant);
    }
  }
  // Binomial, 7 trials of 0.4: 0.02799, 0.13064, 0.26127, 0.29030, 0.19354, 0.07741, 0.01720, ...
  const std::array<double, 8> expected{279.9, 1306.4, 2612.7, 2903.0, 1935.4, 774.1, 172.0, 16.4};
  for (std::size_t n = 0; n < 8; ++n) {
    EXPECT_NEAR(blocks_of.at(n), expected.at(n), 4 * std::sqrt(expected.at(n))) << n;
  }
}

TEST(BitSparseDraw, ValuesAreUniformOverTheirPlanes) {
  const BitSparse distribution{.significant_bits = 7};
  const DrawnLayer layer{.name = "c", .bits = 4, .rows = 300, .columns = 400};
  std::array<int, 15> counts{};
  for (const std::int32_t value : draw_bit_sparse(distribution, layer)) {
    ++counts.at(static_cast<std::size_t>(value + 7));
  }
  for (int value = -7; value <= 7; ++value) {  // 0 has both signs
    EXPECT_NEAR(counts.at(static_cast<std::size_t>(value + 7)), value == 0 ? 15'000 : 7'500, 400);
  }
}

TEST(BitSparseDraw, PresenceTakesWholePlanesAndDensityWholeRows) {
  const BitSparse distribution{.block_rows = 10,
                               .block_columns = 16,
                               .significant_bits = 7,
                               .plane_presence = 0.25,
                               .row_density = 0.5};
  const DrawnLayer layer{.name = "c", .rows = 1000, .columns = 160};
  const auto values = draw_bit_sparse(distribution, layer);
  int present = 0;
  for (std::int64_t i = 0; i < 100; ++i) {
    for (std::int64_t j = 0; j < 10; ++j) {
      for (int plane = 0; plane < 7; ++plane) {
        present += ones(values, layer, distribution, i, j, plane) > 0 ? 1 : 0;
      }
    }
  }
  // A block loses all ten of its rows once in 1024.
  EXPECT_NEAR(present, 7000 * 0.25 * (1 - 1.0 / 1024), 4 * std::sqrt(7000 * 0.25 * 0.75));
  const BitSparse rows_only{.significant_bits = 7, .row_density = 0.5};
  const auto sparse = draw_bit_sparse(rows_only, layer);
  const auto dense = draw_bit_sparse({.significant_bits = 7}, layer);
  std::int64_t kept = 0;
  for (std::size_t at = 0; at < sparse.size(); at += 8 * 1000) {  // the 8 columns of a block
    for (std::size_t row = 0; row < 1000; ++row) {
      bool has_any = false;
      for (std::size_t column = 0; column < 8; ++column) {
        const std::size_t place = at + column * 1000 + row;
        has_any = has_any || sparse[place] != 0;
        EXPECT_TRUE(sparse[place] == 0 || sparse[place] == dense[place]);
      }
      kept += has_any ? 1 : 0;
    }
  }
  EXPECT_NEAR(static_cast<double>(kept), 10'000, 300);
  // Blocks beside each other lose rows of their own.
  int differing = 0;
  for (std::size_t row = 0; row < 1000; ++row) {
    differing += (sparse[row] == 0) != (sparse[8000 + row] == 0) ? 1 : 0;
  }
  EXPECT_NEAR(differing, 500, 65);
}

TEST(BitSparseDraw, EdgesOfTheParameters) {
  const DrawnLayer layer{.name = "c", .rows = 10, .columns = 9};
  EXPECT_THAT(draw_bit_sparse({.significant_bits = 0}, layer), Each(0));
  EXPECT_THAT(draw_bit_sparse({.plane_presence = 0}, layer), Each(0));
  EXPECT_THAT(draw_bit_sparse({.row_density = 0}, layer), Each(0));
  const DrawnLayer widest{.name = "c", .bits = 32, .rows = 50, .columns = 50};
  std::int32_t every = 0;
  for (const std::int32_t value : draw_bit_sparse({.significant_bits = 31}, widest)) {
    every |= std::abs(value);
  }
  EXPECT_EQ(every, 2147483647);
}

TEST(BitSparseDraw, OneBitIsZeroOrMinusOne) {
  const DrawnLayer layer{.name = "c", .bits = 1, .rows = 100, .columns = 200};
  const auto values = draw_bit_sparse({.significant_bits = 1}, layer);
  EXPECT_NEAR(static_cast<double>(std::count(values.begin(), values.end(), -1)), 10'000, 300);
  EXPECT_NEAR(static_cast<double>(std::count(values.begin(), values.end(), 0)), 10'000, 300);
}

TEST(BitSparseDraw, GroupsAreMatricesOfTheirOwn) {
  const DrawnLayer whole{.name = "c", .groups = 3, .rows = 9, .columns = 8};
  const auto values = draw_bit_sparse({.significant_bits = 7}, whole);
  ASSERT_EQ(values.size(), 216U);
  const DrawnLayer first{.name = "c", .rows = 9, .columns = 8};
  EXPECT_THAT(std::vector(values.begin(), values.begin() + 72),
              ElementsAreArray(draw_bit_sparse({.significant_bits = 7}, first)));
  EXPECT_FALSE(std::equal(values.begin(), values.begin() + 72, values.begin() + 72));
}

TEST(BitSparseDraw, DependsOnSeedAndNameOnly) {
  const DrawnLayer layer{.name = "c", .rows = 18, .columns = 16};
  const auto values = draw_bit_sparse({}, layer);
  EXPECT_EQ(values, draw_bit_sparse({}, layer));
  EXPECT_NE(values, draw_bit_sparse({}, {.name = "d", .rows = 18, .columns = 16}));
  EXPECT_NE(values, draw_bit_sparse({}, {.name = "c", .seed = 2, .rows = 18, .columns = 16}));
}

TEST(BitSparseRms, IsThatOfTheDraws) {
  const BitSparse distribution{.significant_bits = 3.1, .plane_presence = 0.8, .row_density = 0.6};
  double squares = 0.0;
  const auto values = draw_bit_sparse(distribution, {.name = "c", .rows = 1800, .columns = 1600});
  for (const std::int32_t value : values) squares += static_cast<double>(value) * value;
  const double rms = std::sqrt(squares / static_cast<double>(values.size()));
  EXPECT_NEAR(bit_sparse_rms(distribution, 8) / rms, 1.0, 0.02);
  // One plane that is there and one half of the time: 1/2.
  EXPECT_DOUBLE_EQ(bit_sparse_rms({.significant_bits = 1}, 2), std::sqrt(0.5));
  EXPECT_EQ(bit_sparse_rms({.significant_bits = 0}, 8), 0.0);
}

TEST(BitSparseDescriptor, ParametersStandInTheOrigin) {
  const Network network = network_of(
      std::string(kLayers) +
      "weights: {distribution: bit_sparse, seed: 3, block: [4, 2], significant_bits: 1.5,\n"
      "          plane_presence: 0.9, row_density: 0.75}\n");
  EXPECT_EQ(network.weight_origin.str(),
            "synthetic bit_sparse (4x2 blocks, 1.5 significant bits, plane presence 0.9, row "
            "density 0.75), seed 3");
  EXPECT_THAT(
      integer_weights(network, 0),
      ElementsAreArray(draw_bit_sparse(network.weight_origin.bit_sparse,
                                       {.name = "fc", .seed = 3, .rows = 4, .columns = 2})));
  EXPECT_NEAR(weight_grid(network, 0).scale.reals[0],
              std::sqrt(0.5) / bit_sparse_rms(network.weight_origin.bit_sparse, 8), 1e-12);
}

TEST(BitSparseDescriptor, DefaultsAreFullBlocksOfNineByEight) {
  const Network network = network_of(std::string(kLayers) +
                                     "weights: {distribution: bit_sparse, significant_bits: 2}\n");
  EXPECT_EQ(network.weight_origin.str(),
            "synthetic bit_sparse (9x8 blocks, 2 significant bits, plane presence 1, row density "
            "1), seed 1");
}

TEST(BitSparseDescriptorError, EveryFieldIsHeldToItsRange) {
  EXPECT_EQ(
      header_error("weights: {distribution: bit_sparse, significant_bits: 32, "
                   "plane_presence: 1.5, row_density: -0.1, block: [0, 8]}\n"),
      "net.yaml:5:55: weights.significant_bits: found \"32\"; expected a number from 0 to 31\n"
      "net.yaml:5:75: weights.plane_presence: found \"1.5\"; expected a number from 0 to 1\n"
      "net.yaml:5:93: weights.row_density: found \"-0.1\"; expected a number from 0 to 1\n"
      "net.yaml:5:107: weights.block.0: found \"0\"; expected a whole number from 1 to 1048576");
  EXPECT_EQ(header_error("weights: {distribution: bit_sparse, block: [9]}\n"),
            "net.yaml:5:10: weights.significant_bits: missing; expected a number from 0 to 31\n"
            "net.yaml:5:44: weights.block: found 1 numbers; expected [rows, columns]");
  EXPECT_EQ(header_error("weights: {distribution: bit_sparse, significant_bits: 1, block: 9}\n"),
            "net.yaml:5:65: weights.block: found \"9\"; expected a list");
  EXPECT_EQ(
      header_error("weights: {distribution: uniform, row_density: 0.5}\n"),
      "net.yaml:5:34: weights.row_density: unknown key; known keys: distribution, file, seed");
}

// Pinned: reports of different machines and versions must not differ.
TEST(BitSparseDraw, IsTheSameEverywhere) {
  EXPECT_THAT(draw_bit_sparse({.block_rows = 2, .block_columns = 1},
                              {.name = "fc", .rows = 4, .columns = 2}),
              ElementsAre(2, 3, 0, 0, 0, 0, 1, -1));
}

}  // namespace
}  // namespace pimento::workloads
