// SPDX-License-Identifier: Apache-2.0
#include "mapper/capacity.h"

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

class CapacityTest : public testing::Test {
 protected:
  [[nodiscard]] Capacity capacity() const { return Capacity(problem_); }

  workloads::Network network_ = [] {
    NetworkBuilder b({4});
    b.add("fc", workloads::Linear{2});
    return b.network;
  }();
  arch::ChipSpec chip_ =
      make_chip({.macros_per_core = 3, .cores_per_tile = 2, .tiles = "2", .more = ""});
  MappingProblem problem_{network_, chip_};
};

TEST_F(CapacityTest, EndsWithTheLastMacro) {
  EXPECT_EQ(message_of<InputError>([&] { capacity().check_macros(0, 12); }), "nothing thrown");
  EXPECT_EQ(message_of<InputError>([&] { capacity().check_macros(0, 13); }),
            "chip.yaml: the network does not fit: layer \"fc\" needs macros up to number 13, the "
            "chip has 12; raise chip.tiles, enlarge the arrays, or lower the precision");
}

TEST_F(CapacityTest, GroupsOfAllLayersCount) {
  Capacity capacity(problem_);
  capacity.add_groups(0, 1 << 22);
  EXPECT_EQ(message_of<InputError>([&] { capacity.add_groups(0, 1 << 22); }), "nothing thrown");
  EXPECT_EQ(message_of<InputError>([&] { capacity.add_groups(0, 1); }),
            "chip.yaml: the network needs more than 8388608 column groups up to layer \"fc\"; "
            "enlarge the arrays, or lower the precision");
}

}  // namespace
}  // namespace pimento::mapper
