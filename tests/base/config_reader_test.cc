// SPDX-License-Identifier: Apache-2.0
#include "base/config_reader.h"

#include <array>

#include <gmock/gmock.h>

#include "tests/base/config_fixture.h"

namespace pimento {
namespace {

constexpr IntRange kBits{1, 8};
enum class Device { kSram, kReram };
constexpr std::array<std::pair<std::string_view, Device>, 2> kDevices = {
    {{"sram", Device::kSram}, {"reram", Device::kReram}}};

std::string integer_error(const std::string& value) {
  return read_error("bits: " + value, [](ConfigMap& root) { (void)root.integer("bits", kBits); });
}
std::string number_error(const std::string& value) {
  return read_error("x: " + value, [](ConfigMap& root) { (void)root.number("x", {0.0, 1.0}); });
}
std::string time_error(const std::string& value) {
  return read_error("t: " + value, [](ConfigMap& root) { (void)root.quantity<Time>("t"); });
}

TEST(ConfigReader, ReadsEveryKindOfValue) {
  ConfigDocument document = ConfigDocument::parse(R"(
name: isaac
tiles: 168
sparsity: 0.25
signed: true
clock: 1.28 GHz
buffer: 64 KiB
device: reram
macro: {rows: 128, shape: [3, 32.5, x, {a: 1}, [7]]}
)",
                                                  "f.yaml");
  ConfigMap root = document.root();
  EXPECT_EQ(root.text("name"), "isaac");
  EXPECT_EQ(root.integer("tiles", {}), 168);
  EXPECT_EQ(root.number("sparsity", {}), 0.25);
  EXPECT_TRUE(root.boolean("signed"));
  EXPECT_EQ(root.quantity<Frequency>("clock").value(), 1.28e9);
  EXPECT_EQ(root.quantity<Bits>("buffer"), Bits(524288));
  EXPECT_EQ(root.choice<Device>("device", kDevices), Device::kReram);
  ConfigMap macro = root.map("macro");
  EXPECT_EQ(macro.integer("rows", {1, 4096}), 128);
  ConfigList shape = macro.list("shape");
  ASSERT_EQ(shape.size(), 5u);
  EXPECT_EQ(shape.integer(0, {}), 3);
  EXPECT_EQ(shape.number(1, {}), 32.5);
  EXPECT_EQ(shape.text(2), "x");
  EXPECT_TRUE(shape.is_map(3));
  EXPECT_FALSE(shape.is_list(3));
  EXPECT_EQ(shape.map(3).integer("a", {}), 1);
  EXPECT_TRUE(shape.is_list(4));
  EXPECT_EQ(shape.list(4).integer(0, {}), 7);
  EXPECT_NO_THROW(document.finish());
}

TEST(ConfigReader, GivesTheOtherwiseOfAbsentKeys) {
  ConfigDocument document = ConfigDocument::parse(
      "a: 2\nb: true\nc: x\nd: 3 ns\ne: 0.5\nf: sram\n"
      "g: {}\nh: []\n",
      "f.yaml");
  ConfigMap root = document.root();
  EXPECT_EQ(root.integer_or("a", 9, {}), 2);
  EXPECT_EQ(root.integer_or("a2", 9, {}), 9);
  EXPECT_TRUE(root.boolean_or("b", false));
  EXPECT_TRUE(root.boolean_or("b2", true));
  EXPECT_EQ(root.text_or("c", "y"), "x");
  EXPECT_EQ(root.text_or("c2", "y"), "y");
  EXPECT_EQ(root.quantity_or<Time>("d", Time{}).value(), 3e-9);
  EXPECT_EQ(root.quantity_or<Time>("d2", from_si<Time>(5.0)).value(), 5.0);
  EXPECT_EQ(root.number_or("e", 7.0, {}), 0.5);
  EXPECT_EQ(root.number_or("e2", 7.0, {}), 7.0);
  EXPECT_EQ(root.choice_or<Device>("f", Device::kReram, kDevices), Device::kSram);
  EXPECT_EQ(root.choice_or<Device>("f2", Device::kReram, kDevices), Device::kReram);
  EXPECT_TRUE(root.optional_map("g").has_value());
  EXPECT_FALSE(root.optional_map("g2").has_value());
  EXPECT_TRUE(root.optional_list("h").has_value());
  EXPECT_FALSE(root.optional_list("h2").has_value());
  EXPECT_NO_THROW(document.finish());
}

TEST(ConfigReader, TakesWholeNumbersInTheirRange) {
  EXPECT_EQ(integer_error("1"), "nothing thrown");
  EXPECT_EQ(integer_error("8"), "nothing thrown");
  EXPECT_EQ(integer_error("0"),
            "f.yaml:1:7: bits: found \"0\"; expected a whole number from 1 to 8");
  EXPECT_EQ(integer_error("9"),
            "f.yaml:1:7: bits: found \"9\"; expected a whole number from 1 to 8");
  for (const char* text : {"0x4", "04", "4e0", "+4", "4.0", "4 4", "1_0", "99999999999999999999",
                           "four", "true", "'-'", "''", "' 4'"}) {
    EXPECT_THAT(integer_error(text), testing::EndsWith("expected a whole number from 1 to 8"))
        << text;
  }
}

TEST(ConfigReader, NamesTheBoundsThereAre) {
  const auto error = [](IntRange range) {
    return read_error("n: x", [&](ConfigMap& root) { (void)root.integer("n", range); });
  };
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(error({}), "f.yaml:1:4: n: found \"x\"; expected a whole number of at least 0");
  EXPECT_EQ(error({kLeast, 5}), "f.yaml:1:4: n: found \"x\"; expected a whole number of at most 5");
  EXPECT_EQ(error({kLeast}), "f.yaml:1:4: n: found \"x\"; expected a whole number");
}

TEST(ConfigReader, KeepsTheLargestIntegers) {
  ConfigDocument document =
      ConfigDocument::parse("a: 9223372036854775807\nb: -9223372036854775808", "f.yaml");
  ConfigMap root = document.root();
  constexpr IntRange kAll{std::numeric_limits<std::int64_t>::min()};
  EXPECT_EQ(root.integer("a", kAll), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(root.integer("b", kAll), std::numeric_limits<std::int64_t>::min());
  EXPECT_NO_THROW(document.finish());
}

TEST(ConfigReader, TakesFiniteNumbersInTheirRange) {
  EXPECT_EQ(number_error("1"), "nothing thrown");
  EXPECT_EQ(number_error("2.5e-1"), "nothing thrown");
  EXPECT_EQ(number_error("1.01"), "f.yaml:1:4: x: found \"1.01\"; expected a number from 0 to 1");
  EXPECT_EQ(number_error("-0.1"), "f.yaml:1:4: x: found \"-0.1\"; expected a number from 0 to 1");
  for (const char* text :
       {".nan", "nan", "inf", ".inf", "0,5", "50%", "0x1p-1", "1e-999", "0.5 V"}) {
    EXPECT_THAT(number_error(text), testing::EndsWith("expected a number from 0 to 1")) << text;
  }
  EXPECT_EQ(read_error("x: y", [](ConfigMap& root) { (void)root.number("x", {}); }),
            "f.yaml:1:4: x: found \"y\"; expected a number of at least 0");
}

TEST(ConfigReader, TakesTrueAndFalseAlone) {
  for (const char* text : {"yes", "no", "on", "True", "TRUE", "1", "0", "y"}) {
    EXPECT_EQ(
        read_error("b: " + std::string(text), [](ConfigMap& root) { (void)root.boolean("b"); }),
        "f.yaml:1:4: b: found \"" + std::string(text) + "\"; expected true or false");
  }
}

TEST(ConfigReader, SaysWhatIsWrongWithAQuantity) {
  EXPECT_EQ(time_error("100"),
            "f.yaml:1:4: t: found \"100\"; expected a time such as \"100 ns\"; add a unit");
  EXPECT_EQ(time_error("100 pJ"),
            "f.yaml:1:4: t: found \"100 pJ\"; expected a time such as \"100 ns\"; use s, ms, us, "
            "ns, ps or fs");
  EXPECT_EQ(time_error("1,5 ns"),
            "f.yaml:1:4: t: found \"1,5 ns\"; expected a time such as \"100 ns\"");
  EXPECT_EQ(time_error("nan ns"),
            "f.yaml:1:4: t: found \"nan ns\"; expected a time such as \"100 ns\"");
  EXPECT_EQ(time_error("-1 ns"), "f.yaml:1:4: t: found \"-1 ns\"; expected a time of at least 0 s");
  EXPECT_EQ(time_error("[1 ns]"),
            "f.yaml:1:4: t: found a list; expected a time such as \"100 ns\"");
  EXPECT_EQ(
      read_error("t: 5 s", [](ConfigMap& root) { (void)root.quantity<Time>("t", {1e-9, 1.0}); }),
      "f.yaml:1:4: t: found \"5 s\"; expected a time from 1 ns to 1 s");
  EXPECT_EQ(read_error("m: 64 KB", [](ConfigMap& root) { (void)root.quantity<Bits>("m"); }),
            "f.yaml:1:4: m: found \"64 KB\"; expected a size such as \"64 KiB\"; use b, B, KiB, "
            "MiB or GiB");
  EXPECT_EQ(read_error("m: 0 b", [](ConfigMap& root) { (void)root.quantity<Bits>("m", {1.0}); }),
            "f.yaml:1:4: m: found \"0 b\"; expected a size of at least 1 b");
}

TEST(ConfigReader, SaysWhichWordsAChoiceHas) {
  const auto error = [](const std::string& word) {
    return read_error("device: " + word, [](ConfigMap& root) {
      EXPECT_EQ(root.choice<Device>("device", kDevices), Device::kSram);
    });
  };
  EXPECT_EQ(error("rram"),
            "f.yaml:1:9: device: found \"rram\"; expected one of sram, reram; did you mean "
            "\"sram\"?");
  EXPECT_EQ(error("flash"), "f.yaml:1:9: device: found \"flash\"; expected one of sram, reram");
  EXPECT_EQ(error("Reram"),
            "f.yaml:1:9: device: found \"Reram\"; expected one of sram, reram; did you mean "
            "\"reram\"?");
}

TEST(ConfigReader, SaysWhatIsMissingWhereItShouldStand) {
  EXPECT_EQ(read_error("macro:\n  columns: 2\n",
                       [](ConfigMap& root) {
                         ConfigMap macro = root.map("macro");
                         (void)macro.integer("columns", {});
                         (void)macro.integer("rows", kBits);
                         (void)macro.quantity<Time>("t");
                         (void)macro.boolean("b");
                         (void)macro.text("name");
                         (void)macro.choice<Device>("device", kDevices);
                         (void)macro.map("adc");
                         (void)macro.list("cells");
                       }),
            "f.yaml:2:3: macro.rows: missing; expected a whole number from 1 to 8\n"
            "f.yaml:2:3: macro.t: missing; expected a time such as \"100 ns\"\n"
            "f.yaml:2:3: macro.b: missing; expected true or false\n"
            "f.yaml:2:3: macro.name: missing; expected text (\"\" for an empty one)\n"
            "f.yaml:2:3: macro.device: missing; expected one of sram, reram\n"
            "f.yaml:2:3: macro.adc: missing; expected a mapping of keys to values\n"
            "f.yaml:2:3: macro.cells: missing; expected a list");
}

TEST(ConfigReader, SaysThatAValueIsEmpty) {
  const auto read = [](ConfigMap& root) {
    (void)root.integer("a", kBits);
    EXPECT_EQ(root.text("b"), "");
    (void)root.map("c");
    EXPECT_EQ(root.text("d"), "");
  };
  EXPECT_EQ(read_error("a:\nb: ~\nc: null\nd: \"\"\n", read),
            "f.yaml:1:1: a: found nothing; expected a whole number from 1 to 8\n"
            "f.yaml:2:1: b: found nothing; expected text (\"\" for an empty one)\n"
            "f.yaml:3:1: c: found nothing; expected a mapping of keys to values");
}

TEST(ConfigReader, SaysThatAValueIsOfTheWrongKind) {
  const auto read = [](ConfigMap& root) {
    (void)root.integer("a", kBits);
    (void)root.text("b");
    (void)root.map("c");
    (void)root.map("d");
    (void)root.list("e");
    (void)root.list("f");
  };
  EXPECT_EQ(read_error("a: [1]\nb: {x: 1}\nc: 1\nd: [1]\ne: 2\nf: {x: 1}\n", read),
            "f.yaml:1:4: a: found a list; expected a whole number from 1 to 8\n"
            "f.yaml:2:4: b: found a mapping; expected text (\"\" for an empty one)\n"
            "f.yaml:3:4: c: found \"1\"; expected a mapping of keys to values\n"
            "f.yaml:4:4: d: found a list; expected a mapping of keys to values\n"
            "f.yaml:5:4: e: found \"2\"; expected a list\n"
            "f.yaml:6:4: f: found a mapping; expected a list");
}

TEST(ConfigReader, NamesTheNearestKeyOrAllOfThem) {
  const auto read = [](ConfigMap& root) {
    (void)root.integer_or("rows", 1, kBits);
    (void)root.has("columns");
  };
  EXPECT_EQ(read_error("row: 5", read), "f.yaml:1:1: row: unknown key; did you mean \"rows\"?");
  EXPECT_EQ(read_error("voltage: 5", read),
            "f.yaml:1:1: voltage: unknown key; known keys: columns, rows");
  EXPECT_EQ(read_error("columns: 5", read),
            "f.yaml:1:1: columns: unknown key; did you mean \"columns\"?");
  EXPECT_EQ(read_error("a: 5", [](ConfigMap&) {}),
            "f.yaml:1:1: a: unknown key; no keys are expected here; remove it");
  EXPECT_EQ(read_error("zzzzzzzz: 5",
                       [](ConfigMap& root) {
                         for (int i = 10; i < 40; ++i) (void)root.has("k" + std::to_string(i));
                       }),
            "f.yaml:1:1: zzzzzzzz: unknown key; known keys: k10, k11, k12, k13, k14, k15, k16, "
            "k17, k18, k19, k20, k21, k22, k23, k24, k25, k26, k27, k28, k29, ...");
}

TEST(ConfigReader, LooksForUnreadKeysInEverythingVisited) {
  const std::string text = "a:\n  b: {c: 1, d: 2}\n  e:\n    - {f: 1, g: 2}\n";
  const std::string error = read_error(text, [](ConfigMap& root) {
    ConfigMap a = root.map("a");
    (void)a.map("b").integer("c", {});
    (void)a.list("e").map(0).integer("f", {});
  });
  EXPECT_EQ(error,
            "f.yaml:2:13: a.b.d: unknown key; known keys: c\n"
            "f.yaml:4:14: a.e.0.g: unknown key; known keys: f");
  // A mapping taken and never looked into is full of unknown keys.
  EXPECT_EQ(read_error("a: {b: 1}", [](ConfigMap& root) { (void)root.map("a"); }),
            "f.yaml:1:5: a.b: unknown key; no keys are expected here; remove it");
}

TEST(ConfigReader, LetsFreeNamesBeReadOneByOne) {
  const std::string text = "layers:\n  conv1: 4\n  layer1.0.conv1: 2\n";
  ConfigDocument document = ConfigDocument::parse(text, "f.yaml");
  ConfigMap layers = document.root().map("layers");
  const std::vector<std::string> names = layers.keys();
  EXPECT_THAT(names, testing::ElementsAre("conv1", "layer1.0.conv1"));
  EXPECT_EQ(layers.path("layer1.0.conv1"), "layers.layer1.0.conv1");
  for (const std::string& name : names) (void)layers.integer(name, kBits);
  EXPECT_NO_THROW(document.finish());
}

TEST(ConfigReader, ListsMistakesInFileOrder) {
  EXPECT_EQ(read_error("a: x\nb: 1\nc: y\nd: 3\n",
                       [](ConfigMap& root) {
                         (void)root.integer("c", kBits);
                         (void)root.integer("missing", kBits);
                         (void)root.integer("a", kBits);
                         (void)root.integer("d", kBits);
                       }),
            "f.yaml:1:1: missing: missing; expected a whole number from 1 to 8\n"
            "f.yaml:1:4: a: found \"x\"; expected a whole number from 1 to 8\n"
            "f.yaml:2:1: b: unknown key; known keys: a, c, d, missing\n"
            "f.yaml:3:4: c: found \"y\"; expected a whole number from 1 to 8");
}

TEST(ConfigReader, KeepsQuietBelowAMissingValue) {
  EXPECT_EQ(read_error("{}",
                       [](ConfigMap& root) {
                         ConfigMap adc = root.map("adc");
                         EXPECT_EQ(adc.integer("bits", {3, 8}), 3);
                         EXPECT_EQ(adc.map("inner").list("x").map(0).integer("y", kBits), 1);
                         EXPECT_EQ(adc.list("x").size(), 0u);
                         adc.problem("bits", "found 3; expected 4");
                         adc.problem("", "does not fit");
                       }),
            "f.yaml:1:1: adc: missing; expected a mapping of keys to values");
}

TEST(ConfigReader, GoesOnWithValuesInRange) {
  ConfigDocument document = ConfigDocument::parse("a: 1", "f.yaml");
  ConfigMap root = document.root();
  EXPECT_EQ(root.integer("x", {5, 8}), 5);
  EXPECT_EQ(root.integer("x", {0, 0}), 0);
  EXPECT_EQ(root.integer("x", {-9, -4}), -4);
  EXPECT_EQ(root.number("x", {2.5, 8}), 2.5);
  EXPECT_EQ(root.number("x", {0, 0.5}), 0.5);
  EXPECT_EQ(root.quantity<Time>("x", {0, 1e-9}).value(), 1e-9);
  EXPECT_EQ(root.quantity<Bits>("x"), Bits(1));
  EXPECT_FALSE(root.boolean("x"));
  EXPECT_EQ(root.text("x"), "");
  EXPECT_THROW(document.finish(), InputError);
}

TEST(ConfigReader, ChecksTheElementsOfLists) {
  EXPECT_EQ(read_error("a: [1, x, [2], {b: 1}, ~, 6]",
                       [](ConfigMap& root) {
                         ConfigList a = root.list("a");
                         (void)a.integer(1, kBits);
                         (void)a.number(2, {0, 1});
                         (void)a.text(3);
                         (void)a.map(4);
                         (void)a.list(5);
                         (void)a.integer(6, kBits);
                         a.problem(0, "found 1; expected the number of rows");
                         EXPECT_EQ(a.where(1).str(), "f.yaml:1:8");
                         EXPECT_EQ(a.where(9).str(), "f.yaml:1:4");
                       }),
            "f.yaml:1:4: a.6: missing; expected a whole number from 1 to 8\n"
            "f.yaml:1:5: a.0: found 1; expected the number of rows\n"
            "f.yaml:1:8: a.1: found \"x\"; expected a whole number from 1 to 8\n"
            "f.yaml:1:11: a.2: found a list; expected a number from 0 to 1\n"
            "f.yaml:1:16: a.3: found a mapping; expected text (\"\" for an empty one)\n"
            "f.yaml:1:24: a.4: found nothing; expected a mapping of keys to values\n"
            "f.yaml:1:27: a.5: found \"6\"; expected a list");
}

TEST(ConfigReader, ReadsQuantitiesInLists) {
  EXPECT_EQ(read_error("a: [25 uS, 25, -1 uS, [1 S]]",
                       [](ConfigMap& root) {
                         ConfigList a = root.list("a");
                         EXPECT_EQ(a.quantity<Conductance>(0).value(), 25e-6);
                         (void)a.quantity<Conductance>(1);
                         (void)a.quantity<Conductance>(2);
                         (void)a.quantity<Conductance>(3);
                       }),
            "f.yaml:1:12: a.1: found \"25\"; expected a conductance such as \"25 uS\"; add a unit\n"
            "f.yaml:1:16: a.2: found \"-1 uS\"; expected a conductance of at least 0 S\n"
            "f.yaml:1:23: a.3: found a list; expected a conductance such as \"25 uS\"");
}

TEST(ConfigReader, PutsMistakesOfMeaningAtTheirPlace) {
  EXPECT_EQ(read_error("macro:\n  rows: 5\n",
                       [](ConfigMap& root) {
                         ConfigMap macro = root.map("macro");
                         EXPECT_EQ(macro.where("rows").str(), "f.yaml:2:9");
                         EXPECT_EQ(macro.where("gone").str(), "f.yaml:2:3");
                         EXPECT_EQ(macro.where().str(), "f.yaml:2:3");
                         EXPECT_EQ(macro.path(), "macro");
                         EXPECT_EQ(root.path(), "");
                         macro.problem("rows", "found 5; expected a power of two");
                         macro.problem("", "rows and columns do not fit");
                         root.problem("", "something is odd");
                       }),
            "f.yaml:1:1: something is odd\n"
            "f.yaml:2:3: macro: rows and columns do not fit\n"
            "f.yaml:2:9: macro.rows: found 5; expected a power of two");
}

TEST(ConfigReader, EscapesAndCutsWhatItFound) {
  const std::string long_text(200, 'x');
  EXPECT_EQ(integer_error(long_text), "f.yaml:1:7: bits: found \"" + std::string(60, 'x') +
                                          "...\"; expected a whole number from 1 to 8");
  EXPECT_EQ(integer_error("\"a\\nb\\u202ec\""),
            "f.yaml:1:7: bits: found \"a\\nb\\u202ec\"; expected a whole number from 1 to 8");
  EXPECT_EQ(read_error("\"a\\nb\": 1", [](ConfigMap&) {}),
            "f.yaml:1:1: a\\nb: unknown key; no keys are expected here; remove it");
}

TEST(ConfigReader, StopsListingAtAHundred) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const std::string error = read_error(text, [](ConfigMap&) {});
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 100);
  EXPECT_THAT(error, testing::EndsWith("\n... and 1900 more"));
}

}  // namespace
}  // namespace pimento
