// SPDX-License-Identifier: Apache-2.0
// Files made to crash or to fill the memory: each must end soon, with one clear message.
#include <random>

#include <gmock/gmock.h>

#include "tests/base/config_fixture.h"

namespace pimento {
namespace {

using testing::HasSubstr;

std::string repeated(const std::string& part, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += part;
  return result;
}

TEST(HostileYaml, AliasBombsAreCounted) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1) + ", ";
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(previous, 10) +
            "]\n";
  }
  EXPECT_EQ(parse_error(bomb),
            "f.yaml:6:45: the document has more than 1000000 values; make it smaller");
}

TEST(HostileYaml, AliasesOfLongTextsAreCounted) {
  const std::string text =
      "a: &x " + std::string(1 << 20, 'x') + "\nb: [" + repeated("*x, ", 1000) + "]\n";
  EXPECT_EQ(parse_error(text), "f.yaml:2:253: the texts of this document exceed 64 MiB");
  const std::string keyed =
      "a: &x {" + std::string(1000, 'x') + ": 1}\nb: [" + repeated("*x, ", 90000) + "]\n";
  EXPECT_THAT(parse_error(keyed), HasSubstr("the texts of this document exceed 64 MiB"));
}

TEST(HostileYaml, AliasesDoNotDeepenWithoutEnd) {
  std::string text = "a0: &a0 " + repeated("[", 50) + repeated("]", 50) + "\n";
  for (int i = 1; i < 1000; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  EXPECT_EQ(parse_error(text),
            "f.yaml:15:12: values are nested more than 64 deep; make it flatter");
}

TEST(HostileYaml, AnAliasCannotHoldItself) {
  EXPECT_EQ(parse_error("a: &x [*x]\n"), "f.yaml:1:8: an alias stands inside the value it names");
  EXPECT_EQ(parse_error("a: &x {b: {c: *x}}\n"),
            "f.yaml:1:15: an alias stands inside the value it names");
}

// The first value stays, the second is dropped, and an alias may still name what was in it.
TEST(HostileYaml, AnAliasMayNameADuplicate) {
  EXPECT_EQ(parse_error("a: 1\na: &x [&y b]\nc: [*x, *y]\n"),
            "f.yaml:2:1: a: duplicate key; first on line 1; keep one");
}

TEST(HostileYaml, DepthIsBounded) {
  const std::string open = repeated("[", 100000);
  const std::string shut = repeated("]", 100000);
  EXPECT_EQ(parse_error("a:\n " + open + shut),
            "f.yaml:2:65: values are nested more than 64 deep; make it flatter");
  EXPECT_EQ(parse_error("a: " + repeated("[", 64) + repeated("]", 64)),
            "f.yaml:1:67: values are nested more than 64 deep; make it flatter");
  EXPECT_EQ(parse_error(repeated("{a: ", 65) + repeated("}", 65)),
            "f.yaml:1:257: values are nested more than 64 deep; make it flatter");
  EXPECT_THAT(parse_error(repeated("- ", 100000)), HasSubstr("nested more than 64 deep"));
  std::string block;
  for (int i = 0; i < 3000; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(parse_error(block),
            "f.yaml:65:65: values are nested more than 64 deep; make it flatter");
}

TEST(HostileYaml, MarksAreCountedBeforeTheyArePiledUp) {
  const std::string message =
      "f.yaml: the document has too many brackets, commas and other marks; make it smaller";
  EXPECT_EQ(parse_error(std::string(16 << 20, '[')), message);
  EXPECT_EQ(parse_error("[" + repeated("\"\" ", 3000000)), message);
  EXPECT_EQ(parse_error(repeated("# plain words - " + std::string(1000, 'x') + "\n", 15000)),
            "f.yaml: the file is empty; expected a mapping of keys to values");
}

// The parser takes what is opened and never closed for a key.
TEST(HostileYaml, OpenBracketsEndInAMessage) {
  const std::string message =
      "found a mapping or a list in place of a key; a key must be text (is a bracket left open?)";
  EXPECT_EQ(parse_error(repeated("[", 100000)), "f.yaml:1:1: " + message);
  EXPECT_EQ(parse_error("a: " + repeated("[", 100000)), "f.yaml:1:5: " + message);
  EXPECT_EQ(parse_error(repeated("{a: ", 100000)), "f.yaml:1:1: " + message);
  EXPECT_EQ(parse_error(repeated("[{a: ", 100000)), "f.yaml:1:1: " + message);
  EXPECT_EQ(parse_error(repeated("? ", 100000)), "f.yaml:1:3: " + message);
}

TEST(HostileYaml, SixtyThreeLevelsAreFine) {
  EXPECT_EQ(parse_error("a: " + repeated("[", 63) + repeated("]", 63)), "nothing thrown");
}

TEST(HostileYaml, OnlyTextIsTaken) {
  using std::string_literals::operator""s;
  EXPECT_EQ(parse_error("a: 1\nb: x\0y\n"s),
            "f.yaml:2:5: found the byte 0x00; expected UTF-8 text");
  EXPECT_EQ(parse_error("a: \xff\xfe\n"), "f.yaml:1:4: found the byte 0xFF; expected UTF-8 text");
  EXPECT_EQ(parse_error("a: \xc3(\n"), "f.yaml:1:4: found the byte 0xC3; expected UTF-8 text");
  EXPECT_EQ(parse_error("a: \x1b[31m\n"), "f.yaml:1:4: found the byte 0x1B; expected UTF-8 text");
  EXPECT_EQ(parse_error("\xff\xfe"
                        "a\0:\0 \0001\0"s),
            "f.yaml:1:1: found the byte 0xFF; expected UTF-8 text");
  EXPECT_EQ(parse_error("a: \"x\\0y\"\n"),
            "f.yaml:1:4: found \"x\\x00y\"; control characters are not allowed; remove them");
  EXPECT_EQ(parse_error("\"\\e[31m\": 1\n"),
            "f.yaml:1:1: found \"\\x1b[31m\"; control characters are not allowed; remove them");
}

TEST(HostileYaml, HugeScalarsAreReadAndCut) {
  const std::string huge(4 << 20, 'x');
  EXPECT_EQ(read_error("a: " + huge + "\n", [](ConfigMap& root) { (void)root.boolean("a"); }),
            "f.yaml:1:4: a: found \"" + std::string(60, 'x') + "...\"; expected true or false");
  EXPECT_EQ(read_error("\"" + std::string(1000, 'k') + "\" : 1\n", [](ConfigMap&) {}),
            "f.yaml:1:1: " + std::string(60, 'k') +
                "...: unknown key; no keys are expected here; remove it");
}

TEST(HostileYaml, ManyKeysAreReadInTime) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  ConfigDocument document = ConfigDocument::parse(text, "f.yaml");
  ConfigMap root = document.root();
  std::int64_t sum = 0;
  for (const std::string& key : root.keys()) sum += root.integer(key, {});
  EXPECT_EQ(sum, 100000);
  EXPECT_NO_THROW(document.finish());
}

TEST(HostileYaml, OddTextsEndInAMessage) {
  for (const std::string& text :
       {repeated("!", 100000), repeated("&a ", 100000), repeated("*a ", 100000),
        repeated("%YAML 1.2\n", 1000), std::string("%YAML 99999999999999999999.1\n---\na: 1\n"),
        std::string("a: \"\\UFFFFFFFF\"\n"), std::string("a: \"\\ud800\"\n"),
        std::string("a: \"\\x\"\n"), std::string("a: |99999999999\n x\n"), repeated(": ", 1000),
        repeated("a: ", 100000), repeated("\"", 99999), repeated("'", 99999),
        "a: " + repeated("{", 60) + repeated(",", 1000), std::string("a: 1\rb: 2\r")}) {
    const std::string error = parse_error(text);
    EXPECT_TRUE(error == "nothing thrown" || error.starts_with("f.yaml")) << error;
  }
}

// Random damage to a sound file: any outcome but a crash or another kind of exception.
TEST(HostileYaml, DamagedFilesEndInAMessage) {
  const std::string sound =
      "name: &n x\nmacro:\n  rows: 128  # cells\n  list: [1, {a: *n}, \"q\\t\"]\n  t: |\n    "
      "lines\n    more\n? k\n: 'v'\n";
  const std::string pieces = "[]{}&*!|>'\"%@`:,-?#\n\t \\~<0aé";
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string text = sound;
    for (int i = 0; i < 4; ++i) {
      const std::size_t at = random() % text.size();
      const std::size_t what = random() % 3;
      if (what == 0) text.erase(at, 1 + random() % 5);
      if (what == 1) text.insert(at, 1, pieces[random() % pieces.size()]);
      if (what == 2) text[at] = pieces[random() % pieces.size()];
    }
    const std::string error =
        read_error(text, [](ConfigMap& root) { (void)root.map("macro").integer("rows", {}); });
    ASSERT_TRUE(error.starts_with("f.yaml")) << text << "\n" << error;
  }
}

}  // namespace
}  // namespace pimento
