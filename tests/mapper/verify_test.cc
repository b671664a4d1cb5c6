// SPDX-License-Identifier: Apache-2.0
// Faults sown into valid mappings: the verifier must name every one.
#include <algorithm>
#include <functional>

#include <gmock/gmock.h>

#include "mapper/mapping.h"
#include "mapper/strategies/dense.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

// Weights whose every bit is set.
workloads::StoredWeights minus_ones(const workloads::Shape& shape) {
  workloads::Array integers = workloads::make_array(workloads::ElementType::kInt32, shape);
  std::fill(integers.integers.begin(), integers.integers.end(), -1);
  workloads::StoredWeights stored;
  stored.integers = workloads::encode(integers);
  stored.bits = 3;
  return stored;
}

// "fc": 10 rows and 5 outputs of 3 bits on arrays of 4x8, six macros. "dw": five blocks of 1 row
// and 3 columns, two on the diagonal of macro 6, two on that of macro 7 and one on macro 8.
class Verify : public testing::Test {
 protected:
  void SetUp() override { mapping_ = map_dense(problem()); }
  [[nodiscard]] MappingProblem problem() const { return {network_, chip_}; }
  LayerMapping& fc() { return mapping_.layers[0]; }
  LayerMapping& dw() { return mapping_.layers[1]; }
  [[nodiscard]] std::string fault() const {
    return message_of<InternalError>([&] { verify(mapping_, problem()); });
  }
  static void shorten(Indices& indices) { indices = indices.part(0, indices.size() - 1); }
  static void drop_first(Indices& indices) { indices = indices.part(1, indices.size() - 1); }
  static std::string in(const std::string& layer, const std::string& what) {
    return "mapping \"dense\", layer \"" + layer + "\": " + what;
  }

  workloads::Network network_ = [] {
    NetworkBuilder b({10});
    b.precision(b.add("fc", workloads::Linear{5}), 3, 8);
    b.add("cut", workloads::Reshape{{5, 1, 1}});
    b.precision(b.conv("dw", 5, 1, 1, 0, 5), 3, 8);
    b.network.layers[0].stored = minus_ones({5, 10});
    b.network.layers[2].stored = minus_ones({5, 1, 1, 1});
    return b.network;
  }();
  arch::ChipSpec chip_ =
      make_chip({.rows = 4, .columns = 8, .macros_per_core = 1, .cores_per_tile = 4});
  Mapping mapping_;
};

TEST_F(Verify, AcceptsWhatIsRight) {
  EXPECT_EQ(fault(), "nothing thrown");
}

TEST_F(Verify, TheOrderOfGroupsPlaysNoPart) {
  std::reverse(fc().groups.begin(), fc().groups.end());
  std::reverse(dw().groups.begin(), dw().groups.end());
  EXPECT_EQ(fault(), "nothing thrown");
}

TEST_F(Verify, GroupsMayBeCutInAnyWay) {
  // The second half of macro 0's columns moves to a macro of its own, at another place.
  ColumnGroup half = fc().groups[0];
  fc().groups[0].columns = {0, 3};
  half.columns = {3, 8};
  half.macro = static_cast<int>(mapping_.macros++);
  half.at_column = 2;
  fc().groups.push_back(half);
  ++fc().macros;
  EXPECT_EQ(fault(), "nothing thrown");
}

TEST_F(Verify, ABitTwice) {
  ColumnGroup again = fc().groups[3];
  again.columns = {8, 9};
  again.macro = static_cast<int>(mapping_.macros++);
  ++fc().macros;
  fc().groups.push_back(again);
  EXPECT_EQ(fault(), in("fc", "a weight bit is stored twice"));
}

// The second storing lies inside the columns of the first, and as many bits are missing elsewhere.
TEST_F(Verify, ABitTwiceInTheMiddleOfAGroup) {
  ColumnGroup again = fc().groups[3];
  again.columns = {10, 11};
  again.macro = static_cast<int>(mapping_.macros++);
  ++fc().macros;
  fc().groups.push_back(again);
  fc().groups[0].columns = {0, 7};
  EXPECT_EQ(fault(), in("fc", "a weight bit is stored twice"));
}

TEST_F(Verify, ABitTwiceAndAnotherMissing) {
  fc().groups[5] = fc().groups[4];
  fc().groups[5].macro = 5;
  EXPECT_EQ(fault(), in("fc", "a weight bit is stored twice"));
}

TEST_F(Verify, ABitMissing) {
  shorten(fc().groups[3].columns);
  EXPECT_EQ(fault(), in("fc", "a bit of the weight -1 of row 4 and channel 4 is missing"));
}

TEST_F(Verify, ARowMissing) {
  drop_first(fc().groups[2].rows);
  EXPECT_EQ(fault(), in("fc", "a bit of the weight -1 of row 4 and channel 0 is missing"));
}

TEST_F(Verify, AGroupMissing) {
  fc().groups.pop_back();
  --fc().macros;
  EXPECT_EQ(fault(), in("fc", "a bit of the weight -1 of row 8 and channel 2 is missing"));
}

TEST_F(Verify, ABlockMissing) {
  dw().groups.pop_back();
  --dw().macros;
  EXPECT_EQ(fault(), in("dw", "a bit of the weight -1 of row 0 and channel 0 is missing"));
}

TEST_F(Verify, ABlockTwice) {
  dw().groups[4].block = 3;
  EXPECT_EQ(fault(), in("dw", "a weight bit is stored twice"));
}

TEST_F(Verify, AWrongShift) {
  fc().plan.slices[1].shift = 2;
  EXPECT_EQ(fault(), in("fc", "the weight -1 comes back as 1 from its cells"));
}

TEST_F(Verify, AWrongSign) {
  fc().plan.slices[2].sign = 1;
  EXPECT_EQ(fault(), in("fc", "the weight -1 comes back as 7 from its cells"));
}

TEST_F(Verify, AWrongExcess) {
  fc().plan.encoding = arch::Encoding::kDifferential;
  fc().plan.excess = 4;
  EXPECT_THAT(fault(), testing::StartsWith(in("fc", "the weight -1 comes back as ")));
}

TEST_F(Verify, ASliceTooFew) {
  fc().plan.slices.pop_back();
  EXPECT_EQ(fault(), in("fc", "a column group outside the layer's matrix"));
}

TEST_F(Verify, ASliceWiderThanACell) {
  fc().plan = plan_slices(arch::Encoding::kTwosComplement, 3, 2);
  EXPECT_EQ(fault(), in("fc", "a slice of 2 bits in cells of 1"));
}

TEST_F(Verify, ASliceOfNothing) {
  fc().plan.slices[0].width = 0;
  EXPECT_EQ(fault(), in("fc", "a slice of 0 bits in cells of 1"));
}

TEST_F(Verify, WeightsWithoutAPlace) {
  network_.layers[0].precision.weight_bits = 4;
  workloads::StoredWeights& stored = *network_.layers[0].stored;
  stored.bits = 4;
  workloads::Array wide = workloads::decode(stored.integers);
  wide.integers[7] = -5;
  stored.integers = workloads::encode(wide);
  EXPECT_EQ(fault(), in("fc", "the weight -5 of row 7 and channel 0 has no place in its slices"));
}

// All weights of four bits fit three.
TEST_F(Verify, FewerBitsThanTheLayersWhereWeightsFit) {
  network_.layers[0].precision.weight_bits = 4;
  network_.layers[0].stored->bits = 4;
  EXPECT_EQ(fault(), "nothing thrown");
}

TEST_F(Verify, AFaultyPlanBehindAProvenOne) {
  dw().plan.slices[2].sign = 1;
  EXPECT_EQ(fault(), in("dw", "the weight -1 comes back as 7 from its cells"));
}

TEST_F(Verify, AGroupOutsideTheMatrix) {
  const std::string what = in("fc", "a column group outside the layer's matrix");
  const Mapping right = mapping_;
  const auto broken = [&](const std::function<void(ColumnGroup&)>& change) {
    mapping_ = right;
    change(fc().groups[5]);
    return fault();
  };
  EXPECT_EQ(broken([](ColumnGroup& g) { g.rows = {8, 11}; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.rows = {-1, 10}; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.columns = {8, 16}; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.columns = {-1, 15}; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.block = 1; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.block = -1; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.rows = {9, 9}; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.columns = {12, 11}; }), what);
}

TEST_F(Verify, AGroupOutsideTheArray) {
  const std::string what = in("fc", "a column group outside the array of macro 5");
  const Mapping right = mapping_;
  const auto broken = [&](const std::function<void(ColumnGroup&)>& change) {
    mapping_ = right;
    change(fc().groups[5]);
    return fault();
  };
  EXPECT_EQ(broken([](ColumnGroup& g) { g.at_row = 3; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.at_row = -1; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.at_column = 2; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.at_column = -1; }), what);
  EXPECT_EQ(broken([](ColumnGroup& g) { g.at_row = 2; }), "nothing thrown");
}

TEST_F(Verify, AGroupLargerThanTheArray) {
  chip_.macro.columns = 7;
  EXPECT_EQ(fault(), in("fc", "a column group outside the array of macro 0"));
}

TEST_F(Verify, AMacroThatIsNotAllocated) {
  fc().groups[2].macro = 100;
  EXPECT_EQ(fault(), in("fc", "macro 100 is not allocated"));
  fc().groups[2].macro = -1;
  EXPECT_EQ(fault(), in("fc", "macro -1 is not allocated"));
}

TEST_F(Verify, AWrongNumberOfMacros) {
  ++fc().macros;
  EXPECT_EQ(fault(), in("fc", "it lies on 6 macros and says 7"));
}

TEST_F(Verify, AMissingLayer) {
  mapping_.layers.pop_back();
  EXPECT_EQ(fault(), "mapping \"dense\": it holds 1 layers; the network has 2 with weights");
}

TEST_F(Verify, LayersInAnotherOrder) {
  std::swap(mapping_.layers[0], mapping_.layers[1]);
  EXPECT_EQ(fault(),
            "mapping \"dense\": its layers are not those of the network that have weights, in "
            "their order");
}

TEST_F(Verify, OverlapInAMacro) {
  ASSERT_EQ(dw().groups[0].macro, dw().groups[1].macro);
  dw().groups[1].at_row = 0;
  dw().groups[1].at_column = 0;
  EXPECT_EQ(fault(), in("dw", "two column groups share cells of macro 6"));
}

TEST_F(Verify, SharedRows) {
  dw().groups[1].at_row = 0;
  EXPECT_EQ(fault(), in("dw", "row 0 of macro 6 is driven with two inputs at once"));
}

TEST_F(Verify, SharedColumns) {
  dw().groups[1].at_column = 2;
  EXPECT_EQ(fault(), in("dw", "two column groups that are read together share columns of macro 6"));
}

TEST_F(Verify, LayersOnOneMacro) {
  dw().groups[4].macro = 5;
  EXPECT_EQ(fault(), in("dw", "two column groups share cells of macro 5"));
}

}  // namespace
}  // namespace pimento::mapper
