// SPDX-License-Identifier: Apache-2.0
// Faults sown into what few mappings have: shifted rows, shared columns, planes left out, lists of
// rows, turns, copies, rounds.
#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "tests/mapper/sparse_example.h"

namespace pimento::mapper {
namespace {

using arch::Encoding;
using Details = arch::GroupDetails;

// A mapping that the verifier has accepted; `sow` puts a fault into its first layer.
class SownMapping {
 public:
  SownMapping(workloads::Network network, const ChipShape& shape, const std::string& strategy)
      : network_(std::move(network)),
        chip_(make_chip(shape)),
        strategy_(strategy),
        mapping_(map_network({network_, chip_}, strategy)) {}

  [[nodiscard]] const LayerMapping& layer() const { return mapping_.layers.at(0); }
  // What verify() says of the first layer.
  [[nodiscard]] std::string fault(const std::function<void(LayerMapping&)>& sow) const {
    Mapping sown = mapping_;
    sow(sown.layers.at(0));
    const std::string message = message_of<InternalError>([&] { verify(sown, {network_, chip_}); });
    const std::string before = "mapping \"" + strategy_ + "\", layer \"fc\": ";
    return message.starts_with(before) ? message.substr(before.size()) : message;
  }
  [[nodiscard]] std::string fault_of_details(const std::function<void(Details&)>& sow) const {
    return fault([&](LayerMapping& layer) {
      Details details = *layer.groups.at(0).details;
      sow(details);
      layer.groups.at(0).details = std::make_shared<const Details>(details);
    });
  }

 private:
  workloads::Network network_;
  arch::ChipSpec chip_;
  std::string strategy_;
  Mapping mapping_;
};

// Two planes of three; rows 0 and 2 are stored half as large and driven twice as large.
SownMapping squeezed() {
  return {hand_made_layer(4, {4, 1, 6, 2, 0, 3, -4, 1}, 4),
          {.rows = 4, .columns = 8, .encoding = Encoding::kSignMagnitude},
          "sme"};
}

TEST(VerifyShifts, AShiftLost) {
  EXPECT_EQ(squeezed().fault_of_details([](Details& details) { details.row_shifts[0] = 0; }),
            "the slices of a weight are driven with different inputs");
  EXPECT_EQ(squeezed().fault([](LayerMapping& layer) {
    for (ColumnGroup& group : layer.groups) group.details = nullptr;
  }),
            "a bit of the weight 4 of row 0 and channel 0 is missing");
}

TEST(VerifyShifts, AShiftTooMany) {
  EXPECT_EQ(squeezed().fault([](LayerMapping& layer) {
    for (ColumnGroup& group : layer.groups) {
      group.details = std::make_shared<const Details>(Details{{1, 1, 1, 0}, {}});
    }
  }),
            "the weight 1 of row 1 and channel 0 loses bits when it is halved 1 times");
}

TEST(VerifyShifts, ARowWithoutItsShift) {
  EXPECT_EQ(squeezed().fault_of_details([](Details& details) { details.row_shifts.pop_back(); }),
            "a group of 4 rows has shifts of 3");
}

TEST(VerifyShifts, WhereAnEncodingAddsToTheSums) {
  const SownMapping offset(hand_made_layer(2, {1, -2}, 3),
                           {.rows = 2, .columns = 4, .encoding = Encoding::kOffset}, "dense");
  EXPECT_EQ(offset.fault([](LayerMapping& layer) {
    layer.groups[0].details = std::make_shared<const Details>(Details{{1, 0}, {}});
  }),
            "rows are shifted, which takes one-bit DACs and an encoding that adds nothing");
}

// Columns 0 and 1 are stored; 4 and 7 take the sums of the first, 5 and 6 those of the second.
SownMapping shared() {
  return {hand_made_layer(2, {1, 2, 0, 0, 1, 2, 2, 1}, 3),
          {.rows = 4, .columns = 8, .encoding = Encoding::kSignMagnitude, .more = with_unit(2, 2)},
          "similar"};
}

TEST(VerifyShared, FromAColumnThatHoldsSomethingElse) {
  EXPECT_EQ(shared().fault_of_details([](Details& details) { details.shared[0].place = 1; }),
            "column 4 takes its sums from column 1, which holds something else");
}

TEST(VerifyShared, FromOutsideTheGroup) {
  for (const std::int64_t place : {-1, 2}) {
    EXPECT_EQ(shared().fault_of_details([&](Details& details) { details.shared[0].place = place; }),
              "a column takes its sums from outside the group");
  }
}

TEST(VerifyShared, AColumnThatIsNotTheLayers) {
  for (const std::int64_t column : {-1, 8}) {
    EXPECT_EQ(
        shared().fault_of_details([&](Details& details) { details.shared[0].column = column; }),
        "a shared column outside the layer's matrix");
  }
}

TEST(VerifyShared, AColumnForgotten) {
  EXPECT_EQ(shared().fault_of_details([](Details& details) { details.shared.pop_back(); }),
            "a bit of the weight 1 of row 1 and channel 3 is missing");
}

TEST(VerifyShared, AColumnTwice) {
  EXPECT_EQ(shared().fault_of_details(
                [](Details& details) { details.shared.push_back(details.shared.front()); }),
            "a weight bit is stored twice");
  EXPECT_EQ(shared().fault_of_details([](Details& details) { details.shared[0].column = 0; }),
            "a weight bit is stored twice");
}

// The lowest and the highest plane of three; input 1 has no weight but zero.
SownMapping with_holes() {
  return {hand_made_layer(3, {1, 0, -4, 4, 0, 5}, 4),
          {.rows = 4, .columns = 8, .encoding = Encoding::kSignMagnitude},
          "planes"};
}

TEST(VerifyPlanes, APlaneThatHasBits) {
  EXPECT_EQ(with_holes().fault([](LayerMapping& layer) {
    layer.plan.slices.pop_back();
    layer.groups[0].columns = {0, 2};
  }),
            "the weight -4 comes back as 0 from its cells");
}

TEST(VerifyPlanes, APlaneAtTheWrongPlace) {
  EXPECT_EQ(with_holes().fault([](LayerMapping& layer) { layer.plan.slices[1].shift = 1; }),
            "the weight -4 comes back as 0 from its cells");
}

TEST(VerifyRows, AnIndexLost) {
  ASSERT_EQ(list_of(with_holes().layer().groups[0].rows), (std::vector<std::int64_t>{0, 2}));
  EXPECT_EQ(with_holes().fault(
                [](LayerMapping& layer) { layer.groups[0].rows = Indices::listed({0, 1}); }),
            "a bit of the weight -4 of row 2 and channel 0 is missing");
}

TEST(VerifyRows, AnIndexOutsideTheMatrix) {
  EXPECT_EQ(with_holes().fault(
                [](LayerMapping& layer) { layer.groups[0].rows = Indices::listed({0, 3}); }),
            "a column group outside the layer's matrix");
}

TEST(VerifyRows, AnIndexTwice) {
  EXPECT_EQ(with_holes().fault(
                [](LayerMapping& layer) { layer.groups[0].rows = Indices::listed({0, 2, 2}); }),
            "a weight bit is stored twice");
}

// A matrix as wide as two arrays, packed as one above the other: the halves take turns.
SownMapping in_turns() {
  return {hand_made_layer(2, {1, 2, 3, -1, -2, -3, 1, 1}, 3), {.rows = 4, .columns = 6}, "area"};
}

TEST(VerifyTurns, TwoReadAtOnceThatShareColumns) {
  const SownMapping mapping = in_turns();
  ASSERT_EQ(mapping.layer().groups.size(), 2U);
  EXPECT_EQ(mapping.layer().groups[0].turn + mapping.layer().groups[1].turn, 1);
  EXPECT_EQ(mapping.fault([](LayerMapping& layer) { layer.groups[1].turn = layer.groups[0].turn; }),
            "two column groups that are read together share columns of macro 0");
}

TEST(VerifyTurns, OneBelowZero) {
  EXPECT_EQ(in_turns().fault([](LayerMapping& layer) { layer.groups[1].turn = -1; }),
            "a turn, replica or round below zero");
}

// Beside each other with other inputs, as only turns allow.
TEST(VerifyTurns, ARowWithTwoInputs) {
  const SownMapping mapping(hand_made_layer(4, {1, 2, 3, -1}, 3), {.rows = 2, .columns = 6},
                            "area");
  ASSERT_EQ(mapping.layer().groups.size(), 2U);
  ASSERT_EQ(mapping.layer().groups[1].macro, 0);
  EXPECT_EQ(mapping.fault([](LayerMapping& layer) { layer.groups[1].turn = layer.groups[0].turn; }),
            "row 0 of macro 0 is driven with two inputs at once");
}

// Four copies, each on a macro of its own core.
SownMapping copies() {
  NetworkBuilder b({1, 4, 4});
  b.precision(b.conv("fc", 2, 1), 3, 8);
  workloads::Array integers = workloads::make_array(workloads::ElementType::kInt32, {2, 1, 1, 1});
  integers.integers.assign(2, -1);
  workloads::StoredWeights stored;
  stored.integers = workloads::encode(integers);
  stored.bits = 3;
  b.network.layers[0].stored = stored;
  return {b.network,
          {.rows = 4, .columns = 6, .macros_per_core = 1, .cores_per_tile = 4, .tiles = "1"},
          "throughput"};
}

TEST(VerifyCopies, OneMissing) {
  const SownMapping mapping = copies();
  ASSERT_EQ(mapping.layer().replicas(), 4);
  EXPECT_EQ(mapping.fault([](LayerMapping& layer) { layer.groups[1].replica = 4; }),
            "a replica is missing");
}

TEST(VerifyCopies, OneIncomplete) {
  EXPECT_EQ(copies().fault([](LayerMapping& layer) { layer.groups[1].columns = {0, 5}; }),
            "a bit of the weight -1 of row 0 and channel 1 is missing");
}

TEST(VerifyCopies, OneThatBelongsToAnother) {
  EXPECT_EQ(copies().fault([](LayerMapping& layer) { layer.groups[3].replica = 2; }),
            "a weight bit is stored twice");
}

TEST(VerifyCopies, OneBelowZero) {
  EXPECT_EQ(copies().fault([](LayerMapping& layer) { layer.groups[1].replica = -1; }),
            "a turn, replica or round below zero");
}

// Two layers, each as large as the chip.
TEST(VerifyRounds, TwoLayersInTheCellsOfOneRound) {
  NetworkBuilder b({4});
  b.precision(b.add("fc", workloads::Linear{2}), 3, 8);
  b.precision(b.add("next", workloads::Linear{2}), 3, 8);
  const SownMapping mapping(
      b.network, {.rows = 4, .columns = 6, .macros_per_core = 1, .cores_per_tile = 1, .tiles = "1"},
      "reload");
  EXPECT_EQ(mapping.fault([](LayerMapping& layer) { layer.groups[0].round = 1; }),
            "mapping \"reload\", layer \"next\": two column groups share cells of macro 0");
}

}  // namespace
}  // namespace pimento::mapper
