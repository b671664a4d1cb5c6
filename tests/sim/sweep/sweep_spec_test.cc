// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_spec.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace pimento::sim {
namespace {

using testing::ElementsAre;

constexpr const char* kHead = "schema: pimento/sweep/1\nname: s\n";
constexpr const char* kFiles = "network: n\nchip: c\npolicy: p\n";

SweepSpec parse(const std::string& text) {
  return read_sweep(ConfigDocument::parse(text, "s.yaml"), "s.yaml");
}

SweepSpec parse_axes(const std::string& axes) {
  return parse(std::string(kHead) + kFiles + "axes:\n" + axes);
}

std::string error_of(const std::string& text) {
  try {
    static_cast<void>(parse(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string error_of_axes(const std::string& axes) {
  return error_of(std::string(kHead) + kFiles + "axes:\n" + axes);
}

std::vector<std::string> shown(const SweepPoint& point) {
  std::vector<std::string> result;
  for (const Override& override_ : point.overrides) {
    result.push_back(override_.path + "=" + override_.value);
  }
  return result;
}

TEST(SweepSpec, CountsValuesWhereItSaysSo) {
  const std::string axes = "axes: {macro.rows: [64, 128]}\n";
  EXPECT_FALSE(parse(std::string(kHead) + kFiles + axes).point(1).activity);
  EXPECT_TRUE(parse(std::string(kHead) + kFiles + "activity: true\n" + axes).point(1).activity);
  EXPECT_EQ(error_of(std::string(kHead) + kFiles + "activity: 3\n" + axes),
            "s.yaml:6:11: activity: found \"3\"; expected true or false");
}

TEST(SweepSpec, ReadsWhatAllPointsShare) {
  const SweepSpec spec = parse(
      "schema: pimento/sweep/1\nname: my.sweep-1\ndescription: text\nnetwork: n\nchip: c\n"
      "policy: p\nstrategy: dense\nimages: 4\nset: {macro.cell_bits: 2, a.b: [1, 2]}\n"
      "axes: {macro.rows: [64]}\n");
  EXPECT_EQ(spec.name, "my.sweep-1");
  EXPECT_EQ(spec.description, "text");
  EXPECT_EQ(spec.file, "s.yaml");
  ASSERT_EQ(spec.points(), 1u);
  const SweepPoint point = spec.point(0);
  EXPECT_EQ(point.network, "n");
  EXPECT_EQ(point.chip, "c");
  EXPECT_EQ(point.policy, "p");
  EXPECT_EQ(point.strategy, "dense");
  EXPECT_EQ(point.images, 4);
  EXPECT_THAT(shown(point), ElementsAre("macro.cell_bits=2", "a.b=[1, 2]", "macro.rows=64"));
}

TEST(SweepSpec, StrategyAndImagesHaveTheDefaultsOfARun) {
  const SweepPoint point = parse_axes("  macro.rows: [64]\n").point(0);
  EXPECT_EQ(point.strategy, "dense");
  EXPECT_EQ(point.images, 1);
}

TEST(SweepSpec, TheLastAxisVariesFastest) {
  const SweepSpec spec = parse_axes("  a: [1, 2]\n  b: [x, y, z]\n");
  ASSERT_EQ(spec.points(), 6u);
  EXPECT_THAT(spec.columns(), ElementsAre("a", "b"));
  std::vector<std::string> order;
  for (std::size_t i = 0; i < spec.points(); ++i) {
    const std::vector<std::string> values = spec.point(i).axis_values;
    order.push_back(values.at(0) + values.at(1));
  }
  EXPECT_THAT(order, ElementsAre("1x", "1y", "1z", "2x", "2y", "2z"));
}

TEST(SweepSpec, JoinedPathsMoveTogether) {
  const SweepSpec spec = parse_axes("  \"a, b.c\": [[1, 10], [2, 20]]\n  d: [x, y]\n");
  ASSERT_EQ(spec.points(), 4u);
  EXPECT_THAT(spec.columns(), ElementsAre("a", "b.c", "d"));
  EXPECT_THAT(shown(spec.point(0)), ElementsAre("a=1", "b.c=10", "d=x"));
  EXPECT_THAT(shown(spec.point(1)), ElementsAre("a=1", "b.c=10", "d=y"));
  EXPECT_THAT(shown(spec.point(2)), ElementsAre("a=2", "b.c=20", "d=x"));
  EXPECT_THAT(spec.point(3).axis_values, ElementsAre("2", "20", "y"));
}

TEST(SweepSpec, TheWordsAreAxesToo) {
  const SweepSpec spec = parse(std::string(kHead) +
                               "policy: p\naxes:\n  network,chip: [[n1, c1], [n2, c2]]\n"
                               "  strategy: [s1]\n  images: [1, 8]\n");
  ASSERT_EQ(spec.points(), 4u);
  const SweepPoint last = spec.point(3);
  EXPECT_EQ(last.network, "n2");
  EXPECT_EQ(last.chip, "c2");
  EXPECT_EQ(last.policy, "p");
  EXPECT_EQ(last.strategy, "s1");
  EXPECT_EQ(last.images, 8);
  EXPECT_TRUE(last.overrides.empty());
  EXPECT_THAT(last.axis_values, ElementsAre("n2", "c2", "s1", "8"));
  EXPECT_THAT(spec.values_of("network"), ElementsAre("n1", "n2"));
  EXPECT_THAT(spec.values_of("policy"), ElementsAre("p"));
  EXPECT_TRUE(spec.values_of("macro.rows").empty());
}

TEST(SweepSpec, ValuesComeBackThroughYamlAsTheyWere) {
  const SweepSpec spec = parse_axes(
      "  a: [1.67 pJ, -3, 1e-3, \"x: y\", \"\", \"null\", \"- z\", \"#\", [4, [5, \"a, b\"]]]\n");
  std::vector<std::string> values;
  for (std::size_t i = 0; i < spec.points(); ++i) {
    values.push_back(spec.point(i).overrides.at(0).value);
  }
  EXPECT_THAT(values, ElementsAre("1.67 pJ", "-3", "1e-3", "\"x: y\"", "\"\"", "\"null\"",
                                  "\"- z\"", "\"#\"", "[4, [5, \"a, b\"]]"));
  for (const char* text : {"x: y", "", "null", "- z", "#"}) {
    const SweepSpec one = parse_axes("  v: [\"" + std::string(text) + "\"]\n");
    ConfigDocument document = ConfigDocument::parse("v: 1\n", "c.yaml");
    document.set("v", one.point(0).overrides.at(0).value);
    ConfigMap root = document.root();
    EXPECT_EQ(root.text("v"), text);
    document.finish();
  }
}

TEST(SweepSpec, FileNamesAreNotQuoted) {
  const SweepSpec spec = parse_axes("  strategy: [\"a, b: c\"]\n");
  EXPECT_EQ(spec.point(0).strategy, "a, b: c");
}

TEST(SweepSpec, SettingsOfTheCommandLineComeLast) {
  SweepSpec spec = parse(std::string(kHead) + kFiles + "set: {a: 1, b: 2}\naxes: {c: [3]}\n");
  set_for_all(spec, {{"a", "9"}, {"d", "4"}});
  EXPECT_THAT(shown(spec.point(0)), ElementsAre("b=2", "a=9", "d=4", "c=3"));
}

TEST(SweepSpec, AnAxisCannotBeSet) {
  SweepSpec spec = parse_axes("  macro.rows: [64]\n");
  try {
    set_for_all(spec, {{"macro.rows", "32"}});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "--set macro.rows=32: macro.rows is an axis of s.yaml; change the axis there");
  }
}

TEST(SweepSpec, AMillionPointsAreTheMost) {
  std::string tenth;
  for (int i = 0; i < 1000; ++i) tenth += (i > 0 ? ", " : "") + std::to_string(i);
  const std::string axes = "  a: [" + tenth + "]\n  b: [" + tenth + "]\n";
  const SweepSpec spec = parse_axes(axes);
  EXPECT_EQ(spec.points(), 1'000'000u);
  EXPECT_THAT(spec.point(999'999).axis_values, ElementsAre("999", "999"));
  EXPECT_EQ(error_of_axes(axes + "  c: [1, 2]\n"),
            "s.yaml:7:3: axes: the axes make more than 1000000 points; shorten them, or split the "
            "sweep into several");
}

TEST(SweepSpecErrors, NoAxes) {
  EXPECT_EQ(error_of(std::string(kHead) + kFiles),
            "s.yaml:1:1: axes: missing; expected a mapping of keys to values");
  EXPECT_EQ(error_of(std::string(kHead) + kFiles + "axes: {}\n"),
            "s.yaml:6:7: axes: found no axis; expected at least one such as \"macro.rows: [64, "
            "128]\"");
  EXPECT_EQ(error_of_axes("  a: []\n"),
            "s.yaml:7:6: axes.a: found an empty list; expected at least one value");
  EXPECT_EQ(error_of_axes("  a: 1\n"), "s.yaml:7:6: axes.a: found \"1\"; expected a list");
}

TEST(SweepSpecErrors, WhatIsNotGiven) {
  EXPECT_EQ(error_of(std::string(kHead) + "network: n\naxes: {policy: [p]}\n"),
            "s.yaml:1:1: \"chip\" is missing; give it at the top or as an axis");
}

TEST(SweepSpecErrors, PathsGivenTwice) {
  EXPECT_EQ(error_of_axes("  chip: [x, y]\n"),
            "s.yaml:7:9: axes.chip: \"chip\" is given twice; keep one of the two");
  EXPECT_EQ(error_of_axes("  \"a,b\": [[1, 2]]\n  \"b,c\": [[1, 2]]\n"),
            "s.yaml:8:10: axes.b,c: \"b\" is given twice; keep one of the two");
  EXPECT_EQ(error_of(std::string(kHead) + kFiles + "set: {a: 1}\naxes: {a: [1]}\n"),
            "s.yaml:7:11: axes.a: \"a\" is given twice; keep one of the two");
  EXPECT_EQ(error_of(std::string(kHead) + kFiles + "set: {chip: 1}\naxes: {a: [1]}\n"),
            "s.yaml:6:13: set.chip: stands outside of set; move it one level up");
}

TEST(SweepSpecErrors, Values) {
  EXPECT_EQ(error_of_axes("  a: [1, 2, 1]\n"),
            "s.yaml:7:13: axes.a.2: found 1 twice; expected different values");
  EXPECT_EQ(error_of_axes("  a: [{b: 1}]\n"),
            "s.yaml:7:7: axes.a.0: found a mapping; expected text (\"\" for an empty one)");
  EXPECT_EQ(error_of_axes("  a: [~]\n"),
            "s.yaml:7:7: axes.a.0: found nothing; expected text (\"\" for an empty one)");
  EXPECT_EQ(error_of_axes("  images: [0]\n"),
            "s.yaml:7:12: axes.images.0: found \"0\"; expected a whole number from 1 to 1000000");
  EXPECT_EQ(error_of_axes("  strategy: [[n]]\n"),
            "s.yaml:7:14: axes.strategy.0: found a list; expected text (\"\" for an empty one)");
}

TEST(SweepSpecErrors, JoinedAxes) {
  EXPECT_EQ(error_of_axes("  \"a,b\": [1]\n"),
            "s.yaml:7:11: axes.a,b.0: expected a list of 2 values, one for each of a, b");
  EXPECT_EQ(error_of_axes("  \"a,b\": [[1, 2, 3]]\n"),
            "s.yaml:7:11: axes.a,b.0: found 3 values; expected 2, one for each of a, b");
  EXPECT_EQ(error_of_axes("  \"a,\": [[1, 2]]\n"),
            "s.yaml:7:9: axes.a,: found an empty path; expected one such as macro.rows");
}

TEST(SweepSpecErrors, NamesThatAreNoFolder) {
  for (const std::string name : {"../x", ".x", "a/b", "a b"}) {
    EXPECT_EQ(
        error_of("schema: pimento/sweep/1\nname: " + name + "\n" + kFiles + "axes: {a: [1]}\n"),
        "s.yaml:2:7: name: found \"" + name +
            "\"; expected at most 100 letters, digits, \"_\", \"-\" and \".\", not beginning "
            "with \".\", as it names the output folder");
  }
}

TEST(SweepSpecErrors, AreAllToldAtOnce) {
  EXPECT_EQ(
      error_of("schema: pimento/chip/1\nname: x\nnetwork: n\nchip: c\npolicy: p\naxis: {a: [1]}\n"),
      "s.yaml:1:1: axes: missing; expected a mapping of keys to values\n"
      "s.yaml:1:9: schema: found \"pimento/chip/1\"; expected \"pimento/sweep/1\"; did you mean "
      "\"pimento/sweep/1\"?\n"
      "s.yaml:6:1: axis: unknown key; did you mean \"axes\"?");
}

}  // namespace
}  // namespace pimento::sim
