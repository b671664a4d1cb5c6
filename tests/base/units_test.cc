// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <limits>

#include <gtest/gtest.h>

namespace pimento {
namespace {

using namespace literals;  // NOLINT(google-build-using-namespace)

template <class Q>
double si(std::string_view text) {
  const auto value = parse_quantity<Q>(text);
  return value ? value->value() : std::numeric_limits<double>::quiet_NaN();
}

template <class Q>
std::string fault(std::string_view text) {
  QuantityFault found{};
  if (parse_quantity<Q>(text, &found)) return "fine";
  switch (found) {
    case QuantityFault::kNotANumber:
      return "not a number";
    case QuantityFault::kNoUnit:
      return "no unit";
    case QuantityFault::kWrongUnit:
      return "wrong unit";
  }
  return {};
}

// Exact: the double nearest to the decimal that was written.
TEST(ParseQuantity, ReadsEveryPrefixExactly) {
  EXPECT_EQ(si<Energy>("1.67 fJ"), 1.67e-15);
  EXPECT_EQ(si<Energy>("1.67 pJ"), 1.67e-12);
  EXPECT_EQ(si<Energy>("1.67 nJ"), 1.67e-9);
  EXPECT_EQ(si<Energy>("1.67 uJ"), 1.67e-6);
  EXPECT_EQ(si<Energy>("1.67 \u00b5J"), 1.67e-6);
  EXPECT_EQ(si<Energy>("1.67 \u03bcJ"), 1.67e-6);
  EXPECT_EQ(si<Energy>("1.67 mJ"), 1.67e-3);
  EXPECT_EQ(si<Energy>("1.67 J"), 1.67);
  EXPECT_EQ(si<Energy>("1.67 kJ"), 1.67e3);
  EXPECT_EQ(si<Energy>("1.67 MJ"), 1.67e6);
  EXPECT_EQ(si<Energy>("1.67 GJ"), 1.67e9);
  EXPECT_EQ(si<Energy>("1.67 TJ"), 1.67e12);
}

TEST(ParseQuantity, ReadsEveryKind) {
  EXPECT_EQ(si<Time>("100 ns"), 100e-9);
  EXPECT_EQ(si<Power>("16 mW"), 16e-3);
  EXPECT_EQ(si<Frequency>("1.28 GHz"), 1.28e9);
  EXPECT_EQ(si<Length>("32 nm"), 32e-9);
  EXPECT_EQ(si<Length>("5 m"), 5.0);
  EXPECT_EQ(si<Length>("5 mm"), 5e-3);
  EXPECT_EQ(si<Voltage>("0.9 V"), 0.9);
  EXPECT_EQ(si<Resistance>("100 kOhm"), 100e3);
  EXPECT_EQ(si<Resistance>("1 MOhm"), 1e6);
  EXPECT_EQ(si<Conductance>("25 uS"), 25e-6);
  EXPECT_EQ(si<Conductance>("0.5 nS"), 0.5e-9);
}

TEST(ParseQuantity, SquaresThePrefixOfAnArea) {
  EXPECT_EQ(si<Area>("1 m2"), 1.0);
  EXPECT_EQ(si<Area>("0.0131 mm2"), 0.0131e-6);
  EXPECT_EQ(si<Area>("25 um2"), 25e-12);
  EXPECT_EQ(si<Area>("25 \u00b5m2"), 25e-12);
  EXPECT_EQ(si<Area>("3 nm2"), 3e-18);
  EXPECT_EQ(si<Area>("3 cm2"), 3e-4);
  EXPECT_EQ(fault<Area>("3 mm"), "wrong unit");
  EXPECT_EQ(fault<Length>("3 cm"), "wrong unit");
}

TEST(ParseQuantity, TakesAnyFiniteDecimalAndAnySpace) {
  EXPECT_EQ(si<Energy>("1.67pJ"), 1.67e-12);
  EXPECT_EQ(si<Energy>("1.67   pJ"), 1.67e-12);
  EXPECT_EQ(si<Energy>("1e3 pJ"), 1e-9);
  EXPECT_EQ(si<Energy>("1e+3 pJ"), 1e-9);
  EXPECT_EQ(si<Energy>("2.5E-3 pJ"), 2.5e-15);
  EXPECT_EQ(si<Energy>("-2 pJ"), -2e-12);
  EXPECT_EQ(si<Energy>("0 J"), 0.0);
  EXPECT_FALSE(std::signbit(si<Energy>("-0 J")));
}

TEST(ParseQuantity, SaysWhatIsWrong) {
  for (const char* text :
       {"",           " ",         "pJ",       "nan pJ",          "inf J",  "-inf J",
        "infinity J", "1,5 pJ",    "1.5.2 pJ", "+5 pJ",           "--5 pJ", " 5 pJ",
        "1e999 pJ",   "1e308 TJ",  "1e-400 J", "1e99999999999 J", "5 %J",   "1_000 J",
        "abc",        "1e-99999 J"}) {
    EXPECT_EQ(fault<Energy>(text), "not a number") << text;
  }
  EXPECT_EQ(fault<Energy>("5"), "no unit");
  EXPECT_EQ(fault<Energy>("0"), "no unit");
  EXPECT_EQ(fault<Energy>("1e3"), "no unit");
  EXPECT_EQ(fault<Energy>("5 "), "no unit");
  for (const char* text : {"5 ns", "5 p", "5 pj", "5 PJ", "5 pJ ", "5 pJx", "5 p J", "5 ppJ",
                           "5 eV", "0x10 J", "5 pJ/bit", "5 cJ", "5 KJ", "5 \xc2J"}) {
    EXPECT_EQ(fault<Energy>(text), "wrong unit") << text;
  }
  EXPECT_EQ(fault<Energy>(std::string(100000, '9') + " J"), "not a number");
  EXPECT_EQ(fault<Energy>(std::string_view("5\0J", 3)), "not a number");
}

TEST(ParseQuantity, ReadsBits) {
  EXPECT_EQ(parse_quantity<Bits>("5 b"), Bits(5));
  EXPECT_EQ(parse_quantity<Bits>("5 B"), Bits(40));
  EXPECT_EQ(parse_quantity<Bits>("64 KiB"), Bits(524288));
  EXPECT_EQ(parse_quantity<Bits>("1.5KiB"), Bits(12288));
  EXPECT_EQ(parse_quantity<Bits>("2 MiB"), Bits(16777216));
  EXPECT_EQ(parse_quantity<Bits>("1 GiB"), Bits(8589934592));
  EXPECT_EQ(parse_quantity<Bits>("1e3 b"), Bits(1000));
  EXPECT_EQ(parse_quantity<Bits>("-8 b"), Bits(-8));
  EXPECT_EQ(parse_quantity<Bits>("9007199254740992 b"), Bits(9007199254740992));
}

TEST(ParseQuantity, SaysWhatIsWrongWithBits) {
  EXPECT_EQ(fault<Bits>("64"), "no unit");
  for (const char* text : {"64 KB", "64 kB", "64 Kib", "64 kb", "64 MB", "64 TiB", "64 bits"}) {
    EXPECT_EQ(fault<Bits>(text), "wrong unit") << text;
  }
  for (const char* text : {"0.5 b", "0.3 B", "nan b", "1e300 GiB", "9007199254740994 b", "x b"}) {
    EXPECT_EQ(fault<Bits>(text), "not a number") << text;
  }
}

TEST(FormatQuantity, ChoosesThePrefix) {
  EXPECT_EQ(format_quantity(1.667_pJ), "1.667 pJ");
  EXPECT_EQ(format_quantity(from_si<Energy>(1e-12)), "1 pJ");
  EXPECT_EQ(format_quantity(from_si<Energy>(0.0)), "0 J");
  EXPECT_EQ(format_quantity(from_si<Energy>(-0.0)), "0 J");
  EXPECT_EQ(format_quantity(from_si<Energy>(123.456e-12)), "123.5 pJ");
  EXPECT_EQ(format_quantity(from_si<Energy>(-2.5e-9)), "-2.5 nJ");
  EXPECT_EQ(format_quantity(100.0_ns), "100 ns");
  EXPECT_EQ(format_quantity(16.0_mW), "16 mW");
  EXPECT_EQ(format_quantity(1280.0_MHz), "1.28 GHz");
  EXPECT_EQ(format_quantity(from_si<Length>(32e-9)), "32 nm");
  EXPECT_EQ(format_quantity(from_si<Voltage>(0.9)), "900 mV");
  EXPECT_EQ(format_quantity(from_si<Resistance>(1e5)), "100 kOhm");
  EXPECT_EQ(format_quantity(from_si<Conductance>(25e-6)), "25 uS");
}

TEST(FormatQuantity, RoundsBeforeItChooses) {
  EXPECT_EQ(format_quantity(from_si<Energy>(999.94e-12)), "999.9 pJ");
  EXPECT_EQ(format_quantity(from_si<Energy>(999.96e-12)), "1 nJ");
  EXPECT_EQ(format_quantity(from_si<Energy>(123.456e-12), 2), "120 pJ");
  EXPECT_EQ(format_quantity(from_si<Energy>(123.456e-12), 7), "123.456 pJ");
}

TEST(FormatQuantity, GoesOnBeyondThePrefixes) {
  EXPECT_EQ(format_quantity(from_si<Energy>(2.5e-18)), "0.0025 fJ");
  EXPECT_EQ(format_quantity(from_si<Energy>(2.5e15)), "2500 TJ");
  EXPECT_EQ(format_quantity(from_si<Energy>(std::numeric_limits<double>::infinity())), "inf J");
}

TEST(FormatQuantity, WritesAreasInMillimetresOrMicrometres) {
  EXPECT_EQ(format_quantity(from_si<Area>(0.0131e-6)), "0.0131 mm2");
  EXPECT_EQ(format_quantity(from_si<Area>(88e-6)), "88 mm2");
  EXPECT_EQ(format_quantity(25.0_um2), "25 um2");
  EXPECT_EQ(format_quantity(from_si<Area>(999.9e-12)), "999.9 um2");
  EXPECT_EQ(format_quantity(from_si<Area>(1e-9)), "0.001 mm2");
  EXPECT_EQ(format_quantity(from_si<Area>(0.0)), "0 um2");
}

TEST(FormatQuantity, WritesBits) {
  EXPECT_EQ(format_quantity(Bits(0)), "0 b");
  EXPECT_EQ(format_quantity(5_b), "5 b");
  EXPECT_EQ(format_quantity(8_b), "1 B");
  EXPECT_EQ(format_quantity(Bits(8193)), "8193 b");
  EXPECT_EQ(format_quantity(Bits(524288)), "64 KiB");
  EXPECT_EQ(format_quantity(Bits(12288)), "1.5 KiB");
  EXPECT_EQ(format_quantity(Bits(8LL * 1023)), "1023 B");
  EXPECT_EQ(format_quantity(Bits(8LL * 1048575)), "1 MiB");
  EXPECT_EQ(format_quantity(Bits(8589934592)), "1 GiB");
  EXPECT_EQ(format_quantity(Bits(-16)), "-2 B");
}

TEST(FormatQuantity, IsReadBack) {
  for (const double value : {1.667e-12, 3.2e-9, 1e-15, 4.56e3, 7.0}) {
    EXPECT_EQ(si<Energy>(format_quantity(from_si<Energy>(value), 12)), value);
    EXPECT_EQ(si<Area>(format_quantity(from_si<Area>(value), 12)), value);
  }
}

TEST(ExampleOf, ReadsBackAsItsOwnKind) {
  EXPECT_EQ(example_of<Energy>(), "an energy such as \"1.67 pJ\"");
  const auto inside = [](std::string_view example) {
    const auto begin = example.find('"') + 1;
    return example.substr(begin, example.rfind('"') - begin);
  };
  EXPECT_TRUE(parse_quantity<Energy>(inside(example_of<Energy>())));
  EXPECT_TRUE(parse_quantity<Time>(inside(example_of<Time>())));
  EXPECT_TRUE(parse_quantity<Power>(inside(example_of<Power>())));
  EXPECT_TRUE(parse_quantity<Area>(inside(example_of<Area>())));
  EXPECT_TRUE(parse_quantity<Frequency>(inside(example_of<Frequency>())));
  EXPECT_TRUE(parse_quantity<Length>(inside(example_of<Length>())));
  EXPECT_TRUE(parse_quantity<Voltage>(inside(example_of<Voltage>())));
  EXPECT_TRUE(parse_quantity<Resistance>(inside(example_of<Resistance>())));
  EXPECT_TRUE(parse_quantity<Conductance>(inside(example_of<Conductance>())));
  EXPECT_TRUE(parse_quantity<Bits>(inside(example_of<Bits>())));
}

TEST(Units, MultiplyAsPhysicsDoes) {
  const Energy energy = 2.0_mW * 5.0_ns;
  EXPECT_DOUBLE_EQ(energy.value(), 1e-11);
  const Resistance resistance = 1.0 / from_si<Conductance>(25e-6);
  EXPECT_DOUBLE_EQ(resistance.value(), 40e3);
  EXPECT_LT(Bits(3), Bits(4));
  EXPECT_EQ(Bits(3) * 4 - Bits(2), Bits(10));
}

}  // namespace
}  // namespace pimento
