// SPDX-License-Identifier: Apache-2.0
// What a reader of a chip file is told about each mistake.
#include <gtest/gtest.h>

#include "arch/chip_spec.h"
#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

std::string chip_error(const std::string& text) {
  return input_error([&] { (void)chip_of(text); });
}

// One place of the tiny chip changed, and what is said of it.
struct Mistake {
  std::string from, to, message;
};
void expect_all(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(chip_error(replaced(kTinyChip, mistake.from, mistake.to)), mistake.message);
  }
}

TEST(ChipErrors, TheTinyChipHasNone) {
  EXPECT_EQ(chip_error(kTinyChip), "nothing thrown");
}

TEST(ChipErrors, MissingFields) {
  const std::string map = "missing; expected a mapping of keys to values";
  expect_all({
      {"schema: pimento/chip/1\n", "", "c.yaml:1:1: schema: missing; expected \"pimento/chip/1\""},
      {"name: tiny\n", "", "c.yaml:1:1: name: missing; expected text (\"\" for an empty one)"},
      {"source: test\nnode", "node",
       "c.yaml:1:1: source: missing; expected text (\"\" for an empty one)"},
      {"  rows: 128\n", "",
       "c.yaml:6:3: macro.rows: missing; expected a whole number from 1 to 65536"},
      {"  columns: 64\n", "",
       "c.yaml:6:3: macro.columns: missing; expected a whole number from 1 to 65536"},
      {"  cell_bits: 1\n", "",
       "c.yaml:6:3: macro.cell_bits: missing; expected a whole number from 1 to 8"},
      {"  dac_bits: 1\n", "",
       "c.yaml:6:3: macro.dac_bits: missing; expected a whole number from 1 to 16"},
      {"  encoding: twos_complement\n", "",
       "c.yaml:6:3: macro.encoding: missing; expected one of twos_complement, offset, "
       "offset_flipped, differential, sign_magnitude, center_offset, csd, xnor"},
      {"  columns_per_adc: 16\n", "",
       "c.yaml:6:3: macro.columns_per_adc: missing; expected a whole number from 1 to 65536"},
      {"  read_time: 100 ns\n", "",
       "c.yaml:6:3: macro.read_time: missing; expected a time such as \"100 ns\""},
      {"core:\n  macros: 2\n", "", "c.yaml:1:1: core: " + map},
      {"tile:\n  cores: 3\n", "", "c.yaml:1:1: tile: " + map},
      {"chip:\n  tiles: 4\n  hop_time: 1 ns\n", "", "c.yaml:1:1: chip: " + map},
      {"  tiles: 4\n", "",
       "c.yaml:20:3: chip.tiles: missing; expected \"auto\" or a whole number from 1 to 1048576"},
      {", source: test}", "}",
       "c.yaml:14:10: macro.components.adc.source: missing; expected text (\"\" for an empty one)"},
      {"kind: fixed, ", "",
       "c.yaml:14:10: macro.components.adc.kind: missing; expected one of adc_table, crossbar, "
       "fixed, mac_table, resistive_array"},
  });
}

TEST(ChipErrors, WaysToReadThatDoNotGoTogether) {
  expect_all({
      {"  dac_bits: 1\n", "  dac_bits: 2\n  signed_inputs: twos_complement\n",
       "c.yaml:10:18: macro.signed_inputs: a DAC of several bits cannot give the sign bit a worth "
       "of "
       "its own; choose offset or two_phase"},
      {"  encoding: twos_complement\n",
       "  encoding: offset_flipped\n  operation_unit: {rows: 127}\n",
       "c.yaml:11:26: macro.operation_unit.rows: fewer than the array's, but offset_flipped "
       "inverts "
       "whole columns of the array; choose encoding: offset, or read all rows at once"},
      {"  rows: 128\n", "  rows: 128\n  operation_unit: {rows: 129}\n",
       "c.yaml:7:26: macro.operation_unit.rows: found \"129\"; expected a whole number from 1 to "
       "128"},
      {"  columns: 64\n", "  columns: 64\n  operation_unit: {rows: 9, columns: 65}\n",
       "c.yaml:8:38: macro.operation_unit.columns: found \"65\"; expected a whole number from 1 to "
       "64"},
      {"  encoding: twos_complement\n", "  encoding: xnor\n  zero_skipping: slices\n",
       "c.yaml:11:18: macro.zero_skipping: cells of the encoding xnor answer to inputs of zero as "
       "well, which cannot be passed over; choose another encoding, or write \"zero_skipping: "
       "none\""},
  });
}

TEST(ChipErrors, UnknownKeys) {
  expect_all({
      {"name: tiny\n", "name: tiny\nnodes: 1\n",
       "c.yaml:3:1: nodes: unknown key; did you mean \"node\"?"},
      {"  rows: 128\n", "  rows: 128\n  row: 1\n",
       "c.yaml:7:3: macro.row: unknown key; did you mean \"rows\"?"},
      {"  macros: 2\n", "  macros: 2\n  macro: 2\n",
       "c.yaml:17:3: core.macro: unknown key; did you mean \"macros\"?"},
      {"  cores: 3\n", "  cores: 3\n  tiles: 3\n",
       "c.yaml:19:3: tile.tiles: unknown key; known keys: components, cores"},
      {"    adc:", "    acd: {kind: fixed, source: s}\n    adc:",
       "c.yaml:14:5: macro.components.acd: unknown key; did you mean \"adc\"?"},
  });
}

TEST(ChipErrors, ValuesOutOfRange) {
  expect_all({
      {"rows: 128", "rows: 0",
       "c.yaml:6:9: macro.rows: found \"0\"; expected a whole number from 1 to 65536"},
      {"rows: 128", "rows: -1",
       "c.yaml:6:9: macro.rows: found \"-1\"; expected a whole number from 1 to 65536"},
      {"rows: 128", "rows: 65537",
       "c.yaml:6:9: macro.rows: found \"65537\"; expected a whole number from 1 to 65536"},
      {"rows: 128", "rows: 99999999999999999999",
       "c.yaml:6:9: macro.rows: found \"99999999999999999999\"; expected a whole number from 1 to "
       "65536"},
      {"rows: 128", "rows: 12.5",
       "c.yaml:6:9: macro.rows: found \"12.5\"; expected a whole number from 1 to 65536"},
      {"columns: 64", "columns: 0",
       "c.yaml:7:12: macro.columns: found \"0\"; expected a whole number from 1 to 65536"},
      {"cell_bits: 1", "cell_bits: 9",
       "c.yaml:8:14: macro.cell_bits: found \"9\"; expected a whole number from 1 to 8"},
      {"dac_bits: 1", "dac_bits: 17",
       "c.yaml:9:13: macro.dac_bits: found \"17\"; expected a whole number from 1 to 16"},
      {"adc: 16", "adc: 0",
       "c.yaml:11:20: macro.columns_per_adc: found \"0\"; expected a whole number from 1 to 65536"},
      {"macros: 2", "macros: 0",
       "c.yaml:16:11: core.macros: found \"0\"; expected a whole number from 1 to 65536"},
      {"cores: 3", "cores: 65537",
       "c.yaml:18:10: tile.cores: found \"65537\"; expected a whole number from 1 to 65536"},
      {"tiles: 4", "tiles: 0",
       "c.yaml:20:10: chip.tiles: found \"0\"; expected a whole number from 1 to 1048576"},
      {"tiles: 4", "tiles: abc",
       "c.yaml:20:10: chip.tiles: found \"abc\"; expected \"auto\" or a whole number from 1 to "
       "1048576"},
      {"kind: fixed,", "kind: fixed, count: 0,",
       "c.yaml:14:31: macro.components.adc.count: found \"0\"; expected a number from 1e-06 to "
       "1000000000\nc.yaml:14:31: macro.components.adc.count: the number of ADCs follows from "
       "macro.columns_per_adc; remove it"},
  });
}

TEST(ChipErrors, Quantities) {
  expect_all({
      {"read_time: 100 ns", "read_time: 100",
       "c.yaml:12:14: macro.read_time: found \"100\"; expected a time such as \"100 ns\"; add a "
       "unit"},
      {"read_time: 100 ns", "read_time: -1 ns",
       "c.yaml:12:14: macro.read_time: found \"-1 ns\"; expected a time from 100 fs to 1 s"},
      {"read_time: 100 ns", "read_time: 100 GHz",
       "c.yaml:12:14: macro.read_time: found \"100 GHz\"; expected a time such as \"100 ns\"; use "
       "s, ms, us, ns, ps or fs"},
      {"hop_time: 1 ns", "hop_time: 1",
       "c.yaml:21:13: chip.hop_time: found \"1\"; expected a time such as \"100 ns\"; add a unit"},
      {"hop_time: 1 ns", "hop_time: -1 ns",
       "c.yaml:21:13: chip.hop_time: found \"-1 ns\"; expected a time from 0 s to 1 s"},
      {"node: 32 nm", "node: 32",
       "c.yaml:4:7: node: found \"32\"; expected a length such as \"32 nm\"; add a unit"},
      {"node: 32 nm", "node: 1 m",
       "c.yaml:4:7: node: found \"1 m\"; expected a length from 1 nm to 10 um"},
      {"energy: 2 pJ", "energy: 2",
       "c.yaml:14:32: macro.components.adc.energy: found \"2\"; expected an energy such as \"1.67 "
       "pJ\"; add a unit"},
  });
}

TEST(ChipErrors, Words) {
  expect_all({
      {"pimento/chip/1", "pimento/chip/2",
       "c.yaml:1:9: schema: found \"pimento/chip/2\"; expected \"pimento/chip/1\"; did you mean "
       "\"pimento/chip/1\"?"},
      {"twos_complement", "twos",
       "c.yaml:10:13: macro.encoding: found \"twos\"; expected one of twos_complement, offset, "
       "offset_flipped, differential, sign_magnitude, center_offset, csd, xnor"},
      {"encoding: twos_complement", "encoding: ofset",
       "c.yaml:10:13: macro.encoding: found \"ofset\"; expected one of twos_complement, offset, "
       "offset_flipped, differential, sign_magnitude, center_offset, csd, xnor; did you mean "
       "\"offset\"?"},
      {"  columns_per_adc", "  readout: analog\n  columns_per_adc",
       "c.yaml:11:12: macro.readout: found \"analog\"; expected one of adc, digital"},
      {"tiles: 4", "tiles: 4\n  double_buffering: half",
       "c.yaml:21:21: chip.double_buffering: found \"half\"; expected true or false"},
      {"  columns_per_adc", "  zero_skipping: bits\n  columns_per_adc",
       "c.yaml:11:18: macro.zero_skipping: found \"bits\"; expected one of none, leading_bits, "
       "slices, rows"},
      {"  columns_per_adc", "  zero_skipping: row\n  columns_per_adc",
       "c.yaml:11:18: macro.zero_skipping: found \"row\"; expected one of none, leading_bits, "
       "slices, rows; did you mean \"rows\"?"},
  });
}

TEST(ChipErrors, AnUnknownKindIsReportedOnceAndAlone) {
  expect_all({
      {"kind: fixed", "kind: fixd",
       "c.yaml:14:17: macro.components.adc.kind: found \"fixd\"; expected one of adc_table, "
       "crossbar, fixed, mac_table, resistive_array; did you mean \"fixed\"?"},
      {"kind: fixed, energy",
       "kind: adc_tabel, bits: 8, table: [{bits: 8}], of: {a: {b: 1}}, energy",
       "c.yaml:14:17: macro.components.adc.kind: found \"adc_tabel\"; expected one of adc_table, "
       "crossbar, fixed, mac_table, resistive_array; did you mean \"adc_table\"?"},
      {"kind: fixed", "kind: \"\"",
       "c.yaml:14:17: macro.components.adc.kind: found \"\"; expected one of adc_table, crossbar, "
       "fixed, mac_table, resistive_array"},
      {"kind: fixed", "kind: {a: 1}",
       "c.yaml:14:17: macro.components.adc.kind: found a mapping; expected one of adc_table, "
       "crossbar, fixed, mac_table, resistive_array"},
  });
}

TEST(ChipErrors, TheNumberOfAdcsIsNotGiven) {
  expect_all({{"kind: fixed", "kind: fixed, count: 8",
               "c.yaml:14:31: macro.components.adc.count: the number of ADCs follows from "
               "macro.columns_per_adc; remove it"}});
}

TEST(ChipErrors, ReadoutAndAdcMustAgree) {
  expect_all({
      {"  columns_per_adc: 16\n", "  readout: digital\n",
       "c.yaml:11:12: macro.readout: found digital readout beside an adc; remove "
       "macro.components.adc or write \"readout: adc\""},
      {"    adc: {kind: fixed, energy: 2 pJ, rate: 1 GHz, source: test}\n", "    {}\n",
       "c.yaml:6:3: macro.readout: expected an adc among macro.components; add one, or write "
       "\"readout: digital\""},
      {"  components:\n    adc: {kind: fixed, energy: 2 pJ, rate: 1 GHz, source: test}\n", "",
       "c.yaml:6:3: macro.readout: expected an adc among macro.components; add one, or write "
       "\"readout: digital\""},
      {"adc: 16\n", "adc: 16\n  readout: adc\n", "nothing thrown"},
      {"  read_time", "  readout: digital\n  read_time",
       "c.yaml:11:20: macro.columns_per_adc: given beside digital readout, which has no ADCs; "
       "remove it\nc.yaml:12:12: macro.readout: found "
       "digital "
       "readout beside an adc; remove macro.components.adc or write \"readout: adc\""},
  });
}

TEST(ChipErrors, AnAdcNeedsARate) {
  expect_all({
      {", rate: 1 GHz", "",
       "c.yaml:14:10: macro.components.adc: found no rate; add the conversions a second, such as "
       "\"rate: 1 GHz\""},
      {"energy: 2 pJ, rate: 1 GHz", "power: 2 mW",
       "c.yaml:14:10: macro.components.adc: found no rate; add the conversions a second, such as "
       "\"rate: 1 GHz\"\nc.yaml:14:31: macro.components.adc.power: found a power without a rate; "
       "add \"rate: ...\" (accesses a second at that power), or give \"energy\" or "
       "\"static_power\" "
       "instead"},
  });
}

TEST(ChipErrors, PricesOfMacsFitNoOtherPart) {
  expect_all({{"kind: fixed, energy: 2 pJ, rate: 1 GHz", "kind: mac_table, table: {8: 1 pJ}",
               "c.yaml:14:10: macro.components.adc: found no rate; add the conversions a second, "
               "such as \"rate: 1 GHz\"\nc.yaml:14:17: macro.components.adc.kind: found mac_table, "
               "which prices MACs alone; use it for macro.mac_unit"}});
}

TEST(ChipErrors, AllMistakesAreListedAtOnce) {
  std::string text = replaced(kTinyChip, "rows: 128", "rows: 0");
  text = replaced(text, "tiles: 4", "tiles: many");
  text = replaced(text, "name: tiny\n", "");
  EXPECT_EQ(chip_error(text),
            "c.yaml:1:1: name: missing; expected text (\"\" for an empty one)\n"
            "c.yaml:5:9: macro.rows: found \"0\"; expected a whole number from 1 to 65536\n"
            "c.yaml:19:10: chip.tiles: found \"many\"; expected \"auto\" or a whole number from 1 "
            "to 1048576");
}

TEST(ChipErrors, AnEmptyFileLacksEverything) {
  EXPECT_EQ(chip_error("{}"),
            "c.yaml:1:1: schema: missing; expected \"pimento/chip/1\"\n"
            "c.yaml:1:1: name: missing; expected text (\"\" for an empty one)\n"
            "c.yaml:1:1: source: missing; expected text (\"\" for an empty one)\n"
            "c.yaml:1:1: macro: missing; expected a mapping of keys to values\n"
            "c.yaml:1:1: core: missing; expected a mapping of keys to values\n"
            "c.yaml:1:1: tile: missing; expected a mapping of keys to values\n"
            "c.yaml:1:1: chip: missing; expected a mapping of keys to values");
}

}  // namespace
}  // namespace pimento::arch
