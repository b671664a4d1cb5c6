// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/sparse.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapper/input_slices.h"
#include "mapper/tile_work.h"
#include "tests/mapper/strategies/random_network.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

using ::testing::HasSubstr;

std::int64_t reads_of(const LayerMapping& layer, const MappingProblem& problem) {
  std::int64_t reads = 0;
  for (const arch::TileWork& tile : tile_work(layer, problem)) {
    for (const arch::CoreWork& work : tile.cores) reads = std::max(reads, work.reads);
  }
  return reads * input_slices(problem, layer);
}

std::int64_t metadata_of(const LayerMapping& layer) {
  std::int64_t bits = 0;
  for (const PassReport& pass : layer.passes) bits += pass.metadata_bits;
  return bits;
}

using Cost = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

Cost cost_of(const LayerMapping& layer, const MappingProblem& problem) {
  return {reads_of(layer, problem), used_cells(layer), metadata_of(layer)};
}

// Each strategy that "sparse" chooses from is no better for any layer.
void expect_best(const MappingProblem& problem) {
  const Mapping sparse = map_network(problem, "sparse");
  EXPECT_EQ(sparse.strategy, "sparse");
  for (const char* name : {"dense", "planes", "sre", "bwq", "similar", "sme", "forms"}) {
    Mapping other;
    try {
      other = map_network(problem, name);
    } catch (const InputError&) {
      EXPECT_THAT(sparse.reason, HasSubstr(name));
      continue;
    }
    for (std::size_t l = 0; l < sparse.layers.size(); ++l) {
      EXPECT_LE(cost_of(sparse.layers[l], problem), cost_of(other.layers[l], problem)) << name;
    }
  }
}

TEST(Sparse, IsTheBestOfEachLayer) {
  std::mt19937 random(20);
  for (int i = 0; i < 60; ++i) {
    const workloads::Network network = random_network(random);
    const bool has_units = i % 2 == 0;
    const arch::ChipSpec chip = make_chip(
        {.rows = 16 + (16 * (i % 3)),
         .columns = 32,
         .cell_bits = 1 + (i % 5 == 4 ? 1 : 0),
         .encoding = i % 4 < 2 ? arch::Encoding::kTwosComplement : arch::Encoding::kDifferential,
         .macros_per_core = 2,
         .cores_per_tile = 3,
         .more = has_units ? "operation_unit: {rows: 4, columns: 4}, " : ""});
    SCOPED_TRACE(i);
    expect_best({network, chip});
  }
}

TEST(Sparse, SaysWhatItTook) {
  NetworkBuilder b({4});
  b.precision(b.add("fc", workloads::Linear{2}), 8, 8);
  const arch::ChipSpec chip = make_chip({.encoding = arch::Encoding::kXnor});
  EXPECT_EQ(map_network({b.network, chip}, "sparse").reason,
            "1 layer as dense; not on this chip: sre, bwq, similar, sme, forms");
}

TEST(Sparse, FailsAsDense) {
  NetworkBuilder b({40});
  b.add("fc", workloads::Linear{2});
  const arch::ChipSpec chip = make_chip({.rows = 16,
                                         .columns = 16,
                                         .encoding = arch::Encoding::kXnor,
                                         .macros_per_core = 1,
                                         .cores_per_tile = 1,
                                         .tiles = "2"});
  const auto message = [&](const char* strategy) {
    return message_of<InputError>([&] { (void)map_network({b.network, chip}, strategy); });
  };
  EXPECT_THAT(message("dense"), HasSubstr("does not fit"));
  EXPECT_EQ(message("sparse"), message("dense"));
}

}  // namespace
}  // namespace pimento::mapper
