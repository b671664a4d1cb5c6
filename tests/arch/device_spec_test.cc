// SPDX-License-Identifier: Apache-2.0
#include "arch/device_spec.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

const std::string kTinyDevice = R"(schema: pimento/device/1
name: tiny
source: test
conductance: {lowest: 1 uS, highest: 25 uS, source: test}
reference_column: true
)";

// One line more, from line 6 on.
DeviceSpec device_of(const std::string& lines) {
  return read_device(ConfigDocument::parse(kTinyDevice + lines, "d.yaml"), "d.yaml");
}
std::string device_error(const std::string& lines) {
  return input_error([&] { (void)device_of(lines); });
}
std::string tiny_error(const std::string& from, const std::string& to) {
  return input_error([&] {
    (void)read_device(ConfigDocument::parse(replaced(kTinyDevice, from, to), "d.yaml"), "d.yaml");
  });
}

double microsiemens(Conductance value) {
  return value.value() * 1e6;
}

TEST(DeviceSpec, HasNoNonIdealityByDefault) {
  const DeviceSpec device = device_of("");
  EXPECT_EQ(device.name, "tiny");
  EXPECT_EQ(device.file, "d.yaml");
  EXPECT_EQ(microsiemens(device.lowest), 1.0);
  EXPECT_EQ(microsiemens(device.highest), 25.0);
  EXPECT_DOUBLE_EQ(device.on_off_ratio(), 25.0);
  EXPECT_TRUE(device.reference_column);
  EXPECT_EQ(device.programming.kind, ProgrammingKind::kNone);
  EXPECT_EQ(device.drift.kind, DriftKind::kNone);
  EXPECT_EQ(device.read_noise.kind, ReadNoiseKind::kNone);
  EXPECT_EQ(device.stuck.lowest + device.stuck.highest, 0.0);
  EXPECT_FALSE(device.wires);
  EXPECT_FALSE(device.adc);
  EXPECT_EQ(device.time.value(), 0.0);
}

TEST(DeviceSpec, ReadsEverySection) {
  const DeviceSpec device = device_of(R"(time: 100 s
programming: {kind: lognormal, sigma: 0.1, source: p, assumed: q}
drift: {kind: power_law, reference_time: 20 s, of: 25 uS, mean: [{coefficients: [0.05]}], deviation: [{coefficients: [0.01]}], source: d}
read_noise: {kind: one_over_f, of: 25 uS, relative: [{coefficients: [0.01]}], window: 250 ns, source: r}
stuck: {lowest: 0.25, highest: 0.75, source: s}
wires: {row: 1 Ohm, column: 2 Ohm, driver: 3 Ohm, sense: 4 Ohm, source: w}
adc: {noise: 0.5, inl: 0.25, source: a}
)");
  EXPECT_EQ(device.time.value(), 100.0);
  EXPECT_EQ(device.programming.sigma, 0.1);
  EXPECT_EQ(device.programming.provenance.source, "p");
  EXPECT_EQ(device.programming.provenance.assumed, "q");
  EXPECT_EQ(device.drift.reference_time.value(), 20.0);
  EXPECT_EQ(device.drift.mean.at(0.5), 0.05);
  EXPECT_EQ(device.drift.deviation.at(0.5), 0.01);
  EXPECT_EQ(device.read_noise.relative.at(0.5), 0.01);
  EXPECT_EQ(device.read_noise.window.value(), 250e-9);
  EXPECT_EQ(device.stuck.highest, 0.75);
  EXPECT_EQ(device.wires->row.value(), 1.0);
  EXPECT_EQ(device.wires->column.value(), 2.0);
  EXPECT_EQ(device.wires->driver.value(), 3.0);
  EXPECT_EQ(device.wires->sense.value(), 4.0);
  EXPECT_EQ(device.adc->noise, 0.5);
  EXPECT_EQ(device.adc->inl, 0.25);
}

TEST(DeviceSpec, ReadsTheOtherKinds) {
  EXPECT_EQ(device_of("programming: {kind: relative, sigma: 0.01, source: s}\n").programming.kind,
            ProgrammingKind::kRelative);
  EXPECT_EQ(device_of("read_noise: {kind: relative, sigma: 0.01, source: s}\n").read_noise.sigma,
            0.01);
  const DeviceSpec additive =
      device_of("read_noise: {kind: additive, deviation: 0.4 uS, source: s}\n");
  EXPECT_DOUBLE_EQ(microsiemens(additive.read_noise.deviation), 0.4);
  const DeviceSpec relaxed = device_of(
      "time: 1 s\ndrift: {kind: relaxation, reference_time: 1 s, shift: -0.5 uS, spread: 0.25 uS, "
      "slope: 0 uS, source: s}\n");
  EXPECT_EQ(microsiemens(relaxed.drift.shift), -0.5);
  EXPECT_EQ(microsiemens(relaxed.drift.spread), 0.25);
  const DeviceSpec none =
      device_of("programming: {kind: none}\ndrift: {kind: none}\nread_noise: {kind: none}\n");
  EXPECT_EQ(none.programming.kind, ProgrammingKind::kNone);
}

TEST(DeviceSpec, PolynomialsAreTakenInWhatTheyWereFittedIn) {
  const DeviationPolynomial of_one =
      device_of(
          "programming: {kind: polynomial, of: 1 uS, coefficients: [1 uS, 0.5 uS], source: s}\n")
          .programming.deviation;
  EXPECT_NEAR(microsiemens(of_one.at(from_si<Conductance>(4e-6))), 3.0, 1e-12);
  const DeviationPolynomial of_full =
      device_of(
          "programming: {kind: polynomial, of: 25 uS, coefficients: [1 uS, 0.5 uS, -8 uS], "
          "source: s}\n")
          .programming.deviation;
  EXPECT_NEAR(microsiemens(of_full.at(from_si<Conductance>(5e-6))), 0.78, 1e-12);
  EXPECT_EQ(of_full.at(from_si<Conductance>(25e-6)).value(), 0.0);  // not below 0
}

TEST(DeviceSpec, PolynomialsHoldStillOutsideTheirRange) {
  const DeviationPolynomial polynomial =
      device_of(
          "programming: {kind: polynomial, of: 1 uS, coefficients: [0 uS, 1 uS], "
          "valid: {from: 5 uS, to: 20 uS}, source: s}\n")
          .programming.deviation;
  const auto at = [&](double value) {
    return microsiemens(polynomial.at(from_si<Conductance>(value * 1e-6)));
  };
  EXPECT_NEAR(at(1), 5.0, 1e-12);
  EXPECT_NEAR(at(5), 5.0, 1e-12);
  EXPECT_NEAR(at(5.5), 5.5, 1e-12);
  EXPECT_NEAR(at(20), 20.0, 1e-12);
  EXPECT_NEAR(at(25), 20.0, 1e-12);
}

TEST(DeviceErrors, OfTheConductances) {
  EXPECT_EQ(tiny_error("lowest: 1 uS", "lowest: 25 uS"),
            "d.yaml:4:23: conductance.lowest: found 25 uS, not below highest (25 uS); expected an "
            "on/off ratio above 1");
  EXPECT_EQ(tiny_error("lowest: 1 uS", "lowest: 30 uS"),
            "d.yaml:4:23: conductance.lowest: found 30 uS, not below highest (25 uS); expected an "
            "on/off ratio above 1");
  EXPECT_EQ(tiny_error("lowest: 1 uS", "lowest: 24.99 uS"), "nothing thrown");
  EXPECT_EQ(tiny_error("lowest: 1 uS", "lowest: 0 S"), "nothing thrown");
  EXPECT_EQ(tiny_error("lowest: 1 uS", "lowest: -1 uS"),
            "d.yaml:4:23: conductance.lowest: found \"-1 uS\"; expected a conductance from 0 S to "
            "1 S");
  EXPECT_EQ(tiny_error("highest: 25 uS", "highest: 25 kOhm"),
            "d.yaml:4:38: conductance.highest: found \"25 kOhm\"; expected a conductance such as "
            "\"25 uS\"; use S, mS, uS or nS");
  EXPECT_EQ(tiny_error(", source: test}", "}"),
            "d.yaml:4:14: conductance.source: missing; expected text (\"\" for an empty one)");
  EXPECT_EQ(tiny_error("reference_column: true\n", ""),
            "d.yaml:1:1: reference_column: missing; expected true or false");
}

TEST(DeviceErrors, OfKinds) {
  EXPECT_EQ(device_error("programming: {kind: lognorma, sigma: 0.1, source: s}\n"),
            "d.yaml:6:21: programming.kind: found \"lognorma\"; expected one of none, lognormal, "
            "relative, polynomial; did you mean \"lognormal\"?\n"
            "d.yaml:6:31: programming.sigma: unknown key; known keys: kind\n"
            "d.yaml:6:43: programming.source: unknown key; known keys: kind");
  EXPECT_EQ(device_error("programming: {kind: lognormal, sigma: -0.1, source: s}\n"),
            "d.yaml:6:39: programming.sigma: found \"-0.1\"; expected a number from 0 to 10");
  EXPECT_EQ(device_error("programming: {kind: relative, sigma: 0.1}\n"),
            "d.yaml:6:14: programming.source: missing; expected text (\"\" for an empty one)");
  EXPECT_EQ(device_error("read_noise: {kind: none, sigma: 1}\n"),
            "d.yaml:6:26: read_noise.sigma: unknown key; known keys: kind");
}

TEST(DeviceErrors, OfPolynomials) {
  const std::string start = "programming: {kind: polynomial, of: 1 uS, source: s, coefficients: ";
  EXPECT_EQ(device_error(start + "[]}\n"),
            "d.yaml:6:68: programming.coefficients: found 0 terms; expected 1 to 16");
  EXPECT_EQ(device_error(start + "[1]}\n"),
            "d.yaml:6:69: programming.coefficients.0: found \"1\"; expected a conductance such as "
            "\"25 uS\"; add a unit");
  EXPECT_EQ(device_error(start + "[1 uS], valid: {from: 2 uS, to: 2 uS}}\n"),
            "d.yaml:6:90: programming.valid.from: found 2 uS, not below to (2 uS)");
}

TEST(DeviceErrors, OfTime) {
  const std::string drift =
      "drift: {kind: relaxation, reference_time: 20 s, shift: 0 uS, spread: 0 uS, slope: 0 uS, "
      "source: s}\n";
  EXPECT_EQ(device_error(drift), "d.yaml:1:1: time: missing; expected a time such as \"100 ns\"");
  EXPECT_EQ(device_error(drift + "time: 19.9 s\n"),
            "d.yaml:7:7: time: found \"19.9 s\"; expected a time from 20 s to 10 Gs");
  EXPECT_EQ(device_error(drift + "time: 20 s\n"), "nothing thrown");
  EXPECT_EQ(device_error("time: 20 s\n"),
            "d.yaml:6:7: time: given where neither drift nor 1/f noise depends on it; remove it");
  EXPECT_EQ(device_error("read_noise: {kind: one_over_f, of: 1 uS, relative: [{log: 0}], window: "
                         "1 s, source: s}\ntime: 0.9 s\n"),
            "d.yaml:7:7: time: found \"0.9 s\"; expected a time from 1 s to 10 Gs");
}

TEST(DeviceErrors, OfStuckCellsWiresAndAdcs) {
  EXPECT_EQ(device_error("stuck: {lowest: 0.5, highest: 0.5, source: s}\n"), "nothing thrown");
  EXPECT_EQ(device_error("stuck: {lowest: 0.5, highest: 0.51, source: s}\n"),
            "d.yaml:6:31: stuck.highest: found 0.51 beside lowest: 0.5; expected shares that add "
            "up to 1 at most");
  EXPECT_EQ(device_error("stuck: {lowest: 1.5, highest: 0, source: s}\n"),
            "d.yaml:6:17: stuck.lowest: found \"1.5\"; expected a number from 0 to 1");
  EXPECT_EQ(device_error("wires: {row: 1 Ohm, source: s}\n"),
            "d.yaml:6:8: wires.column: missing; expected a resistance such as \"100 kOhm\"");
  EXPECT_EQ(device_error("wires: {row: -1 Ohm, column: 0 Ohm, source: s}\n"),
            "d.yaml:6:14: wires.row: found \"-1 Ohm\"; expected a resistance from 0 Ohm to 1 MOhm");
  EXPECT_EQ(device_error("adc: {noise: -1, source: s}\n"),
            "d.yaml:6:14: adc.noise: found \"-1\"; expected a number from 0 to 65536");
}

TEST(DeviceErrors, AnEmptyFileLacksEverything) {
  EXPECT_EQ(input_error([] { (void)read_device(ConfigDocument::parse("{}", "d.yaml"), "d.yaml"); }),
            "d.yaml:1:1: schema: missing; expected \"pimento/device/1\"\n"
            "d.yaml:1:1: name: missing; expected text (\"\" for an empty one)\n"
            "d.yaml:1:1: source: missing; expected text (\"\" for an empty one)\n"
            "d.yaml:1:1: conductance: missing; expected a mapping of keys to values\n"
            "d.yaml:1:1: reference_column: missing; expected true or false");
}

}  // namespace
}  // namespace pimento::arch
