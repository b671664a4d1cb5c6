// SPDX-License-Identifier: Apache-2.0
// Mapped networks in the model: bits over routers are those of the mapper's closed form, and copies
// of layers shorten the interval between images as their solver says.
#include <gtest/gtest.h>

#include "mapper/estimate.h"
#include "mapper/lower.h"
#include "mapper/traffic.h"
#include "sim/engine/simulate.h"
#include "tests/mapper/support.h"

namespace pimento::sim::testing {
namespace {

struct Mapped {
  const char* network;
  const char* chip;
  const char* strategy;
};

class Traffic : public ::testing::TestWithParam<Mapped> {};

TEST_P(Traffic, IsWhatTheModelCounts) {
  const workloads::Network network = mapper::shipped_network(GetParam().network, "uniform8");
  const arch::ChipSpec chip = mapper::shipped_chip(GetParam().chip);
  const mapper::MappingProblem problem{network, chip};
  const arch::Program program =
      mapper::lower(problem, mapper::map_network(problem, GetParam().strategy)).program;
  const SimulationResult result = simulate(chip, program, 2);
  std::int64_t bits = 0;
  for (const StageResult& stage : result.stages) {
    bits += stage.counts.total(arch::Action::kRouterBit);
  }
  EXPECT_GT(bits, 0);
  EXPECT_EQ(bits, 2 * mapper::traffic_cost(program, chip));
}

INSTANTIATE_TEST_SUITE_P(Networks, Traffic,
                         ::testing::Values(Mapped{"vgg8", "reram_128x128_1b", "dense"},
                                           Mapped{"vgg8", "reram_128x128_1b", "throughput"},
                                           Mapped{"vgg8", "isaac_ce", "throughput"},
                                           Mapped{"resnet20_cifar", "isaac_ce", "throughput"},
                                           Mapped{"vgg8", "isaac_ce", "packed"}),
                         [](const auto& param) {
                           return std::string(param.param.network) + "_" + param.param.chip + "_" +
                                  param.param.strategy;
                         });

// Macros alone take time: a chip without buses, routers and vector units. 12 cores of one macro are
// spent as 8, 3 and 1, so that stages make 18, 12 and 9 pixels of 8 slices of 1 ns.
TEST(Throughput, IntervalIsAsTheSolverSays) {
  mapper::NetworkBuilder b({4, 12, 12});
  b.precision(b.conv("a", 8, 3, 1, 1), 8, 8);
  b.precision(b.conv("b", 8, 3, 2, 1), 8, 8);
  b.precision(b.conv("c", 8, 3, 2, 1), 8, 8);
  const arch::ChipSpec chip =
      mapper::make_chip({.macros_per_core = 1, .cores_per_tile = 2, .tiles = "6"});
  const mapper::MappingProblem problem{b.network, chip};
  const auto interval_of = [&](const std::string& strategy) {
    const mapper::Mapping mapping = mapper::map_network(problem, strategy);
    const arch::Program program = mapper::lower(problem, mapping).program;
    return mapper::estimate(program, chip).interval.value();
  };
  EXPECT_DOUBLE_EQ(interval_of("dense"), 144 * 8e-9);
  EXPECT_DOUBLE_EQ(interval_of("throughput"), 18 * 8e-9);
  const mapper::Mapping mapping = mapper::map_network(problem, "throughput");
  const SimulationResult result = simulate(chip, mapper::lower(problem, mapping).program, 4);
  const Time simulated = result.image_done[3] - result.image_done[2];
  EXPECT_NEAR(simulated.value(), 18 * 8e-9, 1e-14);
}

}  // namespace
}  // namespace pimento::sim::testing
