// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/svg.h"

#include <set>

#include <gtest/gtest.h>

namespace pimento::app::svg {
namespace {

TEST(Svg, EscapesWhatXmlKnows) {
  EXPECT_EQ(escaped("<a b=\"c\" d='e'>&amp;"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
  EXPECT_EQ(escaped("\x01\xef\xbf\xbe-\xef\xbf\xbf"), "\xef\xbf\xbd\xef\xbf\xbd-\xef\xbf\xbd");
  EXPECT_EQ(escaped("\xe5\xb1\xa4\xef\xbf"), "\xe5\xb1\xa4\xef\xbf");
}

TEST(Svg, NamesAreCutBetweenCharacters) {
  EXPECT_EQ(name("abcd", 4), "abcd");
  EXPECT_EQ(name("abcde", 4), "abc\xe2\x80\xa6");
  EXPECT_EQ(name("\xe5\xb1\xa4\xe5\xb1\xa4\xe5\xb1\xa4", 2), "\xe5\xb1\xa4\xe2\x80\xa6");
  EXPECT_EQ(name("a\nb", 10), "a\\nb");
  EXPECT_EQ(name("<<<<", 3), "&lt;&lt;\xe2\x80\xa6");
}

TEST(Svg, NumbersHaveTwoDecimalsAtMost) {
  EXPECT_EQ(number(12.0), "12");
  EXPECT_EQ(number(0.5), "0.5");
  EXPECT_EQ(number(-0.05), "-0.05");
  EXPECT_EQ(number(-0.004), "0");
  EXPECT_EQ(number(1.999), "2");
}

TEST(Svg, ColoursOfLayersDiffer) {
  std::set<std::string> colours;
  for (int i = 0; i < 240; ++i) colours.insert(colour_of(i).hex());
  EXPECT_GT(colours.size(), 235U);
  EXPECT_EQ((Colour{0, 100, 200}.mixed(kWhite, 0.5).hex()), "#80b2e4");
  // hsl(212, 62 %, 46 %)
  EXPECT_EQ(colour_of(0).hex(), "#2d70be");
}

}  // namespace
}  // namespace pimento::app::svg
