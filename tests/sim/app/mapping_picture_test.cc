// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/mapping_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/app/hand_made_mapping.h"
#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string picture(const HandMade& made, const PictureLimits& limits = {}) {
  return mapping_picture(made.view(), made.mapping, made.inputs.chip, limits);
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

// Whether each element that is opened is closed in its turn. Enough of XML for what is written
// here.
std::string xml_fault(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t at = text.find('<', 1); at != std::string::npos; at = text.find('<', at + 1)) {
    const std::size_t end = text.find('>', at);
    if (end == std::string::npos) return "an element has no end";
    const std::string tag = text.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find(' '));
    if (count_of(tag, "\"") % 2 != 0 || tag.find('<') != std::string::npos) return "broken: " + tag;
    if (name.front() == '/') {
      if (open.empty() || open.back() != name.substr(1)) return "not open: " + tag;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

TEST(MappingPicture, DrawsGroupsInCellsOfTheirMacro) {
  const HandMade made;
  const std::string svg = picture(made);
  EXPECT_EQ(xml_fault(svg), "");
  // Of "a" three planes side by side, the last one with three rows; each has a path of its own.
  EXPECT_EQ(count_of(svg, "<path d=\"M0 0h4v6h-4z\" fill=\"" + shade_of(0, 0, 3).hex()), 2U);
  EXPECT_EQ(count_of(svg, "<path d=\"M4 0h4v6h-4z\" fill=\"" + shade_of(0, 1, 3).hex()), 2U);
  EXPECT_EQ(count_of(svg, "<path d=\"M8 0h4v3h-4z\" fill=\"" + shade_of(0, 2, 3).hex()), 2U);
  // "b" below, with all its slices.
  EXPECT_EQ(count_of(svg, "<path d=\"M0 6h12v2h-12z\" fill=\"" + shade_of(1, -1, 4).hex()), 2U);
  EXPECT_THAT(svg, HasSubstr(">2 layers</text>"));
  EXPECT_THAT(svg, HasSubstr(">1 empty</text>"));
  EXPECT_THAT(svg, HasSubstr("Groups that hold a single slice"));
  EXPECT_THAT(svg, HasSubstr("tile 0, core 1, macro 0: a and 1 more, 65.6 % of the cells used"));
  EXPECT_THAT(svg, HasSubstr("2 of 4 macros hold weights, 2 of them of several layers"));
  EXPECT_THAT(svg, Not(HasSubstr("left out")));
}

TEST(MappingPicture, GivesTheSameBytes) {
  EXPECT_EQ(picture(HandMade()), picture(HandMade()));
}

TEST(MappingPicture, NamesCannotBreakIt) {
  const std::string name = "</title><script>alert(\"&'1')</script>\x1b[31m\xef\xbf\xbf\xff";
  const std::string svg = picture(HandMade(name));
  EXPECT_EQ(xml_fault(svg), "");
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, Not(HasSubstr("\x1b")));
  EXPECT_THAT(svg, Not(HasSubstr("\xef\xbf\xbf")));
  EXPECT_THAT(svg, Not(HasSubstr("\xff")));
  EXPECT_THAT(svg, HasSubstr("&lt;/title&gt;&lt;script&gt;"));
}

TEST(MappingPicture, SaysWhatDetailLeavesOut) {
  const HandMade made;
  const std::string one = picture(made, {.first_macros = 1, .shared_macros = 0});
  EXPECT_THAT(one, HasSubstr("1 of the 2 that hold weights; left out: 1 (drawn are the first 1, up "
                             "to 0 more that layers share, and up to 40,000 column groups)"));
  EXPECT_EQ(count_of(one, "M0 6h12v2h-12z"), 1U);
  // A shared macro is drawn wherever it is, if there is room for its groups.
  EXPECT_EQ(count_of(picture(made, {.first_macros = 1, .shared_macros = 1}), "M0 6h12v2h-12z"), 2U);
  EXPECT_EQ(count_of(picture(made, {.rectangles = 7}), "M0 6h12v2h-12z"), 1U);
}

TEST(MappingPicture, SaysWhichLayersTheLegendLeavesOut) {
  EXPECT_THAT(picture(HandMade(), {.layers = 1}),
              HasSubstr("Left out of this list: the last 1 of 2 layers."));
}

TEST(MappingPicture, SquaresOfLargeChipsStandForCoresAndTiles) {
  const HandMade made;  // four macros: two cores of one tile
  EXPECT_THAT(picture(made, {.squares = 3}), HasSubstr("a square is a core of 2 macros"));
  EXPECT_THAT(picture(made, {.squares = 3}),
              HasSubstr("tile 0, core 1: a and 1 more, 32.8 % of the cells used"));
  EXPECT_THAT(picture(made, {.squares = 1}), HasSubstr("a square is a tile of 4 macros"));
}

TEST(MappingPicture, TilesBehindTheLastAreLeftOut) {
  HandMade made;
  made.inputs.chip.tiles = 5;
  EXPECT_THAT(picture(made),
              HasSubstr("a square is a macro; left out: 4 tiles behind these, which hold nothing"));
}

TEST(MappingPicture, DrawsAMacroOnceARound) {
  HandMade made;
  for (arch::ColumnGroup& group : made.mapping.layers[1].groups) group.round = 3;
  const std::string svg = picture(made);
  EXPECT_THAT(svg, HasSubstr(">macro 0, round 0</text>"));
  EXPECT_THAT(svg, HasSubstr(">macro 0, round 3</text>"));
  EXPECT_THAT(svg, HasSubstr("4 of the 4 that hold weights, counted once a round"));
}

class MapPicture : public testing::Test {
 protected:
  Scratch scratch;
  std::string network = scratch.write("tiny.yaml", kTinyNetwork);
};

TEST_F(MapPicture, IsWrittenBesideTheText) {
  const std::string file = scratch.path("tiny.svg");
  const ProgramRun run = run_program("map " + network + " --svg " + file);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "pimento: wrote " + file + "\n");
  EXPECT_THAT(run.out, HasSubstr("\nTotals\n"));
  EXPECT_EQ(xml_fault(content_of(file)), "");
}

TEST_F(MapPicture, APlaceThatCannotBeWrittenIsAMistake) {
  const std::string file = scratch.write("plain", "text") + "/tiny.svg";
  const ProgramRun run = run_program("map " + network + " --svg " + file);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  EXPECT_THAT(run.err, HasSubstr("pimento: error: cannot write \"" + file + "\""));
  EXPECT_EQ(content_of(scratch.path("plain")), "text");
}

TEST_F(MapPicture, OfALargeNetworkStaysSmall) {
  const std::string file = scratch.path("large.svg");
  ASSERT_EQ(run_program("map resnet50_imagenet --set macro.rows=64 --set macro.columns=64 --set "
                        "chip.tiles=auto --svg " +
                        file)
                .exit_code,
            0);
  const std::string svg = content_of(file);
  EXPECT_GT(svg.size(), 100'000U);
  EXPECT_LT(svg.size(), 4'000'000U);
  EXPECT_THAT(svg, HasSubstr("a square is a core of 8 macros"));
}

}  // namespace
}  // namespace pimento::app
