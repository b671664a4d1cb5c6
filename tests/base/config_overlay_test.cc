// SPDX-License-Identifier: Apache-2.0
// Settings laid over a document: ConfigDocument::set and parse_override.
#include <chrono>

#include <gmock/gmock.h>

#include "tests/base/config_fixture.h"

namespace pimento {
namespace {

constexpr const char* kChip = R"(
macro:
  rows: 128
  adc:
layers:
  - {name: conv1, bits: 8}
  - {name: layer1.0.conv1, bits: 8}
  - {name: layer1, "0": {bits: 8}}
policy:
  layer1.0.conv1: {bits: 8}
  layer1.0: {bits: 8}
  layer1: {bits: 8}
)";

class Set : public testing::Test {
 protected:
  std::string error(const std::string& path, const std::string& value) {
    return error_of([&] { document_.set(path, value); });
  }
  ConfigMap root() { return document_.root(); }

  ConfigDocument document_ = ConfigDocument::parse(kChip, "f.yaml");
};

TEST_F(Set, ReplacesAValue) {
  document_.set("macro.rows", "64");
  EXPECT_EQ(root().map("macro").integer("rows", {}), 64);
  EXPECT_EQ(root().map("macro").where("rows").str(), "--set macro.rows=64");
  EXPECT_EQ(root().map("macro").where("rows").line, 0);
}

TEST_F(Set, TakesAnyYaml) {
  document_.set("macro", "{rows: 1, list: [2, 3]}");
  ConfigMap macro = root().map("macro");
  EXPECT_EQ(macro.integer("rows", {}), 1);
  EXPECT_EQ(macro.list("list").integer(1, {}), 3);
  document_.set("macro.text", "1.67 pJ");
  EXPECT_EQ(root().map("macro").text("text"), "1.67 pJ");
}

TEST_F(Set, NamesElementsByIndexOrName) {
  document_.set("layers.0.bits", "1");
  document_.set("layers.layer1.0.conv1.bits", "2");
  document_.set("layers.layer1.0.bits", "3");
  ConfigList layers = root().list("layers");
  EXPECT_EQ(layers.map(0).integer("bits", {}), 1);
  EXPECT_EQ(layers.map(1).integer("bits", {}), 2);
  EXPECT_EQ(layers.map(2).map("0").integer("bits", {}), 3);
  document_.set("layers.conv1.bits", "4");
  EXPECT_EQ(layers.map(0).integer("bits", {}), 4);
  document_.set("layers.1", "{name: gone}");
  EXPECT_EQ(layers.map(1).text("name"), "gone");
}

TEST_F(Set, FindsKeysWithDots) {
  document_.set("policy.layer1.0.conv1.bits", "1");
  document_.set("policy.layer1.0.bits", "2");
  document_.set("policy.layer1.bits", "3");
  document_.set("policy.layer1.0.conv1.new", "4");
  ConfigMap policy = root().map("policy");
  EXPECT_THAT(policy.keys(), testing::ElementsAre("layer1.0.conv1", "layer1.0", "layer1"));
  EXPECT_EQ(policy.map("layer1.0.conv1").integer("bits", {}), 1);
  EXPECT_EQ(policy.map("layer1.0").integer("bits", {}), 2);
  EXPECT_EQ(policy.map("layer1").integer("bits", {}), 3);
  EXPECT_EQ(policy.map("layer1.0.conv1").integer("new", {}), 4);
}

TEST_F(Set, MakesWhatIsMissing) {
  document_.set("a.b.c", "1");
  EXPECT_EQ(root().map("a").map("b").integer("c", {}), 1);
  document_.set("macro.adc.bits", "5");  // was empty
  EXPECT_EQ(root().map("macro").map("adc").integer("bits", {}), 5);
}

TEST_F(Set, LetsTheReaderReportASlip) {
  document_.set("macro.row", "64");
  document_.set("macro.rows", "abc");
  document_.set("macro.adc", "");
  ConfigMap macro = root().map("macro");
  (void)macro.integer("rows", {1, 512});
  (void)macro.map("adc");
  root().problem("layers", "fine");
  root().problem("policy", "fine");
  EXPECT_EQ(error_of([&] { document_.finish(); }),
            "f.yaml:6:3: layers: fine\n"
            "f.yaml:10:3: policy: fine\n"
            "--set macro.row=64: macro.row: unknown key; did you mean \"rows\"?\n"
            "--set macro.rows=abc: macro.rows: found \"abc\"; expected a whole number from 1 to "
            "512\n"
            "--set macro.adc=: macro.adc: found nothing; expected a mapping of keys to values");
}

TEST_F(Set, RefusesAMalformedPath) {
  for (const char* path : {"", ".", "macro.", ".macro", "macro..rows"}) {
    EXPECT_EQ(error(path, "1"), "--set " + std::string(path) +
                                    "=1: the path has an empty element; expected one such as "
                                    "\"macro.rows\"");
  }
  std::string path = "a";
  for (int i = 0; i < 64; ++i) path += ".a";
  EXPECT_THAT(error(path, "1"), testing::EndsWith(": the path has more than 64 elements"));
}

TEST_F(Set, RefusesWhatIsNotThere) {
  EXPECT_EQ(error("macro.rows.x", "1"),
            "--set macro.rows.x=1: macro.rows holds \"128\", which has no fields; set macro.rows "
            "itself");
  EXPECT_EQ(error("layers.7.bits", "1"),
            "--set layers.7.bits=1: layers has no element \"7\"; expected an index from 0 to 2 or "
            "a name");
  EXPECT_EQ(error("layers.cnov1.bits", "1"),
            "--set layers.cnov1.bits=1: layers has no element \"cnov1\"; expected an index from 0 "
            "to 2 or a name; did you mean \"conv1\"?");
  document_.set("empty", "[]");
  EXPECT_EQ(error("empty.0", "1"), "--set empty.0=1: empty is an empty list");
}

TEST_F(Set, RefusesBadYaml) {
  EXPECT_EQ(error("macro.rows", "[1]]"), "--set macro.rows=[1]]: not valid YAML: illegal flow end");
  EXPECT_EQ(error("macro", "{a: 1, a: 2}"), "--set macro={a: 1, a: 2}: a: duplicate key; keep one");
  EXPECT_EQ(error("macro.rows", "\x1b"),
            "--set macro.rows=\\x1b: found the byte 0x1B; expected UTF-8 text");
}

TEST_F(Set, CutsLongSettingsInMessages) {
  const std::string message = error("macro.rows.x", std::string(100000, 'v'));
  EXPECT_LT(message.size(), 300u);
  EXPECT_THAT(message, testing::StartsWith("--set macro.rows.x=vvvv"));
}

TEST_F(Set, AmbiguousNamesEndSoon) {
  std::string value = "{end: 1}";
  std::string path = "l";
  for (int i = 0; i < 30; ++i) {
    value = "[{name: \"0.0\", \"0\": " + value + "}]";
    path += ".0.0";
  }
  const auto begin = std::chrono::steady_clock::now();
  document_.set("l", value);
  (void)error(path + ".x", "1");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(ParseOverride, SplitsAtTheFirstEquals) {
  const Override plain = parse_override("macro.cell_bits=2");
  EXPECT_EQ(plain.path, "macro.cell_bits");
  EXPECT_EQ(plain.value, "2");
  EXPECT_EQ(parse_override("a=b=c").value, "b=c");
  EXPECT_EQ(parse_override("a=").value, "");
}

TEST(ParseOverride, NeedsAPathAndAnEquals) {
  EXPECT_EQ(error_of([] { (void)parse_override("macro.rows"); }),
            "--set macro.rows: expected PATH=VALUE, for example \"macro.rows=128\"");
  EXPECT_EQ(error_of([] { (void)parse_override("=5"); }),
            "--set =5: expected PATH=VALUE, for example \"macro.rows=128\"");
}

}  // namespace
}  // namespace pimento
