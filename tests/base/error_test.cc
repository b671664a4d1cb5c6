// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <gtest/gtest.h>

namespace pimento {
namespace {

TEST(SourceLocation, PrintsWhatIsKnown) {
  EXPECT_EQ((SourceLocation{"chip.yaml", 3, 7}.str()), "chip.yaml:3:7");
  EXPECT_EQ((SourceLocation{"chip.yaml", 3, 0}.str()), "chip.yaml:3");
  EXPECT_EQ((SourceLocation{"chip.yaml", 0, 7}.str()), "chip.yaml");
  EXPECT_EQ((SourceLocation{"--set macro.rows=2", 0, 0}.str()), "--set macro.rows=2");
}

TEST(Ensure, ThrowsOnlyOnABrokenPromise) {
  EXPECT_NO_THROW(ensure(true, "held"));
  try {
    ensure(false, "rows are sorted");
    FAIL() << "nothing thrown";
  } catch (const InternalError& error) {
    EXPECT_STREQ(error.what(), "rows are sorted");
  }
}

}  // namespace
}  // namespace pimento
