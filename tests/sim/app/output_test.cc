// SPDX-License-Identifier: Apache-2.0
#include "sim/app/output.h"

#include <csignal>
#include <cstdlib>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sim/app/interrupt.h"

namespace pimento::app {
namespace {

// Under CTest standard output is a pipe.
TEST(ResultStyle, IsPlainInAPipe) {
  unsetenv("NO_COLOR");
  if (isatty(STDOUT_FILENO) == 1) GTEST_SKIP() << "standard output is a terminal";
  EXPECT_FALSE(result_style().colour);
}

TEST(ResultStyle, IsPlainWithNoColor) {
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(result_style().colour);
}

TEST(InterruptGuard, SetsItsFlagAndGivesTheSignalBack) {
  struct sigaction before{};
  sigaction(SIGINT, nullptr, &before);
  {
    const InterruptGuard guard;
    EXPECT_FALSE(guard.flag());
    EXPECT_EQ(std::raise(SIGINT), 0);
    EXPECT_TRUE(guard.flag());
  }
  struct sigaction after{};
  sigaction(SIGINT, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
  const InterruptGuard next;
  EXPECT_FALSE(next.flag());
}

}  // namespace
}  // namespace pimento::app
