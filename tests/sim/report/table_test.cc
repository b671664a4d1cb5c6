// SPDX-License-Identifier: Apache-2.0
#include "sim/report/table.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace pimento::sim {
namespace {

TEST(Table, AlignsColumnsAndEndsNoLineWithABlank) {
  Table table({{"layer", Align::kLeft}, {"MACs"}, {"kind", Align::kLeft}});
  table.add_row({"conv1", "12", "conv"});
  table.add_row({"a", "1,234,567", "x"});
  table.add_rule();
  table.add_row({"total"});
  EXPECT_EQ(table.str({}),
            "  layer       MACs  kind\n"
            "  -----  ---------  ----\n"
            "  conv1         12  conv\n"
            "  a      1,234,567  x\n"
            "  -----  ---------  ----\n"
            "  total\n");
}

TEST(Table, CountsCharactersAndNotBytes) {
  Table table({{"n", Align::kLeft}, {"v"}});
  table.add_row({"\xC3\xBC\xC3\xBC", "1"});
  table.add_row({"abc", "2"});
  EXPECT_EQ(table.str({}, 0), "n    v\n---  -\n\xC3\xBC\xC3\xBC   1\nabc  2\n");
}

TEST(Table, ColoursHeaderAndRuleOnly) {
  Table table({{"x"}});
  table.add_row({"1"});
  EXPECT_EQ(table.str({.colour = true}, 0), "\x1b[1mx\x1b[0m\n\x1b[2m-\x1b[0m\n1\n");
}

TEST(Table, ATooLongRowIsADefect) {
  Table table({{"x"}});
  EXPECT_THROW(table.add_row({"1", "2"}), InternalError);
}

TEST(Listing, AlignsValues) {
  Listing listing;
  listing.add("chip", "tiny");
  listing.add("", "more of it");
  listing.add("network", "");
  EXPECT_EQ(listing.str({}, 0), "chip     tiny\n         more of it\nnetwork\n");
}

}  // namespace
}  // namespace pimento::sim
