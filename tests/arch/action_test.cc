// SPDX-License-Identifier: Apache-2.0
#include "arch/action.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace pimento::arch {
namespace {

TEST(Action, EveryActionIsFoundAtItsPlaceInTheTable) {
  EXPECT_EQ(all_actions().size(), 24U);
  for (const ActionInfo& action : all_actions()) EXPECT_EQ(&info(action.action), &action);
}

TEST(Action, EveryRoleIsFoundAtItsPlaceInTheTable) {
  EXPECT_EQ(all_roles().size(), 18U);
  for (const RoleInfo& role : all_roles()) EXPECT_EQ(&info(role.role), &role);
}

TEST(Action, PathsOfRolesAreLevelAndKeyAndUnique) {
  std::set<std::string_view> paths;
  for (const RoleInfo& role : all_roles()) {
    EXPECT_EQ(role.path, std::string(level_name(role.level)) + "." + std::string(role.key));
    EXPECT_TRUE(paths.insert(role.path).second) << role.path;
  }
}

TEST(Action, EveryRoleBelongsToTheActionsItPrices) {
  EXPECT_EQ(info(Action::kCellRead).role, Role::kArray);
  EXPECT_EQ(info(Action::kAdcConversion).role, Role::kAdc);
  EXPECT_EQ(info(Action::kShiftAdd).role, Role::kCoreShiftAdd);
  EXPECT_EQ(info(Action::kInputTestBit).role, Role::kInputRegister);
  EXPECT_EQ(info(Action::kAccumulate).role, Role::kTileShiftAdd);
  EXPECT_EQ(info(Action::kBufferWriteBit).role, Role::kBuffer);
  EXPECT_EQ(info(Action::kOffchipBit).role, Role::kIoLink);
  std::set<Role> priced;
  for (const ActionInfo& action : all_actions()) priced.insert(action.role);
  EXPECT_EQ(priced.size(), all_roles().size());
}

TEST(Counts, AddsUpByActionAndBits) {
  Counts counts;
  counts.record(Action::kMac, 5, 8);
  counts.record(Action::kMac, 7, 4);
  counts.record(Action::kMac, 1, 8);
  counts.record(Action::kVectorOp, 3);
  EXPECT_EQ(counts.total(Action::kMac), 13);
  EXPECT_EQ(counts.total(Action::kVectorOp), 3);
  EXPECT_EQ(counts.total(Action::kPoolOp), 0);
  EXPECT_EQ(std::distance(counts.begin(), counts.end()), 3);
}

TEST(Counts, NothingLeavesNoTrace) {
  Counts counts;
  counts.record(Action::kMac, 0, 8);
  EXPECT_EQ(counts, Counts{});
}

TEST(Counts, AddsAnotherSeveralTimes) {
  Counts image;
  image.record(Action::kMac, 5, 8);
  image.record(Action::kBusBit, 2);
  Counts sum;
  sum.record(Action::kBusBit, 1);
  sum.add(image, 3);
  EXPECT_EQ(sum.total(Action::kMac), 15);
  EXPECT_EQ(sum.total(Action::kBusBit), 7);
}

// Cell reads are told by values instead; everything else stays.
TEST(Counts, ByValuesReplacesCellReads) {
  Counts counts;
  counts.record(Action::kCellRead, 100);
  counts.record(Action::kMac, 7, 4);
  const Counts found = by_values(counts, 30, 50);
  Counts expected;
  expected.record(Action::kMac, 7, 4);
  expected.record(Action::kLevelRead, 30);
  expected.record(Action::kDriveRead, 50);
  EXPECT_EQ(found, expected);
}

TEST(Counts, AreListedInTheOrderOfActionsWhateverTheOrderOfRecording) {
  Counts counts;
  counts.record(Action::kOffchipBit, 1);
  counts.record(Action::kMac, 1, 8);
  counts.record(Action::kMac, 1, 2);
  counts.record(Action::kCellRead, 1);
  std::vector<CountKey> keys;
  for (const auto& [key, n] : counts) keys.push_back(key);
  EXPECT_EQ(
      keys,
      (std::vector<CountKey>{
          {Action::kCellRead, 0}, {Action::kMac, 2}, {Action::kMac, 8}, {Action::kOffchipBit, 0}}));
}

}  // namespace
}  // namespace pimento::arch
