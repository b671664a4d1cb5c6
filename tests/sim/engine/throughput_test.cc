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
                                           Mapped{"resnet20_cifar", "isaac_ce", "packed"}),
                         [](const auto& param) {
                           return std::string(param.param.network) + "_" + param.param.chip + "_" +
                                  param.param.strategy;
                         });

// Macros alone take time: a chip without buses, routers and vector units. Between the last two of
// four images the interval is that of the slowest stage.
TEST(Throughput, IntervalIsAsTheSolverSays) {
  mapper::NetworkBuilder b({4, 12, 12});
  b.conv("a", 8, 3, 1, 1);
  b.conv("b", 8, 3, 2, 1);
  b.conv("c", 8, 3, 2, 1);
  const arch::ChipSpec chip = mapper::make_chip(
      {.rows = 128, .columns = 128, .macros_per_core = 1, .cores_per_tile = 2, .tiles = "6"});
  const mapper::MappingProblem problem{b.network, chip};
  const arch::Program program =
      mapper::lower(problem, mapper::map_network(problem, "throughput")).program;
  // 12 cores of one macro: "a" makes 144 pixels with 8 copies, "b" 36 with 3, "c" 9 with 1.
  const Time interval = mapper::estimate(program, chip).interval;
  const SimulationResult result = simulate(chip, program, 4);
  const Time simulated = result.image_done[3] - result.image_done[2];
  EXPECT_GE(simulated.value(), interval.value() * (1 - 1e-9));
  EXPECT_LE(simulated.value(), interval.value() * 1.25);
}

}  // namespace
}  // namespace pimento::sim::testing
