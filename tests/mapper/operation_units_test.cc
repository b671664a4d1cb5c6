// SPDX-License-Identifier: Apache-2.0
#include "mapper/operation_units.h"

#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
#include "mapper/lower.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

const arch::OperationUnit kNineByEight{9, 8};

// ResNet-18 on ImageNet, 8-bit weights in 1-bit cells of 128 x 128 arrays, 8-bit activations by a
// 1-bit DAC, read in units of 9 x 8.
struct UnitCounts {
  std::int64_t bounded = 0;
  std::int64_t straddling = 0;
  std::int64_t conversions = 0;
};

UnitCounts resnet18() {
  const workloads::Network network = shipped_network("resnet18_imagenet", "uniform8");
  const arch::ChipSpec chip =
      shipped_chip("reram_128x128_1b", {{"macro.operation_unit", "{rows: 9, columns: 8}"}});
  const MappingProblem problem{network, chip};
  const Mapping mapping = map_network(problem, "dense");
  const Lowered lowered = lower(problem, mapping);
  UnitCounts counts;
  for (std::size_t s = 0; s < lowered.program.stages.size(); ++s) {
    counts.conversions += arch::static_counts(lowered.program, static_cast<int>(s), chip)
                              .total(arch::Action::kAdcConversion);
  }
  for (const LayerMapping& layer : mapping.layers) {
    const workloads::MatrixShape matrix = network.matrix(layer.layer);
    const std::int64_t steps = matrix.positions * 8;
    counts.bounded += steps * unit_reads(layer, chip.macro.unit);
    counts.straddling +=
        steps * straddling_unit_reads(matrix, std::ssize(layer.plan.slices), chip.macro.unit);
  }
  return counts;
}

TEST(OperationUnitGolden, ResnetIn9x8) {
  const UnitCounts counts = resnet18();
  EXPECT_EQ(counts.bounded, 1'709'675'264);
  EXPECT_EQ(counts.straddling, 1'617'929'536);
  // A conversion for each column of each unit; no unit of this network has fewer than eight.
  EXPECT_EQ(counts.conversions, 8 * counts.bounded);
}

// The layer table written out, and rows and bits counted by stepping over them.
TEST(OperationUnitGolden, TheSameFromTheLayerTable) {
  struct Row {
    std::int64_t rows, columns, positions, times;
  };
  const std::vector<Row> table{{147, 64, 12544, 1}, {576, 64, 3136, 4}, {576, 128, 784, 1},
                               {1152, 128, 784, 3}, {64, 128, 784, 1},  {1152, 256, 196, 1},
                               {2304, 256, 196, 3}, {128, 256, 196, 1}, {2304, 512, 49, 1},
                               {4608, 512, 49, 3},  {256, 512, 49, 1},  {512, 1000, 1, 1}};
  UnitCounts expected;
  for (const Row& row : table) {
    std::int64_t bounded = 0;
    for (std::int64_t at = 0; at < row.rows; ++at) bounded += at % 128 % 9 == 0 ? 1 : 0;
    std::int64_t straddling = 0;
    for (std::int64_t at = 0; at < row.rows; at += 9) ++straddling;
    const std::int64_t units_beside = row.columns;  // eight bits of a weight are a unit's width
    expected.bounded += row.times * row.positions * 8 * bounded * units_beside;
    expected.straddling += row.times * row.positions * 8 * straddling * units_beside;
  }
  const UnitCounts counts = resnet18();
  EXPECT_EQ(counts.bounded, expected.bounded);
  EXPECT_EQ(counts.straddling, expected.straddling);
}

// 10 rows and 15 columns on arrays of 4 x 8, in units of 3 x 4.
TEST(OperationUnits, EndAtTheEdgesOfArrays) {
  NetworkBuilder b({10});
  b.precision(b.add("fc", workloads::Linear{5}), 3, 8);
  const arch::ChipSpec chip =
      make_chip({.rows = 4, .columns = 8, .more = "operation_unit: {rows: 3, columns: 4}, "});
  const Mapping mapping = map_network({b.network, chip}, "dense");
  EXPECT_EQ(unit_reads(mapping.layers[0], chip.macro.unit), (2 + 2 + 1) * (2 + 2));
  EXPECT_EQ(straddling_unit_reads(b.network.matrix(0), 3, chip.macro.unit), 4 * 4);
  EXPECT_EQ(unit_reads(mapping.layers[0], {}), 6);
}

TEST(OperationUnits, OneRowMoreIsOneUnitMore) {
  EXPECT_EQ(straddling_unit_reads({1, 18, 2, 1}, 8, kNineByEight), 2 * 2);
  EXPECT_EQ(straddling_unit_reads({1, 19, 2, 1}, 8, kNineByEight), 3 * 2);
  EXPECT_EQ(straddling_unit_reads({1, 18, 3, 1}, 3, kNineByEight), 2 * 2);
  EXPECT_EQ(straddling_unit_reads({5, 18, 2, 1}, 8, kNineByEight), 5 * 2 * 2);
}

TEST(OperationUnits, WithoutExtentCannotStraddle) {
  EXPECT_EQ(message_of<InternalError>(
                [&] { (void)straddling_unit_reads({1, 18, 2, 1}, 8, arch::OperationUnit{}); }),
            "an operation unit has no extent");
}

}  // namespace
}  // namespace pimento::mapper
