// SPDX-License-Identifier: Apache-2.0
// Mapped networks in the model: bits over routers are those of the mapper's closed form, and copies
// of layers shorten the interval between images as their solver says.
#include "mapper/strategies/throughput.h"

#include <array>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "mapper/estimate.h"
#include "mapper/lower.h"
#include "mapper/replication/isaac_rule.h"
#include "mapper/strategies/dense.h"
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

// ---- Intervals of shipped networks, in the closed form and in the model.

// Once the pipeline is full: of the second half of 16 images. A process of its own runs the model,
// as one can run it once.
double simulated_interval(const arch::ChipSpec& chip, const arch::Program& program) {
  constexpr int kImages = 16;
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return 0.0;
  const pid_t child = fork();
  if (child == 0) {
    const SimulationResult result = simulate(chip, program, kImages);
    const Time half = result.image_done[kImages - 1] - result.image_done[kImages / 2 - 1];
    const double interval = 2 * half.value() / kImages;
    _exit(write(ends[1], &interval, sizeof interval) == sizeof interval ? 0 : 1);
  }
  close(ends[1]);
  double interval = 0.0;
  const bool is_there = read(ends[0], &interval, sizeof interval) == sizeof interval;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(is_there) << "the model's process failed";
  return interval;
}

struct Shipped {
  const char* network;
  const char* chip;
};

workloads::Network network_named(const std::string& name) {
  if (name != "digits_cnn") return mapper::shipped_network(name, "uniform8");
  const InputFile file = open_input(name, "networks");
  workloads::Network network = workloads::read_onnx(file.content, file.name);
  const InputFile policy = open_input("uniform8", "policies");
  (void)workloads::apply_policy(
      workloads::read_policy(ConfigDocument::parse(policy.content, policy.name, resolve_include),
                             policy.name),
      network);
  return network;
}

class Interval : public ::testing::TestWithParam<Shipped> {
 protected:
  [[nodiscard]] arch::Program program_of(const mapper::Mapping& mapping) const {
    return mapper::lower(problem, mapping).program;
  }
  [[nodiscard]] arch::Program program_of(const std::string& strategy) const {
    return program_of(mapper::map_network(problem, strategy));
  }
  workloads::Network network = network_named(GetParam().network);
  arch::ChipSpec chip = mapper::shipped_chip(GetParam().chip);
  mapper::MappingProblem problem{network, chip};
};

TEST_P(Interval, OfCopiesIsAsPredicted) {
  const arch::Program program = program_of("throughput");
  const double predicted = mapper::estimate(program, chip).interval.value();
  EXPECT_NEAR(simulated_interval(chip, program) / predicted, 1.0, 0.1);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Interval,
    ::testing::Values(Shipped{"digits_cnn", "isaac_ce"}, Shipped{"digits_cnn", "sram_128x128"},
                      Shipped{"resnet20_cifar", "isaac_ce"},
                      Shipped{"resnet20_cifar", "sram_128x128"}, Shipped{"vgg8", "isaac_ce"},
                      Shipped{"vgg8", "sram_128x128"}, Shipped{"resnet18_imagenet", "isaac_ce"},
                      Shipped{"resnet18_imagenet", "sram_128x128"}),
    [](const auto& param) { return std::string(param.param.network) + "_on_" + param.param.chip; });

class ShortInterval : public Interval {};

// Less than a percent apart, two stand for the same: 16 images do not yet show the last of it.
TEST_P(ShortInterval, OfCopiesIsNotBehindTheRuleOfIsaac) {
  const mapper::Mapping dense = mapper::map_dense(problem);
  const mapper::ReplicationProblem wanted = mapper::replication_problem(problem, dense);
  const double ours = simulated_interval(chip, program_of("throughput"));
  for (const auto scale : {mapper::IsaacScale::kPublished, mapper::IsaacScale::kBudget}) {
    const mapper::Replication rule = mapper::isaac_rule(wanted, scale);
    const mapper::Mapping mapping = mapper::map_replicas(problem, dense, rule.replicas);
    EXPECT_LE(ours, 1.01 * simulated_interval(chip, program_of(mapping)));
  }
}

TEST_P(ShortInterval, OfAutoIsNotBehindDense) {
  EXPECT_LE(simulated_interval(chip, program_of("auto")),
            1.05 * simulated_interval(chip, program_of("dense")));
}

INSTANTIATE_TEST_SUITE_P(Networks, ShortInterval,
                         ::testing::Values(Shipped{"digits_cnn", "isaac_ce"},
                                           Shipped{"digits_cnn", "sram_128x128"},
                                           Shipped{"digits_cnn", "reram_128x128_1b"},
                                           Shipped{"resnet20_cifar", "isaac_ce"},
                                           Shipped{"resnet20_cifar", "sram_128x128"}),
                         [](const auto& param) {
                           return std::string(param.param.network) + "_on_" + param.param.chip;
                         });

}  // namespace
}  // namespace pimento::sim::testing
