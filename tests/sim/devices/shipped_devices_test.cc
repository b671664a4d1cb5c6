// SPDX-License-Identifier: Apache-2.0
// The devices of configs/devices against the formulas they were published as.
#include <functional>
#include <map>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/devices/support.h"

namespace pimento::devices {
namespace {

// Deviations after programming in microsiemens, from the conductance in microsiemens.
const std::map<std::string, std::function<double(double)>>& published() {
  static const std::map<std::string, std::function<double(double)>> kFormulas = {
      {"ideal", [](double) { return 0.0; }},
      {"pcm_joshi2020", [](double g) { return -0.0017877 * g * g + 0.0758572 * g + 0.286386; }},
      {"rram_milo2021", [](double g) { return -0.009107 * g + 4.782321; }},
      {"rram_wan2022_cubic",
       [](double g) { return 1.536e-4 * g * g * g - 0.01167 * g * g + 0.2374 * g + 1.053; }},
      {"rram_wan2022_1s",
       [](double g) {
         const double x = g / 40;
         return 0.348 + x * (16.030 + x * (-43.853 + x * (45.393 - 16.815 * x)));
       }},
      {"rram_wan2022_1day",
       [](double g) {
         const double x = g / 40;
         return 0.701 + x * (22.086 + x * (-50.773 + x * (47.095 - 16.458 * x)));
       }},
      {"rram_wan2022_2days",
       [](double g) {
         const double x = g / 40;
         return 0.782 + x * (20.274 + x * (-43.507 + x * (37.062 - 11.934 * x)));
       }},
      {"pcm_nandakumar2019",
       [](double g) { return 0.26348 + 1.9650 * (g / 25) - 1.1731 * (g / 25) * (g / 25); }},
      {"pcm_hermes_2_devices",
       [](double g) {
         const double x = g / 20.7;
         return 0.16603 + 4.71806 * x - 8.48101 * x * x + 4.68961 * x * x * x;
       }},
      {"pcm_hermes_1_device",
       [](double g) {
         const double x = g / 10.35;
         return 0.15782 + 2.32444 * x - 2.16311 * x * x + 0.68842 * x * x * x;
       }},
      {"rram_cmo_hfox_2pct", [](double g) { return 0.01122 + 0.01129 * g; }},
      {"rram_cmo_hfox_0.2pct", [](double g) { return 0.00081 + 0.00107 * g; }},
      {"rram_forms2021",
       [](double g) {
         return g * std::exp(0.005) * std::sqrt(std::exp(0.01) - 1);  // of a lognormal number
       }},
      {"rram_mnsim", [](double g) { return 0.01 * g; }},
  };
  return kFormulas;
}

TEST(ShippedDevices, EachIsHeldAgainstAFormula) {
  std::vector<std::string> names;
  for (const auto& formula : published()) names.push_back(formula.first);
  EXPECT_THAT(embedded_names("devices"), testing::UnorderedElementsAreArray(names));
}

TEST(ShippedDevices, AreNamedAndSourced) {
  for (const std::string& name : embedded_names("devices")) {
    const arch::DeviceSpec device = shipped_device(name);
    EXPECT_EQ(device.name, name);
    EXPECT_FALSE(device.source.empty()) << name;
    EXPECT_FALSE(device.description.empty()) << name;
    EXPECT_FALSE(device.conductance.source.empty()) << name;
  }
}

// Five standard errors of a deviation; the table's own rounding of coefficients is far below.
TEST(ShippedDevices, VaryAsPublished) {
  constexpr std::size_t kCells = 100000;
  constexpr int kBits = 3;
  constexpr int kHighest = (1 << kBits) - 1;
  for (const auto& [name, formula] : published()) {
    arch::DeviceSpec device = shipped_device(name);
    device.drift = {};
    device.stuck = {};
    const CellModel model(device, kBits, 1);
    const double lowest = device.lowest.value() * 1e6;
    const double highest = device.highest.value() * 1e6;
    const double offset = device.reference_column ? lowest : 0.0;
    for (const int level : {0, 2, 4, 7}) {
      const double meant = lowest + (highest - lowest) * level / kHighest;
      const double deviation = formula(meant);
      if (deviation > 0.0 && meant < 5 * deviation) continue;  // cut off at 0: in cell_model_test
      const Moments found =
          moments_of(many_cells(model, static_cast<std::uint8_t>(level), kCells).levels);
      const double per_level = (highest - offset) / kHighest;
      const double standard_error = 1 / std::sqrt(2.0 * kCells);
      EXPECT_NEAR(found.deviation * per_level, deviation, 5 * standard_error * deviation)
          << name << " " << level;
      // A lognormal number's mean lies sigma^2 / 2 above its median.
      const double mean = name == "rram_forms2021" ? meant * std::exp(0.005) : meant;
      EXPECT_NEAR(found.mean * per_level + offset, mean,
                  5 * deviation / std::sqrt(double(kCells)) + 1e-5)
          << name << " " << level;
    }
  }
}

TEST(ShippedDevices, PcmDriftsAsPublished) {
  const arch::DriftSpec drift = shipped_device("pcm_nandakumar2019").drift;
  EXPECT_EQ(drift.reference_time.value(), 20.0);
  // The bounds are met at x = e^((0.0244 - nu) / 0.0155) and at x = e^(-(nu + 0.0059) / 0.0125).
  EXPECT_NEAR(drift.mean.at(0.0), 0.1, 1e-12);
  EXPECT_NEAR(drift.mean.at(0.05), 0.0244 - 0.0155 * std::log(0.05), 1e-12);
  EXPECT_NEAR(drift.mean.at(1.0), 0.049, 1e-12);
  EXPECT_NEAR(drift.deviation.at(0.0), 0.045, 1e-12);
  EXPECT_NEAR(drift.deviation.at(0.1), -0.0059 - 0.0125 * std::log(0.1), 1e-12);
  EXPECT_NEAR(drift.deviation.at(1.0), 0.008, 1e-12);
}

TEST(ShippedDevices, HermesDriftsAsPublished) {
  for (const char* name : {"pcm_hermes_1_device", "pcm_hermes_2_devices"}) {
    const arch::DriftSpec drift = shipped_device(name).drift;
    EXPECT_NEAR(drift.mean.at(0.001), 0.13, 1e-12);
    EXPECT_NEAR(drift.mean.at(0.05), -0.0387 * std::log(0.05) - 0.0182, 1e-12);
    EXPECT_NEAR(drift.mean.at(0.0944), -0.0387 * std::log(0.0944) - 0.0182, 1e-12);
    EXPECT_NEAR(drift.mean.at(0.0945), -0.0436 * 0.0945 * 0.0945 - 0.0126 * 0.0945 + 0.0736, 1e-12);
    EXPECT_NEAR(drift.mean.at(1.0), 0.0174, 1e-12);
  }
}

// After a day a cell of 25 uS is left with 25 uS (86400 / 20)^-nu, nu around 0.049.
TEST(ShippedDevices, PcmLosesAThirdInADay) {
  const CellModel model(shipped_device("pcm_nandakumar2019"), 1, 1);
  const Programmed cells = many_cells(model, 1, 100000);
  const double elapsed = std::log(86400.0 / 20);
  const double mean = std::exp(-0.049 * elapsed + 0.5 * 0.008 * 0.008 * elapsed * elapsed);
  EXPECT_NEAR(moments_of(cells.levels).mean, mean, 0.002);
  const double noise = 0.0088 * mean * std::sqrt(std::log(86400.0 / 500e-9));
  EXPECT_NEAR(std::sqrt(moments_of(cells.read_variances).mean), noise, 0.01 * noise);
}

}  // namespace
}  // namespace pimento::devices
