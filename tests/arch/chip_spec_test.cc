// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_spec.h"

#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

TEST(ChipSpec, HoldsWhatTheFileSays) {
  const ChipSpec chip = chip_of(kTinyChip);
  EXPECT_EQ(chip.name, "tiny");
  EXPECT_EQ(chip.file, "c.yaml");
  EXPECT_EQ(chip.source, "test");
  EXPECT_DOUBLE_EQ(chip.node->value(), 32e-9);
  EXPECT_EQ(chip.macro.rows, 128);
  EXPECT_EQ(chip.macro.columns, 64);
  EXPECT_EQ(chip.macro.cell_bits, 1);
  EXPECT_EQ(chip.macro.dac_bits, 1);
  EXPECT_EQ(chip.macro.encoding, Encoding::kTwosComplement);
  EXPECT_EQ(chip.macro.readout, Readout::kAdc);
  EXPECT_EQ(chip.macro.columns_per_adc, 16);
  EXPECT_DOUBLE_EQ(chip.macro.read_time.value(), 100e-9);
  EXPECT_EQ(chip.macros_per_core, 2);
  EXPECT_EQ(chip.cores_per_tile, 3);
  EXPECT_EQ(chip.macros_per_tile(), 6);
  EXPECT_EQ(chip.tiles, 4);
  EXPECT_DOUBLE_EQ(chip.hop_time.value(), 1e-9);
  EXPECT_TRUE(chip.supported_bits.empty());
}

TEST(ChipSpec, ThereAreAsManyAdcsAsShareTheColumns) {
  EXPECT_EQ(chip_of(kTinyChip).macro.adcs(), 4);
  EXPECT_EQ(chip_of(replaced(kTinyChip, "adc: 16", "adc: 64")).macro.adcs(), 1);
  EXPECT_EQ(chip_of(replaced(kTinyChip, "adc: 16", "adc: 100")).macro.adcs(), 1);
  EXPECT_EQ(chip_of(replaced(kTinyChip, "adc: 16", "adc: 63")).macro.adcs(), 2);
  EXPECT_EQ(chip_of(replaced(kTinyChip, "adc: 16", "adc: 1")).macro.adcs(), 64);
}

TEST(ChipSpec, InputsWithASignAreDrivenAsTheDacCan) {
  EXPECT_EQ(chip_of(kTinyChip).macro.signed_inputs, SignedInputs::kTwosComplement);
  const std::string wide = replaced(kTinyChip, "dac_bits: 1", "dac_bits: 2");
  EXPECT_EQ(chip_of(wide).macro.signed_inputs, SignedInputs::kOffset);
  for (const SignedInputs inputs : {SignedInputs::kOffset, SignedInputs::kTwoPhase}) {
    const std::string text = replaced(
        kTinyChip, "  dac_bits: 1\n",
        "  dac_bits: 1\n  signed_inputs: " + std::string(signed_inputs_name(inputs)) + "\n");
    EXPECT_EQ(chip_of(text).macro.signed_inputs, inputs);
  }
}

TEST(ChipSpec, PassesOverZerosWhereTheFileSaysSo) {
  EXPECT_EQ(chip_of(kTinyChip).macro.zero_skipping, ZeroSkipping::kNone);
  for (const ZeroSkipping rule : {ZeroSkipping::kNone, ZeroSkipping::kLeadingBits,
                                  ZeroSkipping::kSlices, ZeroSkipping::kRows}) {
    const std::string field =
        "  zero_skipping: " + std::string(zero_skipping_name(rule)) + "\n  columns_per_adc";
    EXPECT_EQ(chip_of(replaced(kTinyChip, "  columns_per_adc", field)).macro.zero_skipping, rule);
  }
  const std::string bipolar = replaced(kTinyChip, "encoding: twos_complement", "encoding: xnor");
  EXPECT_EQ(
      chip_of(replaced(bipolar, "  columns_per_adc", "  zero_skipping: none\n  columns_per_adc"))
          .macro.zero_skipping,
      ZeroSkipping::kNone);
}

TEST(ChipSpec, OperationUnitsReadAPartOfTheArray) {
  EXPECT_TRUE(chip_of(kTinyChip).macro.unit.is_whole());
  const ChipSpec chip =
      chip_of(replaced(kTinyChip, "  rows: 128\n", "  rows: 128\n  operation_unit: {rows: 9}\n"));
  EXPECT_EQ(chip.macro.rows_at_once(), 9);
  EXPECT_EQ(chip.macro.unit.columns, 64);
  EXPECT_EQ(chip.macro.geometry().lossless_adc_bits(), 4);
}

TEST(ChipSpec, EncodingsHaveTheirNamesInTheFile) {
  for (const Encoding encoding :
       {Encoding::kTwosComplement, Encoding::kOffset, Encoding::kOffsetFlipped,
        Encoding::kDifferential, Encoding::kSignMagnitude, Encoding::kCenterOffset, Encoding::kCsd,
        Encoding::kXnor}) {
    const std::string name(encoding_name(encoding));
    EXPECT_EQ(chip_of(replaced(kTinyChip, "twos_complement", name)).macro.encoding, encoding);
  }
}

TEST(ChipSpec, TilesOnDemandAreNone) {
  EXPECT_FALSE(chip_of(replaced(kTinyChip, "tiles: 4", "tiles: auto")).tiles.has_value());
}

TEST(ChipSpec, WithoutHopTimeTheWayTakesNoTime) {
  EXPECT_EQ(chip_of(replaced(kTinyChip, "  hop_time: 1 ns\n", "")).hop_time.value(), 0.0);
}

TEST(ChipSpec, BuffersTwiceWhereTheFileSaysSo) {
  EXPECT_FALSE(chip_of(kTinyChip).double_buffering);
  const std::string text = replaced(kTinyChip, "tiles: 4", "tiles: 4\n  double_buffering: true");
  EXPECT_TRUE(chip_of(text).double_buffering);
}

TEST(ChipSpec, DigitalReadoutHasNoAdc) {
  std::string text = replaced(kTinyChip, "  columns_per_adc: 16\n", "  readout: digital\n");
  text = replaced(text, "adc: {kind: fixed, energy: 2 pJ, rate: 1 GHz, source: test}",
                  "mac_unit: {kind: mac_table, table: {8: 1 pJ, 4: 1 fJ}, source: test}");
  const ChipSpec chip = chip_of(text);
  EXPECT_EQ(chip.macro.readout, Readout::kDigital);
  EXPECT_EQ(chip.macro.adcs(), 0);
  EXPECT_EQ(chip.find(Role::kAdc), nullptr);
  EXPECT_EQ(chip.supported_bits, (std::vector<int>{4, 8}));
}

TEST(ChipSpec, PartsAreCountedAsNaturalWhenTheFileDoesNotSay) {
  const std::string part = "{kind: fixed, source: test}";
  const ChipSpec chip = chip_of(kTinyChip, {{"macro.components.dac", part},
                                            {"macro.components.sample_hold", part},
                                            {"macro.components.array", part},
                                            {"tile.components.buffer", part}});
  EXPECT_EQ(chip.find(Role::kDac)->count, 128);
  EXPECT_EQ(chip.find(Role::kSampleHold)->count, 64);
  EXPECT_EQ(chip.find(Role::kAdc)->count, 4);
  EXPECT_EQ(chip.find(Role::kArray)->count, 1);
  EXPECT_EQ(chip.find(Role::kBuffer)->count, 1);
}

TEST(ChipSpec, AdcCountIsAcceptedWhereItAgrees) {
  EXPECT_EQ(chip_of(kTinyChip, {{"macro.components.adc.count", "4"}}).find(Role::kAdc)->count, 4);
}

TEST(ChipSpec, InstancesMultiplyDownTheLevels) {
  const std::string part = "{kind: fixed, count: 0.5, source: test}";
  const ChipSpec chip = chip_of(kTinyChip, {{"core.components.shift_add", part},
                                            {"tile.components.router", part},
                                            {"chip.components.io_link", part}});
  EXPECT_EQ(chip.instances(*chip.find(Role::kAdc), 4), 4.0 * 2 * 3 * 4);
  EXPECT_EQ(chip.instances(*chip.find(Role::kCoreShiftAdd), 4), 0.5 * 3 * 4);
  EXPECT_EQ(chip.instances(*chip.find(Role::kRouter), 4), 0.5 * 4);
  EXPECT_EQ(chip.instances(*chip.find(Role::kIoLink), 4), 0.5);
}

TEST(ChipSpec, TheLargestTileDoesNotOverflow) {
  const ChipSpec chip = chip_of(kTinyChip, {{"core.macros", "65536"}, {"tile.cores", "65536"}});
  EXPECT_EQ(chip.macros_per_tile(), std::int64_t{1} << 32);
}

TEST(ChipSpec, ComponentsRememberWhereTheyStand) {
  const ChipSpec chip = chip_of(kTinyChip);
  EXPECT_EQ(chip.find(Role::kAdc)->location.str(), "c.yaml:14:10");
  EXPECT_EQ(chip.find(Role::kAdc)->kind, "fixed");
  EXPECT_EQ(chip.find(Role::kAdc)->source, "test");
  EXPECT_EQ(chip.find(Role::kAdc)->assumed, "");
  EXPECT_EQ(
      chip_of(kTinyChip, {{"macro.components.adc.assumed", "its rate"}}).find(Role::kAdc)->assumed,
      "its rate");
}

TEST(ChipSpec, PrecisionsRoundUpToSupportedOnes) {
  const ChipSpec chip = shipped_chip("ad_pim");
  EXPECT_EQ(chip.supported_bits, (std::vector<int>{2, 4, 8, 16}));
  EXPECT_EQ(chip.supported_precision(1), 2);
  EXPECT_EQ(chip.supported_precision(2), 2);
  EXPECT_EQ(chip.supported_precision(3), 4);
  EXPECT_EQ(chip.supported_precision(8), 8);
  EXPECT_EQ(chip.supported_precision(9), 16);
  EXPECT_EQ(chip.supported_precision(16), 16);
  EXPECT_EQ(input_error([&] { (void)chip.supported_precision(17); }),
            "embedded:configs/chips/ad_pim.yaml: a layer asks for 17 bits; the chip knows 16 at "
            "most; choose a policy of fewer bits, or add a price to macro.mac_unit");
  EXPECT_EQ(chip_of(kTinyChip).supported_precision(17), 17);
}

TEST(ChipSpec, AVariantIncludesAChipAndChangesWhatItSays) {
  const ChipSpec chip = chip_of(
      "include: embedded:configs/chips/isaac_ce.yaml\nname: isaac_small\nmacro:\n  cell_bits: 1\n"
      "chip:\n  tiles: 8\n");
  EXPECT_EQ(chip.name, "isaac_small");
  EXPECT_EQ(chip.macro.cell_bits, 1);
  EXPECT_EQ(chip.macro.rows, 128);
  EXPECT_EQ(chip.tiles, 8);
  EXPECT_EQ(chip.components.size(), shipped_chip("isaac_ce").components.size());
}

TEST(ChipSpec, SettingsAreLaidOverTheFile) {
  const ChipSpec chip = chip_of(
      kTinyChip,
      {{"macro.rows", "256"}, {"macro.components.adc.energy", "3 pJ"}, {"chip.tiles", "auto"}});
  EXPECT_EQ(chip.macro.rows, 256);
  EXPECT_DOUBLE_EQ(chip.find(Role::kAdc)->model->energy(Action::kAdcConversion, 0).value(), 3e-12);
  EXPECT_FALSE(chip.tiles.has_value());
}

TEST(ChipSpec, AWrongSettingIsNamedAsSuch) {
  EXPECT_EQ(input_error([] { (void)chip_of(kTinyChip, {{"macro.rwos", "256"}}); }),
            "--set macro.rwos=256: macro.rwos: unknown key; did you mean \"rows\"?");
}

}  // namespace
}  // namespace pimento::arch
