// SPDX-License-Identifier: Apache-2.0
#include "mapper/estimate.h"

#include <gtest/gtest.h>

#include "mapper/lower.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// A pJ a cell that is read.
const char* const kPricedCells = "components: {array: {kind: fixed, energy: 1 pJ, source: none}}, ";

TEST(Estimate, OfOneMacro) {
  NetworkBuilder b({4, 3, 3});
  b.precision(b.conv("c", 2, 1), 8, 6);
  const arch::ChipSpec chip = make_chip({.more = kPricedCells});
  const MappingProblem problem{b.network, chip};
  const Estimate found = estimate(lower(problem, map_network(problem, "dense")).program, chip);
  EXPECT_DOUBLE_EQ(found.energy.value(), 9 * 6 * (4 * 16) * 1e-12);  // pixels, slices, cells
  EXPECT_DOUBLE_EQ(found.interval.value(), 9 * 6 * 1e-9);
  EXPECT_DOUBLE_EQ(found.product(), found.energy.value() * found.interval.value());
}

// A vector unit of 1 kHz has more to do than the macros.
TEST(Estimate, TheBusiestUnitSetsTheInterval) {
  const workloads::Network network = shipped_network("vgg8", "uniform8");
  const arch::ChipSpec chip =
      shipped_chip("isaac_ce", {{"tile.components.vector_unit.rate", "1 kHz"}});
  const MappingProblem problem{network, chip};
  const arch::Program program = lower(problem, map_network(problem, "dense")).program;
  EXPECT_GE(estimate(program, chip).interval.value(), 32 * 32 * 128 / (2 * 1e3));
}

// Layers on one macro work one after the other.
TEST(Estimate, LayersOfALaneAddUp) {
  NetworkBuilder b({4, 3, 3});
  b.precision(b.conv("c", 4, 1), 8, 6);
  b.precision(b.conv("d", 4, 1), 8, 6);
  const arch::ChipSpec chip = make_chip({.more = kPricedCells});
  const MappingProblem problem{b.network, chip};
  const auto interval = [&](const char* strategy) {
    return estimate(lower(problem, map_network(problem, strategy)).program, chip).interval.value();
  };
  EXPECT_DOUBLE_EQ(interval("dense"), 9 * 6 * 1e-9);
  EXPECT_DOUBLE_EQ(interval("packed"), 2 * 9 * 6 * 1e-9);
}

}  // namespace
}  // namespace pimento::mapper
