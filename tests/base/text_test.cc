// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

namespace pimento {
namespace {

using Names = std::vector<std::string>;

TEST(NearestName, FindsSlips) {
  const Names known = {"rows", "columns", "adc_bits", "read_time"};
  EXPECT_EQ(nearest_name("row", known), "rows");
  EXPECT_EQ(nearest_name("rosw", known), "rows");  // one swap
  EXPECT_EQ(nearest_name("adc_bit", known), "adc_bits");
  EXPECT_EQ(nearest_name("ADC-Bits", known), "adc_bits");
  EXPECT_EQ(nearest_name("colunms", known), "columns");
  EXPECT_EQ(nearest_name("readtime", known), "read_time");
}

TEST(NearestName, RefusesWhatIsNoSlip) {
  const Names known = {"rows", "columns", "a"};
  EXPECT_EQ(nearest_name("xyzw", known), std::nullopt);
  EXPECT_EQ(nearest_name("b", known), std::nullopt);
  EXPECT_EQ(nearest_name("rats", known), std::nullopt);  // two edits in four letters
  EXPECT_EQ(nearest_name("", known), std::nullopt);
  EXPECT_EQ(nearest_name("rows", Names{}), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100000, 'r'), known), std::nullopt);
}

TEST(NearestName, PrefersTheNearestThenTheFirst) {
  EXPECT_EQ(nearest_name("tiles", Names{"tilde", "title", "tile"}), "tile");
  EXPECT_EQ(nearest_name("bat", Names{"cat", "rat"}), "cat");
  EXPECT_EQ(nearest_name("rat", Names{"cat", "rat"}), "rat");
}

TEST(Glob, MatchesWholeNames) {
  EXPECT_TRUE(glob_matches("layer?.*", "layer1.0.conv1"));
  EXPECT_TRUE(glob_matches("*", "a/b"));
  EXPECT_TRUE(glob_matches("conv[12]", "conv2"));
  EXPECT_FALSE(glob_matches("conv[12]", "conv3"));
  EXPECT_FALSE(glob_matches("conv", "conv1"));
  EXPECT_FALSE(glob_matches("Conv1", "conv1"));
}

TEST(Glob, ManyStarsEndSoon) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "a*";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(5000, 'a')));
}

TEST(Glob, IsToldFromAName) {
  EXPECT_TRUE(is_glob("conv*"));
  EXPECT_TRUE(is_glob("conv?"));
  EXPECT_TRUE(is_glob("conv[1]"));
  EXPECT_FALSE(is_glob("layer1.0.conv1"));
  EXPECT_FALSE(is_glob(""));
}

TEST(Join, PutsSeparatorsBetween) {
  EXPECT_EQ(join(Names{"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join(Names{"a", "b"}, "\n"), "a\nb");
  EXPECT_EQ(join(Names{"a"}), "a");
  EXPECT_EQ(join(Names{}), "");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a.b.c", '.'), (Names{"a", "b", "c"}));
  EXPECT_EQ(split(".a..", '.'), (Names{"", "a", "", ""}));
  EXPECT_EQ(split("", '.'), (Names{""}));
}

TEST(Printable, EscapesWhatWouldDisturbALine) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("gr\u00fc\u00dfe"), "gr\u00fc\u00dfe");
  EXPECT_EQ(printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(printable("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(printable(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(printable("\u009b"), "\\u009b");      // the one-character escape of terminals
  EXPECT_EQ(printable("a\u202eb"), "a\\u202eb");  // right-to-left override
  EXPECT_EQ(printable("\xff\xc3("), "\\xff\\xc3(");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");  // overlong
}

TEST(Printable, CutsLongText) {
  EXPECT_EQ(printable(std::string(60, 'x')), std::string(60, 'x'));
  EXPECT_EQ(printable(std::string(61, 'x')), std::string(60, 'x') + "...");
  EXPECT_EQ(printable("\u00fc\u00fc\u00fc", 2), "\u00fc\u00fc...");
}

TEST(FindNonText, FindsTheFirstBadByte) {
  EXPECT_EQ(find_non_text("a: 1\r\n\tb \u00b5"), std::string_view::npos);
  EXPECT_EQ(find_non_text(std::string_view("ab\0c", 4)), 2u);
  EXPECT_EQ(find_non_text("ab\xff"), 2u);
  EXPECT_EQ(find_non_text("ab\xc3"), 2u);
  EXPECT_EQ(find_non_text("a\x1b"), 1u);
  EXPECT_EQ(find_non_text("\xed\xa0\x80"), 0u);  // a surrogate
  EXPECT_EQ(find_non_text(""), std::string_view::npos);
}

}  // namespace
}  // namespace pimento
