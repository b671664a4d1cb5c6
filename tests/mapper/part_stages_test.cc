// SPDX-License-Identifier: Apache-2.0
#include "mapper/part_stages.h"

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// 8 rows, 6 channels of two slices.
const workloads::MatrixShape kMatrix{1, 8, 6, 1};

ColumnGroup group_of(Range rows, Range channels, int round) {
  ColumnGroup group;
  group.rows = rows;
  group.columns = {channels.begin * 2, channels.end * 2};
  group.round = round;
  return group;
}

LayerMapping layer_of(std::vector<ColumnGroup> groups) {
  LayerMapping layer;
  layer.plan = arch::plan_slices(arch::Encoding::kTwosComplement, 2, 1);
  layer.groups = std::move(groups);
  return layer;
}

TEST(PartStages, OneRoundHasNoParts) {
  const LayerParts found =
      parts_of(layer_of({group_of({0, 8}, {0, 3}, 2), group_of({0, 8}, {3, 6}, 2)}), kMatrix);
  EXPECT_TRUE(found.parts.empty());
  EXPECT_TRUE(found.sums.empty());
}

TEST(PartStages, ChannelsOfARoundAreWhole) {
  const LayerParts found =
      parts_of(layer_of({group_of({0, 4}, {0, 4}, 1), group_of({4, 8}, {0, 4}, 1),
                         group_of({0, 8}, {4, 6}, 2)}),
               kMatrix);
  EXPECT_TRUE(found.sums.empty());
  ASSERT_EQ(found.parts.size(), 2U);
  EXPECT_EQ(found.parts[0].round, 1);
  EXPECT_EQ(found.parts[0].channels, 4);
  EXPECT_EQ(found.parts[0].weights, 32);
  EXPECT_EQ(found.parts[0].share.groups.size(), 2U);
  EXPECT_EQ(found.parts[1].round, 2);
  EXPECT_EQ(found.parts[1].channels, 2);
  EXPECT_EQ(found.parts[1].weights, 16);
  EXPECT_EQ(found.parts[1].sum, -1);
}

// The rows of four channels over rounds 0 to 2; the last two are made in round 2 alone.
TEST(PartStages, ChannelsOfSeveralRoundsAreSums) {
  const LayerParts found =
      parts_of(layer_of({group_of({0, 3}, {0, 4}, 0), group_of({3, 6}, {0, 4}, 1),
                         group_of({6, 8}, {0, 4}, 2), group_of({0, 8}, {4, 6}, 2)}),
               kMatrix);
  ASSERT_EQ(found.sums.size(), 1U);
  EXPECT_EQ(found.sums[0].round, 2);
  EXPECT_EQ(found.sums[0].channels, 4);
  EXPECT_EQ(found.sums[0].parts, 3);
  ASSERT_EQ(found.parts.size(), 4U);
  std::vector<std::tuple<int, std::int64_t, std::int64_t, int>> parts;
  parts.reserve(found.parts.size());
  for (const PartStage& part : found.parts) {
    parts.emplace_back(part.round, part.channels, part.weights, part.sum);
  }
  EXPECT_EQ(parts, (decltype(parts){{0, 4, 12, 0}, {1, 4, 12, 0}, {2, 4, 8, 0}, {2, 2, 16, -1}}));
}

TEST(PartStages, SlicesOfAChannelInDifferentRoundsAreSumsToo) {
  ColumnGroup low = group_of({0, 8}, {0, 1}, 0);
  low.columns = Indices::every(0, 2, 6);
  ColumnGroup high = group_of({0, 8}, {0, 1}, 1);
  high.columns = Indices::every(1, 2, 6);
  const LayerParts found = parts_of(layer_of({low, high}), kMatrix);
  ASSERT_EQ(found.sums.size(), 1U);
  EXPECT_EQ(found.sums[0].channels, 6);
  EXPECT_EQ(found.parts[0].weights + found.parts[1].weights, 48);
}

// A channel that nobody stores, as it is zero, goes with the first group.
TEST(PartStages, SilentChannelsAreMadeOnce) {
  const LayerParts found =
      parts_of(layer_of({group_of({0, 8}, {0, 2}, 0), group_of({0, 8}, {3, 6}, 1)}), kMatrix);
  ASSERT_EQ(found.parts.size(), 2U);
  EXPECT_EQ(found.parts[0].channels, 3);
  EXPECT_EQ(found.parts[1].channels, 3);
}

TEST(PartStages, AGroupBelongsToOnePart) {
  EXPECT_EQ(message_of<InternalError>([&] {
              (void)parts_of(layer_of({group_of({0, 4}, {0, 6}, 0), group_of({4, 8}, {0, 3}, 0),
                                       group_of({4, 8}, {3, 6}, 1)}),
                             kMatrix);
            }),
            "channels of one column group are made in different rounds");
}

}  // namespace
}  // namespace pimento::mapper
