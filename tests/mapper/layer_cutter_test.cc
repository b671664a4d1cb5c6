// SPDX-License-Identifier: Apache-2.0
#include "mapper/layer_cutter.h"

#include <map>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

workloads::Network one_linear(std::int64_t inputs, std::int64_t outputs, int weight_bits) {
  NetworkBuilder b({inputs});
  b.precision(b.add("fc", workloads::Linear{outputs}), weight_bits, 8);
  return b.network;
}

workloads::Network one_conv(std::int64_t channels, std::int64_t outputs, std::int64_t groups) {
  NetworkBuilder b({channels, 5, 5});
  b.precision(b.conv("conv", outputs, 3, 1, 1, groups), 1, 8);
  return b.network;
}

const arch::ChipSpec kFourByFour = make_chip({.rows = 4, .columns = 4});

struct Piece {
  Range blocks;
  Range rows;
  Range channels;
  std::int64_t macros = 0;
  friend bool operator==(const Piece&, const Piece&) = default;
};

// The next part, where there is one.
LayerPart taken(LayerCutter& cutter, std::int64_t free) {
  const std::optional<LayerPart> part = cutter.next(free);
  if (!part) throw InternalError("there is no room for a part");
  return *part;
}

// The parts where every one has the whole room.
std::vector<Piece> pieces(const workloads::Network& network, std::int64_t room,
                          const arch::ChipSpec& chip = kFourByFour) {
  const MappingProblem problem{network, chip};
  const LayerMapping layer = unplaced_layer(problem, 0);
  LayerCutter cutter(problem, layer, room);
  std::vector<Piece> found;
  while (!cutter.is_done()) {
    const LayerPart part = taken(cutter, room);
    found.push_back({part.blocks, part.rows, part.channels, part.tiles.macros()});
  }
  return found;
}

// Two tiles of rows, six of columns.
TEST(LayerCutter, LeavesAloneWhatJustFits) {
  const workloads::Network network = one_linear(8, 24, 1);
  EXPECT_EQ(pieces(network, 12), (std::vector<Piece>{{{0, 1}, {0, 8}, {0, 24}, 12}}));
  EXPECT_EQ(pieces(network, 11),
            (std::vector<Piece>{{{0, 1}, {0, 8}, {0, 20}, 10}, {{0, 1}, {0, 8}, {20, 24}, 2}}));
}

TEST(LayerCutter, CutsChannelsWhileAColumnOfTilesFits) {
  const workloads::Network network = one_linear(8, 24, 1);
  EXPECT_EQ(pieces(network, 2).size(), 6U);
  EXPECT_EQ(pieces(network, 5), (std::vector<Piece>{{{0, 1}, {0, 8}, {0, 8}, 4},
                                                    {{0, 1}, {0, 8}, {8, 16}, 4},
                                                    {{0, 1}, {0, 8}, {16, 24}, 4}}));
  EXPECT_EQ(pieces(network, 1).size(), 12U);
  EXPECT_EQ(pieces(network, 1)[1], (Piece{{0, 1}, {4, 8}, {0, 4}, 1}));
}

// Three slices on four columns: a part ends with a channel, not with an array.
TEST(LayerCutter, EndsWithWholeChannels) {
  const workloads::Network network = one_linear(4, 4, 3);
  EXPECT_EQ(pieces(network, 2),
            (std::vector<Piece>{{{0, 1}, {0, 4}, {0, 2}, 2}, {{0, 1}, {0, 4}, {2, 4}, 2}}));
  // Four of them fill three arrays.
  EXPECT_EQ(pieces(one_linear(4, 8, 3), 3),
            (std::vector<Piece>{{{0, 1}, {0, 4}, {0, 4}, 3}, {{0, 1}, {0, 4}, {4, 8}, 3}}));
}

TEST(LayerCutter, CutsRowsWhereAColumnOfTilesIsTooLong) {
  const workloads::Network network = one_linear(14, 5, 1);
  EXPECT_EQ(pieces(network, 3), (std::vector<Piece>{{{0, 1}, {0, 12}, {0, 4}, 3},
                                                    {{0, 1}, {12, 14}, {0, 4}, 1},
                                                    {{0, 1}, {0, 12}, {4, 5}, 3},
                                                    {{0, 1}, {12, 14}, {4, 5}, 1}}));
  EXPECT_EQ(pieces(network, 4).front(), (Piece{{0, 1}, {0, 14}, {0, 4}, 4}));
}

TEST(LayerCutter, PutsASliceAboveItsColumnsOnSeveralMacros) {
  const workloads::Network network = one_linear(8, 2, 6);  // two macros beside each other
  EXPECT_EQ(pieces(network, 2), (std::vector<Piece>{{{0, 1}, {0, 4}, {0, 1}, 2},
                                                    {{0, 1}, {4, 8}, {0, 1}, 2},
                                                    {{0, 1}, {0, 4}, {1, 2}, 2},
                                                    {{0, 1}, {4, 8}, {1, 2}, 2}}));
  EXPECT_EQ(message_of<InputError>([&] { (void)pieces(network, 1); }),
            "chip.yaml: layer \"fc\": one weight needs 2 macros beside each other for its 6 "
            "slices, a round has 1; raise chip.tiles, widen the arrays, or lower the precision");
}

// Blocks of three macros: none is cut while one fits.
TEST(LayerCutter, CutsBetweenBlocks) {
  const workloads::Network network = one_conv(4, 8, 4);  // 9 rows, 2 channels each
  EXPECT_EQ(pieces(network, 7),
            (std::vector<Piece>{{{0, 2}, {0, 9}, {0, 2}, 6}, {{2, 4}, {0, 9}, {0, 2}, 6}}));
  EXPECT_EQ(pieces(network, 2).size(), 8U);
}

// A layer that fits a round waits for one; of a larger one, what is left takes some.
TEST(LayerCutter, TakesWhatIsLeftOfARoundForLargeLayersOnly) {
  const workloads::Network network = one_linear(8, 24, 1);
  const MappingProblem problem{network, kFourByFour};
  const LayerMapping layer = unplaced_layer(problem, 0);
  LayerCutter fits(problem, layer, 12);
  EXPECT_FALSE(fits.next(11).has_value());
  EXPECT_TRUE(fits.next(12).has_value());
  EXPECT_TRUE(fits.is_done());
  const workloads::Network blocks = one_conv(4, 8, 4);  // of three macros each
  const MappingProblem of_blocks{blocks, kFourByFour};
  const LayerMapping grouped = unplaced_layer(of_blocks, 0);
  EXPECT_FALSE(LayerCutter(of_blocks, grouped, 12).next(7).has_value());
  EXPECT_TRUE(LayerCutter(of_blocks, grouped, 11).next(7).has_value());
  LayerCutter cut(problem, layer, 11);
  EXPECT_TRUE(cut.cuts());
  EXPECT_FALSE(cut.cuts_rows());
  EXPECT_FALSE(cut.next(1).has_value());
  EXPECT_EQ(taken(cut, 3).channels, (Range{0, 4}));
}

// Every weight is in one part, whatever is free, and no part is larger than that.
TEST(LayerCutter, PartsHoldEveryWeightOnce) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto from = [&random](std::int64_t low, std::int64_t high) {
      return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    };
    const std::int64_t groups = from(1, 3);
    const workloads::Network network = one_conv(groups * from(1, 4), groups * from(1, 9), groups);
    const arch::ChipSpec chip = make_chip(
        {.rows = static_cast<int>(from(2, 12)), .columns = static_cast<int>(from(2, 12))});
    const MappingProblem problem{network, chip};
    const LayerMapping layer = unplaced_layer(problem, 0);
    const std::int64_t room = from(1, 8);
    LayerCutter cutter(problem, layer, room);
    std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, int> weights;
    while (!cutter.is_done()) {
      const std::int64_t free = from(0, room);
      const std::optional<LayerPart> fitting = cutter.next(free);
      const LayerPart part = fitting ? *fitting : taken(cutter, room);
      EXPECT_LE(part.tiles.macros(), fitting ? free : room);
      for (std::int64_t b = part.blocks.begin; b < part.blocks.end; ++b) {
        for (std::int64_t r = part.rows.begin; r < part.rows.end; ++r) {
          for (std::int64_t c = part.channels.begin; c < part.channels.end; ++c) {
            EXPECT_EQ(++weights[std::tuple(b, r, c)], 1);
          }
        }
      }
    }
    EXPECT_EQ(std::ssize(weights), network.matrix(0).weights());
  }
}

TEST(LayerCutter, PlacesPartsWhereTheyBelong) {
  const workloads::Network network = one_linear(8, 24, 1);
  const MappingProblem problem{network, kFourByFour};
  LayerMapping layer = unplaced_layer(problem, 0);
  LayerCutter cutter(problem, layer, 5);
  FreshMacros macros(problem);
  (void)cutter.next(5);
  macros.start_round(96);
  place_part(taken(cutter, 5), 3, macros, layer);
  ASSERT_EQ(layer.groups.size(), 4U);
  EXPECT_EQ(layer.groups[3].rows, (Indices{4, 8}));
  EXPECT_EQ(layer.groups[3].columns, (Indices{12, 16}));
  EXPECT_EQ(layer.groups[3].macro, 99);
  EXPECT_EQ(layer.groups[3].round, 3);
}

}  // namespace
}  // namespace pimento::mapper
