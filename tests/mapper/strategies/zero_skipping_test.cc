// SPDX-License-Identifier: Apache-2.0
// Strategies that leave out zeros, on layers small enough to be followed by hand.
#include <gtest/gtest.h>

#include "mapper/lower.h"
#include "tests/mapper/sparse_example.h"

namespace pimento::mapper {
namespace {

using Longs = std::vector<std::int64_t>;
using arch::Encoding;

std::int64_t conversions(const LayerMapping& layer, std::int64_t unit_rows) {
  std::int64_t sum = 0;
  for (const ColumnGroup& group : layer.groups) {
    sum += (group.rows.size() + unit_rows - 1) / unit_rows * group.columns.size();
  }
  return sum;
}

// Two outputs of three inputs; no weight has plane 0 or plane 2.
TEST(Planes, PlanesThatNoWeightHasAreNotStored) {
  const workloads::Network network = hand_made_layer(3, {2, -8, 10, 0, 2, 8}, 5);
  const LayerMapping layer =
      mapped(network, {.rows = 4, .columns = 16, .encoding = Encoding::kSignMagnitude}, "planes");
  ASSERT_EQ(layer.plan.slices.size(), 2);
  EXPECT_EQ(layer.plan.slices[0], (arch::Slice{1, 1, 1}));
  EXPECT_EQ(layer.plan.slices[1], (arch::Slice{3, 1, 1}));
  ASSERT_EQ(layer.groups.size(), 1);
  EXPECT_EQ(list_of(layer.groups[0].columns), (Longs{0, 1, 2, 3}));
  const PassReport& pass = layer.passes.at(0);
  EXPECT_EQ(pass.cells_saved, 3 * 2 * (4 - 2) * 2);  // pairs of lines
  EXPECT_EQ(pass.conversions_saved, 2 * (4 - 2));
  EXPECT_EQ(pass.metadata_bits, 5);
}

// In two's complement the planes above the sign repeat it; of the rest, plane 0 is empty.
TEST(Planes, TheSignMovesDown) {
  const workloads::Network network = hand_made_layer(2, {-4, 2, 3 * 2 - 4, -2}, 8);
  const LayerMapping layer = mapped(network, {.rows = 4, .columns = 16}, "planes");
  ASSERT_EQ(layer.plan.slices.size(), 2);
  EXPECT_EQ(layer.plan.slices[0], (arch::Slice{1, 1, 1}));
  EXPECT_EQ(layer.plan.slices[1], (arch::Slice{2, 1, -1}));
}

TEST(Planes, InputsAndOutputsOfZerosAreNotStored) {
  const workloads::Network network =
      hand_made_layer(4, {0, 0, 0, 0, 3, 0, 3, 0, 1, 0, 3, 0}, 3);  // output 0, inputs 1 and 3
  const LayerMapping layer =
      mapped(network, {.rows = 8, .columns = 16, .encoding = Encoding::kSignMagnitude}, "planes");
  ASSERT_EQ(layer.groups.size(), 1);
  EXPECT_EQ(list_of(layer.groups[0].rows), (Longs{0, 2}));
  EXPECT_EQ(list_of(layer.groups[0].columns), (Longs{2, 3, 4, 5}));
  EXPECT_EQ(layer.passes.at(0).metadata_bits, 4 + 3 * 2);  // masks of rows and of columns
}

TEST(Planes, ALayerOfZerosKeepsACell) {
  const LayerMapping layer = mapped(hand_made_layer(3, {0, 0, 0}, 4), {}, "planes");
  ASSERT_EQ(layer.groups.size(), 1);
  EXPECT_EQ(used_cells(layer), 1);
}

// Units of two rows and two columns; a weight of two bits has two columns.
TEST(Sre, RowsOfZerosGoStripeByStripe) {
  const workloads::Network network = hand_made_layer(5, {1, 0, 0, 2, 0, 0, 0, 0, 0, 3}, 3);
  const LayerMapping layer = mapped(
      network,
      {.rows = 4, .columns = 8, .encoding = Encoding::kSignMagnitude, .more = with_unit(2, 2)},
      "sre");
  ASSERT_EQ(layer.groups.size(), 2);
  EXPECT_EQ(list_of(layer.groups[0].rows), (Longs{0, 3}));
  EXPECT_EQ(list_of(layer.groups[1].rows), (Longs{4}));
  EXPECT_EQ(layer.groups[1].at_row, 2);  // a unit further down the same stripe
  EXPECT_EQ(layer.groups[1].at_column, 0);
  EXPECT_EQ(layer.macros, 1);
  const PassReport& pass = layer.passes.at(0);
  EXPECT_EQ(pass.metadata_bits, 3 * 3);  // three rows, of five
  EXPECT_EQ(pass.conversions_saved, 4 * (2 + 1) - conversions(layer, 2));
}

TEST(Sre, WholeArraysAreRefused) {
  const workloads::Network network = hand_made_layer(2, {1, 1}, 3);
  EXPECT_EQ(message_of<InputError>([&] { (void)mapped(network, {}, "sre"); }),
            "chip.yaml: the strategy \"sre\" leaves out operation units, and this chip reads whole "
            "arrays; give macro.operation_unit, such as --set macro.operation_unit.rows=9 --set "
            "macro.operation_unit.columns=8");
}

// Blocks of two inputs and two outputs: the first needs one plane, the second three, the third
// none.
TEST(Bwq, ABlockStoresItsOwnPlanes) {
  const workloads::Network network = hand_made_layer(6, {1, 0, 6, 0, 0, 0, 1, 1, 0, 1, 0, 0}, 4);
  const LayerMapping layer = mapped(
      network,
      {.rows = 4, .columns = 8, .encoding = Encoding::kSignMagnitude, .more = with_unit(2, 2)},
      "bwq");
  ASSERT_EQ(layer.groups.size(), 1 + 3);
  EXPECT_EQ(list_of(layer.groups[0].rows), (Longs{0, 1}));
  EXPECT_EQ(list_of(layer.groups[0].columns), (Longs{0, 3}));  // plane 0 of both outputs
  EXPECT_EQ(list_of(layer.groups[3].rows), (Longs{2, 3}));
  EXPECT_EQ(list_of(layer.groups[3].columns), (Longs{2, 5}));  // plane 2
  EXPECT_EQ(layer.passes.at(0).metadata_bits, 3 * 2);          // a width of 0 to 3 a block
}

// A band of two rows: outputs 0 and 2 hold the same, output 1 nothing.
TEST(Similar, EqualColumnsAreStoredOnce) {
  const workloads::Network network = hand_made_layer(2, {1, 2, 0, 0, 1, 2, 2, 1}, 3);
  const LayerMapping layer = mapped(
      network,
      {.rows = 4, .columns = 8, .encoding = Encoding::kSignMagnitude, .more = with_unit(2, 2)},
      "similar");
  ASSERT_EQ(layer.groups.size(), 1);
  EXPECT_EQ(list_of(layer.groups[0].columns), (Longs{0, 1}));
  const std::vector<arch::SharedColumn> expected{{4, 0}, {7, 0}, {5, 1}, {6, 1}};
  EXPECT_EQ(layer.groups[0].details->shared, expected);
  EXPECT_EQ(layer.passes.at(0).metadata_bits, 8 * 2);
}

// Rows 0 and 2 alone reach the top plane, and have nothing in the lowest: driven twice as large,
// they go a plane down.
TEST(Sme, TheTopPlaneIsSqueezedOut) {
  const workloads::Network network = hand_made_layer(4, {4, 1, 6, 2, 0, 3, -4, 1}, 4);
  const ChipShape shape{.rows = 4, .columns = 8, .encoding = Encoding::kSignMagnitude};
  const LayerMapping layer = mapped(network, shape, "sme");
  ASSERT_EQ(layer.groups.size(), 2);  // planes 0 and 1
  EXPECT_EQ(layer.groups[0].details->row_shifts, (std::vector<std::uint8_t>{1, 0, 1, 0}));
  EXPECT_EQ(layer.largest_row_shift(), 1);
  EXPECT_EQ(layer.passes.at(0).extra_input_slices, 1);
  EXPECT_EQ(layer.passes.at(0).metadata_bits, 3 + 4);
  const arch::ChipSpec chip = make_chip(shape);
  const Mapping mapping = map_network({network, chip}, "sme");
  EXPECT_EQ(lower({network, chip}, mapping).program.stages.at(0).input_slices, 8 + 1);
}

TEST(Sme, ABitInTheLowestPlaneKeepsTheTopOne) {
  const workloads::Network network = hand_made_layer(4, {5, 1, 6, 2, 0, 3, -4, 1}, 4);
  const LayerMapping layer =
      mapped(network, {.rows = 4, .columns = 8, .encoding = Encoding::kSignMagnitude}, "sme");
  EXPECT_EQ(layer.groups.size(), 3);
  EXPECT_EQ(layer.largest_row_shift(), 0);
}

// Fragments of two rows: output 0 is positive, then negative; output 1 mixed, then zero.
TEST(Forms, AFragmentOfOneSignStoresOneSide) {
  const workloads::Network network = hand_made_layer(4, {1, 2, -1, 0, 1, -1, 0, 0}, 3);
  const LayerMapping layer = mapped(network,
                                    {.rows = 4,
                                     .columns = 8,
                                     .encoding = Encoding::kDifferential,
                                     .more = "operation_unit: {rows: 2}, "},
                                    "forms");
  ASSERT_EQ(layer.groups.size(), 2);
  EXPECT_EQ(list_of(layer.groups[0].columns), (Longs{0, 1, 4, 5, 6, 7}));
  EXPECT_EQ(list_of(layer.groups[1].columns), (Longs{2, 3}));
  EXPECT_EQ(layer.passes.at(0).metadata_bits, 2 * 2 * 2);
}

TEST(Forms, OtherEncodingsAreRefused) {
  const workloads::Network network = hand_made_layer(2, {1, 1}, 3);
  EXPECT_EQ(
      message_of<InputError>([&] { (void)mapped(network, {.more = with_unit(2, 2)}, "forms"); }),
      "chip.yaml: the strategy \"forms\" stores the columns of one sign, and this chip's "
      "weights are twos_complement; give macro.encoding=differential");
}

TEST(ZeroSkipping, BipolarCellsAreRefused) {
  const workloads::Network network = hand_made_layer(2, {1, 1}, 3);
  for (const char* strategy : {"sre", "bwq", "similar", "sme"}) {
    EXPECT_EQ(message_of<InputError>([&] {
                (void)mapped(network, {.encoding = Encoding::kXnor, .more = with_unit(2, 2)},
                             strategy);
              }),
              fmt::format("chip.yaml: the strategy \"{}\" leaves out zeros, and bipolar cells "
                          "answer to them; choose another macro.encoding than xnor",
                          strategy));
  }
}

}  // namespace
}  // namespace pimento::mapper
