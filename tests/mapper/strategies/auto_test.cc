// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/auto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapper/estimate.h"
#include "mapper/lower.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A pJ a cell that is read.
const char* const kPricedCells = "components: {array: {kind: fixed, energy: 1 pJ, source: none}}, ";

double product_of(const MappingProblem& problem, const std::string& strategy) {
  const Mapping mapping = map_network(problem, strategy);
  return estimate(lower(problem, mapping).program, problem.chip).product();
}

// One bit a weight and bipolar cells: all keep all cells. Dense reads 16 pixels x 8 slices of 9
// cells in 128 ns. A window makes several pixels a read, of more cells: 2 x 2 copies on 16 rows
// read 4 x 8 x 64 cells in 32 ns.
TEST(Auto, SaysWhyItChose) {
  NetworkBuilder b({1, 6, 6});
  b.precision(b.conv("c", 1, 3), 1, 8);
  const arch::ChipSpec chip = make_chip({.rows = 16,
                                         .columns = 8,
                                         .encoding = arch::Encoding::kXnor,
                                         .macros_per_core = 1,
                                         .cores_per_tile = 1,
                                         .more = kPricedCells});
  const Mapping mapping = map_network({b.network, chip}, "auto");
  EXPECT_EQ(mapping.strategy, "auto");
  EXPECT_EQ(mapping.layers[0].copies, (std::array<std::int64_t, 2>{2, 2}));
  EXPECT_EQ(mapping.reason,
            "chose windows, the least energy x interval of an image (J s): dense 1.4746e-16, "
            "sparse 1.4746e-16, packed 1.4746e-16, windows 6.5536e-17");
}

TEST(Auto, NamesWhatIsImpossible) {
  NetworkBuilder b({4});
  b.precision(b.add("a", workloads::Linear{1}), 8, 8);
  b.precision(b.add("b", workloads::Linear{1}), 8, 8);
  const arch::ChipSpec chip = make_chip({.rows = 16,
                                         .columns = 16,
                                         .macros_per_core = 1,
                                         .cores_per_tile = 1,
                                         .tiles = "1",
                                         .more = kPricedCells});
  const Mapping mapping = map_network({b.network, chip}, "auto");
  EXPECT_THAT(mapping.reason, StartsWith("chose packed, "));
  EXPECT_THAT(mapping.reason, HasSubstr("; impossible: dense, sparse, windows"));
}

TEST(Auto, FailsAsDenseWhereAllFail) {
  NetworkBuilder b({40});
  b.add("fc", workloads::Linear{2});
  const arch::ChipSpec chip = make_chip(
      {.rows = 16, .columns = 16, .macros_per_core = 1, .cores_per_tile = 1, .tiles = "2"});
  const auto message = [&](const char* strategy) {
    return message_of<InputError>([&] { (void)map_network({b.network, chip}, strategy); });
  };
  EXPECT_THAT(message("dense"), HasSubstr("does not fit"));
  EXPECT_EQ(message("auto"), message("dense"));
}

// Copies cost no energy here, so that they win where there is room for them, and only there.
TEST(Auto, SpareCoresAreForThroughput) {
  NetworkBuilder b({4, 3, 3});
  b.precision(b.conv("c", 4, 1), 8, 8);
  const auto reason = [&](const char* tiles) {
    const arch::ChipSpec chip = make_chip({.rows = 4,
                                           .columns = 32,
                                           .encoding = arch::Encoding::kXnor,
                                           .macros_per_core = 1,
                                           .cores_per_tile = 1,
                                           .tiles = tiles,
                                           .more = kPricedCells});
    return map_network({b.network, chip}, "auto").reason;
  };
  EXPECT_THAT(reason("3"), StartsWith("chose throughput, "));
  EXPECT_THAT(reason("3"), HasSubstr("; replicas take 3 of 3 cores, those of the chip; "));
  EXPECT_THAT(reason("1"), Not(HasSubstr("throughput")));
  EXPECT_THAT(reason("auto"), Not(HasSubstr("throughput")));
}

TEST(Auto, IsTheBestOfItsCandidates) {
  for (const char* chip_name : {"reram_128x128_1b", "isaac_ce"}) {
    const workloads::Network network = shipped_network("resnet20_cifar", "uniform4");
    const arch::ChipSpec chip = shipped_chip(chip_name);
    const MappingProblem problem{network, chip};
    const double found = product_of(problem, "auto");
    for (const char* strategy : {"dense", "sparse", "packed", "windows"}) {
      EXPECT_LE(found, product_of(problem, strategy)) << chip_name << " " << strategy;
    }
    if (chip.tiles) {
      EXPECT_LE(found, product_of(problem, "throughput"));
    }
  }
}

}  // namespace
}  // namespace pimento::mapper
