// SPDX-License-Identifier: Apache-2.0
#include "sim/model/in_order.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace pimento::sim {
namespace {

TEST(InOrder, HoldsBackWhatCameTooSoon) {
  InOrder order;
  EXPECT_EQ(order.add(1), 0);
  EXPECT_EQ(order.add(3), 0);
  EXPECT_EQ(order.add(0), 2);
  EXPECT_EQ(order.through(), 2);
  EXPECT_EQ(order.add(2), 4);
}

TEST(InOrder, TakesEachStepOnce) {
  InOrder order;
  (void)order.add(0);
  (void)order.add(2);
  EXPECT_THROW((void)order.add(0), InternalError);
  EXPECT_THROW((void)order.add(2), InternalError);
}

TEST(InOrderProperty, AnyOrderComesOutInOrder) {
  std::mt19937 random(4);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::int64_t> steps(static_cast<std::size_t>(i % 17 + 1));
    std::iota(steps.begin(), steps.end(), 0);
    std::shuffle(steps.begin(), steps.end(), random);
    InOrder order;
    std::vector<bool> there(steps.size(), false);
    for (const std::int64_t step : steps) {
      there[static_cast<std::size_t>(step)] = true;
      ASSERT_EQ(order.add(step), std::find(there.begin(), there.end(), false) - there.begin());
    }
  }
}

}  // namespace
}  // namespace pimento::sim
