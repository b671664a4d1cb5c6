// SPDX-License-Identifier: Apache-2.0
// What holds for every strategy: the verifier accepts what it makes of shipped and of random
// networks, or it says in an InputError what the chip lacks; programs made of it are sound.
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "mapper/buffers.h"
#include "mapper/lower.h"
#include "tests/mapper/sparse_example.h"

namespace pimento::mapper {
namespace {

using arch::Encoding;

// Whether it was mapped, and not refused.
bool maps(const workloads::Network& network, const arch::ChipSpec& chip,
          const std::string& strategy) {
  try {
    const Mapping mapping = map_network({network, chip}, strategy);
    const Lowered lowered = lower({network, chip}, mapping);
    EXPECT_NO_THROW(lowered.program.validate());
    EXPECT_NO_THROW(check_buffers(lowered.program));
    return true;
  } catch (const InputError&) {
    return false;
  }
}

arch::ChipSpec chip_with(Encoding encoding, int unit_rows, int unit_columns) {
  return make_chip(
      {.encoding = encoding, .more = unit_rows == 0 ? "" : with_unit(unit_rows, unit_columns)});
}

TEST(EveryStrategy, TakesAShippedNetworkWherePolicyAndChipAllow) {
  for (const char* policy : {"uniform8", "hawq_resnet20", "uniform2"}) {
    const workloads::Network network = shipped_network("resnet20_cifar", policy);
    for (const std::string& strategy : strategies().names()) {
      SCOPED_TRACE(fmt::format("{}, {}", policy, strategy));
      EXPECT_TRUE(maps(network, chip_with(Encoding::kDifferential, 9, 8), strategy));
    }
  }
}

TEST(EveryStrategy, TakesTheDefaultChipOrSaysWhyNot) {
  const workloads::Network network = shipped_network("resnet20_cifar", "uniform4");
  std::vector<std::string> refused;
  for (const std::string& strategy : strategies().names()) {
    if (!maps(network, chip_with(Encoding::kTwosComplement, 0, 0), strategy)) {
      refused.push_back(strategy);
    }
  }
  EXPECT_EQ(refused, (std::vector<std::string>{"bwq", "forms", "similar", "sre"}));
}

// Seven magnitude bits as 3-2-2, on both columns.
TEST(EveryStrategy, KeepsTheSlicesOfAPolicy) {
  NetworkBuilder b({4, 6, 6});
  b.precision(b.conv("conv", 6, 3), 8, 8);
  b.add("flatten", workloads::Flatten{});
  b.precision(b.add("fc", workloads::Linear{5}), 8, 8);
  for (const int layer : b.network.weight_layers()) {
    b.network.layers[static_cast<std::size_t>(layer)].weight_slices = {3, 2, 2};
  }
  const arch::ChipSpec chip =
      make_chip({.cell_bits = 3, .encoding = Encoding::kDifferential, .more = with_unit(9, 8)});
  for (const std::string& strategy : strategies().names()) {
    const Mapping mapping = map_network({b.network, chip}, strategy);
    for (const LayerMapping& layer : mapping.layers) {
      std::vector<int> widths;
      for (const arch::Slice& slice : layer.plan.slices) widths.push_back(slice.width);
      EXPECT_EQ(widths, (std::vector<int>{2, 2, 3, 2, 2, 3})) << strategy;
    }
  }
}

class RandomSparseCase {
 public:
  explicit RandomSparseCase(std::uint32_t seed) : random_(seed) {}

  workloads::Network network() {
    const std::int64_t inputs = from(1, 30);
    const std::int64_t outputs = from(1, 12);
    const int bits = static_cast<int>(from(2, 8));
    const auto most = (std::int64_t{1} << (bits - 1)) - 1;
    const std::int64_t density = from(0, 4);
    std::vector<std::int32_t> weights;
    for (std::int64_t i = 0; i < inputs * outputs; ++i) {
      const bool is_set = from(0, 4) <= density;
      const std::int64_t magnitude = from(0, from(0, most));
      weights.push_back(is_set ? static_cast<std::int32_t>(from(0, 1) == 0 ? magnitude : -magnitude)
                               : 0);
    }
    return hand_made_layer(inputs, weights, bits);
  }
  arch::ChipSpec chip() {
    ChipShape shape{.rows = static_cast<int>(from(1, 20)),
                    .columns = static_cast<int>(from(2, 40)),
                    .cell_bits = static_cast<int>(from(1, 3)),
                    .dac_bits = static_cast<int>(from(1, 2)),
                    .encoding = static_cast<Encoding>(from(0, 6)),
                    .macros_per_core = static_cast<int>(from(1, 4)),
                    .cores_per_tile = static_cast<int>(from(1, 3))};
    const bool flips = shape.encoding == Encoding::kOffsetFlipped;
    if (!flips && from(0, 2) > 0) {
      const int rows = static_cast<int>(from(1, shape.rows));
      const int columns = shape.columns / arch::lines(shape.encoding);
      shape.more = with_unit(rows, static_cast<int>(from(1, columns)));
    }
    return make_chip(shape);
  }

 private:
  std::int64_t from(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  std::mt19937 random_;
};

TEST(EveryStrategy, StoresEveryBitOfRandomLayers) {
  std::map<std::string, int> mapped_by;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    RandomSparseCase random(seed);
    const workloads::Network network = random.network();
    const arch::ChipSpec chip = random.chip();
    for (const std::string& strategy : strategies().names()) {
      SCOPED_TRACE(fmt::format("seed {}, {}", seed, strategy));
      ASSERT_NO_FATAL_FAILURE(mapped_by[strategy] += maps(network, chip, strategy) ? 1 : 0);
    }
  }
  for (const std::string& strategy : strategies().names()) {
    EXPECT_GT(mapped_by[strategy], 20) << strategy;
  }
}

}  // namespace
}  // namespace pimento::mapper
