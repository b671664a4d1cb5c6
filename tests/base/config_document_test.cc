// SPDX-License-Identifier: Apache-2.0
// Parsing a document: syntax, duplicates, includes.
#include <map>

#include <gmock/gmock.h>

#include "tests/base/config_fixture.h"

namespace pimento {
namespace {

using testing::HasSubstr;

TEST(ConfigDocument, RefusesWhatIsNotAMapping) {
  EXPECT_EQ(parse_error(""), "f.yaml: the file is empty; expected a mapping of keys to values");
  EXPECT_EQ(parse_error("# nothing\n"),
            "f.yaml: the file is empty; expected a mapping of keys to values");
  EXPECT_EQ(parse_error("~"), "f.yaml: the file is empty; expected a mapping of keys to values");
  EXPECT_EQ(parse_error("[1, 2]"),
            "f.yaml:1:1: found a list; expected a mapping of keys to values");
  EXPECT_EQ(parse_error("\nhello"),
            "f.yaml:2:1: found a single value; expected a mapping of keys to values");
}

TEST(ConfigDocument, SaysWhereTheSyntaxBreaks) {
  EXPECT_EQ(parse_error("a: 1\nb: [1, 2\n"),
            "f.yaml:3:1: not valid YAML: end of sequence flow not found");
  EXPECT_EQ(parse_error("a: b: c\n"), "f.yaml:1:5: not valid YAML: illegal map value");
  EXPECT_EQ(parse_error("a: *gone\n"),
            "f.yaml:1:4: not valid YAML: the referenced anchor is not defined");
  EXPECT_EQ(parse_error("a:\n\tb: 1\n"),
            "f.yaml:2:3: not valid YAML: illegal map value; indent with spaces, not tabs");
}

TEST(ConfigDocument, ListsEveryDuplicateKey) {
  EXPECT_EQ(parse_error("a: 1\nb: {c: 1, c: 2}\nd:\n  - {e: 1}\n  - {e: 1, e: 2}\na: 3\na: 4\n"),
            "f.yaml:2:11: b.c: duplicate key; first on line 2; keep one\n"
            "f.yaml:5:12: d.1.e: duplicate key; first on line 5; keep one\n"
            "f.yaml:6:1: a: duplicate key; first on line 1; keep one\n"
            "f.yaml:7:1: a: duplicate key; first on line 1; keep one");
}

TEST(ConfigDocument, RefusesWhatItCannotRepresent) {
  EXPECT_EQ(parse_error("a: 1\n---\nb: 2\n"),
            "f.yaml:2:1: a second document begins here; keep one document per file");
  EXPECT_EQ(parse_error("x: &x {p: 1}\ny:\n  <<: *x\n"),
            "f.yaml:3:3: merge keys (\"<<\") are not supported; write the fields out");
  EXPECT_EQ(parse_error("a: !!int 3\n"),
            "f.yaml:1:4: found the tag \"tag:yaml.org,2002:int\"; tags are not supported; remove "
            "it");
  EXPECT_EQ(parse_error("a: !mine [1]\n"),
            "f.yaml:1:4: found the tag \"!mine\"; tags are not supported; remove it");
  EXPECT_EQ(parse_error("? [a, b]\n: 1\n"),
            "f.yaml:1:3: found a mapping or a list in place of a key; a key must be text (is a "
            "bracket left open?)");
  EXPECT_EQ(parse_error("a: &x b\n*x : 1\n"),
            "f.yaml:2:1: an alias cannot be a key; write the key out");
  EXPECT_EQ(parse_error("~: 1\n"), "f.yaml:1:1: a key is missing before the \":\"");
  EXPECT_EQ(parse_error("\"\": 1\n"), "f.yaml:1:1: found an empty key; give it a name");
}

TEST(ConfigDocument, ExpandsAliases) {
  ConfigDocument document =
      ConfigDocument::parse("a: &x {p: 1, q: [2]}\nb: *x\nc: &y 5\nd: *y\n", "f.yaml");
  ConfigMap root = document.root();
  for (const char* key : {"a", "b"}) {
    ConfigMap map = root.map(key);
    EXPECT_EQ(map.integer("p", {}), 1);
    EXPECT_EQ(map.list("q").integer(0, {}), 2);
  }
  EXPECT_EQ(root.integer("c", {}), 5);
  EXPECT_EQ(root.integer("d", {}), 5);
  EXPECT_NO_THROW(document.finish());
}

TEST(ConfigDocument, TakesEveryKindOfLineEnd) {
  for (const std::string text : {"a: 1\r\nb:\r\n  c: 2\r\n", "a: 1\nb:\n  c: 2",
                                 "\xef\xbb\xbf"
                                 "a: 1\nb:\n  c: 2\n"}) {
    ConfigDocument document = ConfigDocument::parse(text, "f.yaml");
    ConfigMap root = document.root();
    EXPECT_EQ(root.integer("a", {}), 1);
    EXPECT_EQ(root.map("b").integer("c", {}), 2);
    EXPECT_EQ(root.where("a").line, 1);
    EXPECT_EQ(root.map("b").where("c").str(), "f.yaml:3:6");
    EXPECT_NO_THROW(document.finish());
  }
}

class Includes : public testing::Test {
 protected:
  ConfigDocument::IncludeResolver resolver() {
    return [this](const std::string& name, const std::string& from) {
      asked_.push_back(from + " -> " + name);
      if (!files_.contains(name)) throw InputError("no such file \"" + name + "\"");
      return std::make_pair(name, files_[name]);
    };
  }
  std::string error(const std::string& text) {
    return error_of([&] { (void)ConfigDocument::parse(text, "f.yaml", resolver()); });
  }

  std::map<std::string, std::string> files_;
  std::vector<std::string> asked_;
};

TEST_F(Includes, LaysTheFileOverTheIncludedOne) {
  files_["base.yaml"] = "tiles: 8\nmacro:\n  rows: 128\n  adc: {bits: 8}\n  list: [1, 2]\n";
  ConfigDocument document = ConfigDocument::parse(
      "include: base.yaml\nmacro:\n  rows: 64\n  list: [3]\n  extra: 1\n", "f.yaml", resolver());
  ConfigMap root = document.root();
  EXPECT_THAT(asked_, testing::ElementsAre("f.yaml -> base.yaml"));
  EXPECT_FALSE(root.has("include"));
  EXPECT_EQ(root.integer("tiles", {}), 8);
  ConfigMap macro = root.map("macro");
  EXPECT_EQ(macro.integer("rows", {}), 64);
  EXPECT_EQ(macro.where("rows").str(), "f.yaml:3:9");
  EXPECT_EQ(macro.where().str(), "f.yaml:3:3");
  EXPECT_EQ(macro.map("adc").integer("bits", {}), 8);
  EXPECT_EQ(macro.map("adc").where("bits").str(), "base.yaml:4:15");
  EXPECT_EQ(macro.list("list").size(), 1u);
  EXPECT_EQ(macro.integer("extra", {}), 1);
  EXPECT_NO_THROW(document.finish());
}

TEST_F(Includes, ListsMistakesOfTheFileBeforeThoseOfTheIncluded) {
  files_["a.yaml"] = "x: 1\n";
  const std::string text = "include: a.yaml\n\n\ny: 2\n";
  ConfigDocument document = ConfigDocument::parse(text, "z.yaml", resolver());
  EXPECT_EQ(error_of([&] { document.finish(); }),
            "z.yaml:4:1: y: unknown key; no keys are expected here; remove it\n"
            "a.yaml:1:1: x: unknown key; no keys are expected here; remove it");
}

TEST_F(Includes, ReplacesAMappingByAValueAndBack) {
  files_["a.yaml"] = "x: {y: 1}\nz: 1\n";
  ConfigDocument document =
      ConfigDocument::parse("include: a.yaml\nx: 5\nz: {w: 2}\n", "f.yaml", resolver());
  ConfigMap root = document.root();
  EXPECT_EQ(root.integer("x", {}), 5);
  EXPECT_EQ(root.map("z").integer("w", {}), 2);
  EXPECT_NO_THROW(document.finish());
}

TEST_F(Includes, FollowChains) {
  files_["b.yaml"] = "include: c.yaml\nx: 2\ny: 2\n";
  files_["c.yaml"] = "x: 3\ny: 3\nz: 3\n";
  ConfigDocument document = ConfigDocument::parse("x: 1\ninclude: b.yaml\n", "f.yaml", resolver());
  ConfigMap root = document.root();
  EXPECT_EQ(root.integer("x", {}), 1);
  EXPECT_EQ(root.integer("y", {}), 2);
  EXPECT_EQ(root.integer("z", {}), 3);
}

TEST_F(Includes, RefuseCirclesAndDepth) {
  files_["a.yaml"] = "include: b.yaml\n";
  files_["b.yaml"] = "include: a.yaml\n";
  EXPECT_EQ(error("include: a.yaml\n"),
            "b.yaml:1:10: include: \"a.yaml\" includes itself: f.yaml -> a.yaml -> b.yaml");
  files_["f.yaml"] = "x: 1\n";
  EXPECT_EQ(error("include: f.yaml\n"), "f.yaml:1:10: include: \"f.yaml\" includes itself: f.yaml");
  for (int i = 0; i < 20; ++i) {
    files_[std::to_string(i)] = "include: " + std::to_string(i + 1) + "\n";
  }
  EXPECT_EQ(error("include: 0\n"), "7:1:10: include: files include each other more than 8 deep");
}

TEST_F(Includes, SayWhatIsWrong) {
  EXPECT_EQ(error("a: 1\ninclude: gone.yaml\n"),
            "f.yaml:2:10: include: no such file \"gone.yaml\"");
  EXPECT_EQ(error("include: [a, b]\n"), "f.yaml:1:10: include: expected the name of one file");
  EXPECT_EQ(error("include:\n"), "f.yaml:1:1: include: expected the name of one file");
  EXPECT_EQ(parse_error("include: a.yaml\n"),
            "f.yaml:1:10: include: this text cannot include files");
  files_["bad.yaml"] = "a: [\n";
  EXPECT_THAT(error("include: bad.yaml\n"), HasSubstr("bad.yaml:2:1: not valid YAML"));
  files_["list.yaml"] = "[1]\n";
  EXPECT_EQ(error("include: list.yaml\n"),
            "list.yaml:1:1: found a list; expected a mapping of keys to values");
}

TEST_F(Includes, ShareOneBudget) {
  std::string many = "a: [";
  for (int i = 0; i < 600000; ++i) many += "1,";
  files_["many.yaml"] = many + "]\n";
  EXPECT_EQ(error("include: many.yaml\n" + many + "]\n"),
            "many.yaml:1:799999: the document has more than 1000000 values; make it smaller");
}

}  // namespace
}  // namespace pimento
