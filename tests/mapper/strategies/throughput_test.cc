// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/throughput.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "arch/program/unit_times.h"
#include "mapper/lower.h"
#include "mapper/replication/isaac_rule.h"
#include "mapper/strategies/dense.h"
#include "tests/mapper/strategies/random_network.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

using Replicas = std::vector<int>;

Replicas replicas_of(const Mapping& mapping) {
  Replicas replicas;
  for (const LayerMapping& layer : mapping.layers) replicas.push_back(layer.replicas());
  return replicas;
}

// On macros of 16 x 16, one a core: "a" takes 1 core and 36 pixels, "b" 2 and 9, "fc" 2 and 1. A
// pixel takes 8 input slices of 1 ns.
workloads::Network three_layers() {
  NetworkBuilder b({2, 6, 6});
  b.precision(b.conv("a", 2, 1), 8, 8);
  b.precision(b.conv("b", 2, 3, 2, 1), 8, 8);
  b.add("flatten", workloads::Flatten{});
  b.precision(b.add("fc", workloads::Linear{2}), 8, 8);
  return b.network;
}

Mapping map_three(const std::string& tiles, int macros_per_core = 1) {
  const workloads::Network network = three_layers();
  const arch::ChipSpec chip = make_chip({.rows = 16,
                                         .columns = 16,
                                         .macros_per_core = macros_per_core,
                                         .cores_per_tile = 1,
                                         .tiles = tiles});
  return map_network({network, chip}, "throughput");
}

TEST(Throughput, WithoutSparedCoresThereIsOneCopy) {
  const Mapping mapping = map_three("5");
  EXPECT_EQ(mapping.strategy, "throughput");
  EXPECT_EQ(replicas_of(mapping), (Replicas{1, 1, 1}));
  for (const LayerMapping& layer : mapping.layers) EXPECT_TRUE(layer.passes.empty());
}

TEST(Throughput, OneCoreMoreGoesToTheSlowestLayer) {
  const Mapping mapping = map_three("6");
  EXPECT_EQ(replicas_of(mapping), (Replicas{2, 1, 1}));
  const LayerMapping& slowest = mapping.layers[0];
  EXPECT_EQ(slowest.macros, 2);
  EXPECT_EQ(used_cells(slowest), 2 * 2 * 16);
  ASSERT_EQ(slowest.passes.size(), 1U);
  EXPECT_EQ(slowest.passes[0].pass, "replication");
  EXPECT_EQ(slowest.passes[0].cells_saved, -2 * 16);
}

// At 9 pixels of a stage no core is left over that shortens the interval below: 5 copies of "a" and
// 2 of "b" would take 11. Of what keeps it, (4, 2, 1) has 9 + 5 + 1 pixels, (6, 1, 1) has 16.
TEST(Throughput, TheRestShortensTheLatency) {
  EXPECT_EQ(replicas_of(map_three("10")), (Replicas{4, 2, 1}));
  EXPECT_EQ(replicas_of(map_three("11")), (Replicas{5, 2, 1}));
}

TEST(Throughput, NoMoreCopiesThanPixels) {
  EXPECT_EQ(replicas_of(map_three("500")), (Replicas{36, 9, 1}));
}

TEST(Throughput, AChipSizedToItsNetworkIsAssumedTwiceAsLarge) {
  const Mapping mapping = map_three("auto");
  EXPECT_EQ(replicas_of(mapping), (Replicas{4, 2, 1}));
  EXPECT_EQ(mapping.reason,
            "replicas take 10 of 10 cores, assumed to be twice those of one copy, as chip.tiles is "
            "auto; an image every 72 ns instead of 288 ns, as the macros of tile 0, core 0 have "
            "most to do");
}

TEST(Throughput, WhatIsSolvedForIsCoresStepsAndPace) {
  const workloads::Network network = three_layers();
  const arch::ChipSpec chip = make_chip(
      {.rows = 16, .columns = 16, .macros_per_core = 1, .cores_per_tile = 1, .tiles = "10"});
  const MappingProblem plain{network, chip};
  const ReplicationProblem wanted = replication_problem(plain, map_dense(plain));
  EXPECT_EQ(wanted.layers[0].undivided.value(), 0.0);
  ASSERT_EQ(wanted.layers.size(), 3U);
  EXPECT_EQ(wanted.layers[1].macros, 2);
  EXPECT_EQ(wanted.layers[1].pixels, 9);
  EXPECT_DOUBLE_EQ(wanted.layers[1].time.value(), 8e-9);
}

// Pixels of conv2 and of the pooling behind it pass one pooling unit: 32 x 32 / 4 x 128 x 4 values.
TEST(Throughput, WorkAtTheHomeIsNotDivided) {
  const workloads::Network network = shipped_network("vgg8", "uniform8");
  const arch::ChipSpec chip = shipped_chip("isaac_ce");
  const MappingProblem problem{network, chip};
  const ReplicationProblem wanted = replication_problem(problem, map_dense(problem));
  EXPECT_DOUBLE_EQ(wanted.layers[0].undivided.value(), 32 * 32 * 128 / 2.4e9);
  EXPECT_DOUBLE_EQ(wanted.layers[1].undivided.value(), 32 * 32 * 128 / 1.2e9);
}

TEST(Throughput, SpareCoresAreThoseBeyondOneCopyEach) {
  const workloads::Network network = three_layers();
  const auto has_some = [&](const char* tiles) {
    const arch::ChipSpec chip = make_chip(
        {.rows = 16, .columns = 16, .macros_per_core = 1, .cores_per_tile = 1, .tiles = tiles});
    const MappingProblem problem{network, chip};
    return has_spare_cores(problem, map_dense(problem));
  };
  EXPECT_FALSE(has_some("5"));
  EXPECT_TRUE(has_some("6"));
  EXPECT_FALSE(has_some("auto"));
}

TEST(Throughput, CopiesShareNoCore) {
  const Mapping mapping = map_three("8", 4);  // each layer on one core
  EXPECT_EQ(replicas_of(mapping), (Replicas{5, 2, 1}));
  std::map<int, std::set<std::pair<int, int>>> users;  // core -> layer and copy
  for (const LayerMapping& layer : mapping.layers) {
    for (const ColumnGroup& group : layer.groups) {
      users[group.macro / 4].insert({layer.layer, group.replica});
    }
  }
  EXPECT_EQ(users.size(), 8U);
  for (const auto& [core, of] : users) EXPECT_EQ(of.size(), 1U) << core;
}

TEST(Throughput, FailsWhereDenseDoes) {
  EXPECT_EQ(message_of<InputError>([] { (void)map_three("4"); }),
            "chip.yaml: the network does not fit: layer \"fc\" needs macros up to number 5, the "
            "chip has 4; raise chip.tiles, enlarge the arrays, or lower the precision");
}

// ---- Random networks on random chips: the verifier accepts, and the program runs to its end.

TEST(Throughput, OfRandomNetworks) {
  std::mt19937 random(7);
  for (int i = 0; i < 60; ++i) {
    const workloads::Network network = random_network(random);
    ChipShape shape{.rows = 8 + (8 * (i % 4)),
                    .columns = 16 + (16 * (i % 3)),
                    .cell_bits = 1 + (i % 2),
                    .encoding = static_cast<arch::Encoding>(i % 3),
                    .macros_per_core = 1 + (i % 3),
                    .cores_per_tile = 1 + (i % 4)};
    const arch::ChipSpec sized = make_chip(shape);
    const Mapping dense = map_network({network, sized}, "dense");
    const int least = tiles_needed(dense, sized);
    if (i % 2 == 0) shape.tiles = fmt::format("{}", least + (i % 9));
    const arch::ChipSpec chip = make_chip(shape);
    const MappingProblem problem{network, chip};
    const Mapping mapping = map_network(problem, "throughput");
    SCOPED_TRACE(i);
    for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
      const int copies = mapping.layers[l].replicas();
      EXPECT_EQ(mapping.layers[l].macros, copies * dense.layers[l].macros);
      EXPECT_LE(copies, network.matrix(mapping.layers[l].layer).positions);
    }
    ASSERT_TRUE(mapping.traffic.has_value());
    EXPECT_LE(mapping.traffic->after, mapping.traffic->before);
    EXPECT_TRUE(completes(lower(problem, mapping).program));
  }
}

// ---- Shipped networks: the verifier accepts, and ISAAC's rule with the same budget is no faster.

struct Shipped {
  const char* network;
  const char* policy;
  const char* chip;
};

class ThroughputOfShipped : public ::testing::TestWithParam<Shipped> {};

TEST_P(ThroughputOfShipped, IsNotBehindTheRuleOfIsaac) {
  const workloads::Network network = shipped_network(GetParam().network, GetParam().policy);
  const arch::ChipSpec chip = shipped_chip(GetParam().chip);
  const MappingProblem problem{network, chip};
  const Mapping mapping = map_network(problem, "throughput");
  const ReplicationProblem wanted = replication_problem(problem, map_dense(problem));
  std::vector<std::int64_t> replicas;
  for (const LayerMapping& layer : mapping.layers) replicas.push_back(layer.replicas());
  const Replication ours = replicated(wanted, replicas);
  EXPECT_LE(ours.macros, wanted.budget);
  const auto interval = [&](const Mapping& of) {
    return arch::pacemaker(lower(problem, of).program, chip).interval;
  };
  for (const IsaacScale scale : {IsaacScale::kPublished, IsaacScale::kBudget}) {
    const Replication rule = isaac_rule(wanted, scale);
    EXPECT_LE(ours.interval, rule.interval);
    EXPECT_LE(interval(mapping),
              interval(map_replicas(problem, map_dense(problem), rule.replicas)));
  }
  EXPECT_LT(ours.interval,
            replicated(wanted, std::vector<std::int64_t>(replicas.size(), 1)).interval);
  ASSERT_TRUE(mapping.traffic.has_value());
  EXPECT_LE(mapping.traffic->after, mapping.traffic->before);
  lower(problem, mapping).program.validate();
}

INSTANTIATE_TEST_SUITE_P(Networks, ThroughputOfShipped,
                         ::testing::Values(Shipped{"vgg8", "uniform8", "isaac_ce"},
                                           Shipped{"vgg8", "uniform8", "reram_128x128_1b"},
                                           Shipped{"resnet20_cifar", "uniform4", "isaac_ce"},
                                           Shipped{"mobilenet_v2", "uniform8", "reram_128x128_1b"}),
                         [](const auto& param) {
                           return std::string(param.param.network) + "_on_" + param.param.chip;
                         });

}  // namespace
}  // namespace pimento::mapper
