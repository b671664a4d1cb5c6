// SPDX-License-Identifier: Apache-2.0
#include "sim/report/run_writers.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/sim/report/example_report.h"

namespace pimento::sim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(RunText, IsExact) {
  EXPECT_EQ(run_text(example_report(), {}), R"(network      tiny (tiny.yaml)
chip         toy (toy.yaml), 1 tile
policy       mixed (mixed.yaml)
strategy     dense
MACs         counted by the rule standard
weights      synthetic gaussian, seed 1
activations  none
level        counts: actions, crossbars, area and energy are exact for this mapping and these prices; latency is that of the simulated timeline
set          macro.rows=64
program      pimento 0.1.0
images       1

Totals
  energy            2.051 nJ, of which static 1 pJ
  latency           1 us
  power             2.051 mW
  area              0.005 mm2
  rate              0.01 TOPS, 4.876 TOPS/W, 2 TOPS/mm2 (1 MAC = 2 operations)
  energy x delay    2.05100e-15 J s
  MACs an image     5,000
  weights           300, 1,600 bits
  crossbars         3; 37.5 % of those of the cores in use, 25.0 % of the chip's
  cells used        75.0 % (all used / all in those crossbars); 50.0 % (mean of the layers)
  ADC conversions   1,000
  simulated events  42

Layers
  layer  kind      W bits  A bits   MACs  weights  crossbars  cells used  ADC conversions  energy   share   start  finish   bound
  -----  --------  ------  ------  -----  -------  ---------  ----------  ---------------  ------  ------  ------  ------  ------
  conv1  conv           8       4  4,000      100          3      75.0 %            1,000  1.5 nJ  73.2 %     0 s  500 ns  400 ns
  pool   max_pool       -       -      -        -          -           -                -   50 pJ   2.4 %  250 ns  750 ns       -
  fc     linear        4*       8  1,000      200          3      75.0 %            1,000  500 pJ  24.4 %     0 s  500 ns  400 ns
  energy and share: without static energy; bound: the layer's slowest core when nothing stalls
  *: the policy's default

Components: energy = actions x price; static: instances x price
  component             instances  actions   price    energy   share       area
  --------------------  ---------  -------  ------  --------  ------  ---------
  macro.adc                     8    1,000    2 pJ      2 nJ  97.5 %  0.004 mm2
  tile.buffer:read_bit       0.25      500  100 fJ     50 pJ   2.4 %  0.001 mm2
  tile.buffer:static                     -    4 pJ      1 pJ   0.0 %
  macro.dac                   128        -       -       0 J   0.0 %      0 um2
  --------------------  ---------  -------  ------  --------  ------  ---------
  total                                             2.051 nJ          0.005 mm2

Size of the weights
  counting rule  parameters   bits     MiB  against 32 bits
  -------------  ----------  -----  ------  ---------------
  standard              300  1,600  0.0002           6.000x

Notes
  - not priced: 7 x bit (the chip has no tile.router)
)");
}

TEST(RunText, MarksNoDefaultsWhereAllLayersHaveThem) {
  RunReport report = example_report();
  for (LayerReport& layer : report.layers) layer.default_precision = true;
  EXPECT_THAT(run_text(report, {}), Not(HasSubstr("the policy's default")));
}

TEST(RunText, EscapesNamesOfStrangers) {
  RunReport report = example_report();
  report.layers[0].name = "conv\x1b[31m1";
  EXPECT_THAT(run_text(report, {}), Not(HasSubstr("\x1b")));
}

TEST(RunText, SaysWhatTheChipDoesNotGive) {
  RunReport report = example_report();
  report.totals.area = Area{};
  report.totals.latency = Time{};
  const std::string text = run_text(report, {});
  EXPECT_THAT(text, HasSubstr("  area              not given by the chip\n"));
  EXPECT_THAT(text, HasSubstr("  rate              unknown: the run takes no time\n"));
}

TEST(RunJson, ReadsBack) {
  const RunReport report = example_report();
  const json read = json::parse(run_json(report));
  EXPECT_EQ(read["network"], "tiny");
  EXPECT_EQ(read["provenance"]["overrides"], json({"macro.rows=64"}));
  const json& totals = read["totals"];
  EXPECT_EQ(totals["macs"], 5000);
  EXPECT_EQ(totals["energy_j"].get<double>(), report.totals.energy.value());
  EXPECT_EQ(totals["tops"].get<double>(), report.totals.tops());
  EXPECT_EQ(totals["static_energy_j"].get<double>(), 1e-12);
  EXPECT_EQ(totals["cell_utilization_layer_mean"], 0.5);
  EXPECT_EQ(totals["chip_utilization"], 0.25);
  EXPECT_EQ(totals["tiles"], 1);
  ASSERT_EQ(read["layers"].size(), 3U);
  EXPECT_EQ(read["layers"][0]["weight_bits"], 800);
  EXPECT_EQ(read["layers"][0]["weight_bits_per_weight"], 8);
  EXPECT_EQ(read["layers"][1]["weights"], 0);
  EXPECT_EQ(read["layers"][2]["default_precision"], true);
  EXPECT_EQ(read["sizes"][0]["compression"], 6.0);
  EXPECT_EQ(read["notes"].size(), 1U);
}

TEST(RunJson, EnergiesReAddToTheLastBit) {
  const json read = json::parse(run_json(example_report()));
  double sum = 0.0;
  for (const json& item : read["components"]) {
    const double energy = item["energy_j"].get<double>();
    EXPECT_EQ(item["count"].get<double>() * item["price"].get<double>(), energy) << item["name"];
    sum += energy;
  }
  EXPECT_EQ(sum, read["totals"]["energy_j"].get<double>());
}

TEST(RunJson, CountsOfActionsAreWholeNumbers) {
  const json read = json::parse(run_json(example_report()));
  EXPECT_TRUE(read["components"][0]["count"].is_number_integer());
  EXPECT_TRUE(read["components"][2]["count"].is_number_float());
}

TEST(RunJson, WhatHasNoDivisorIsNull) {
  RunReport report = example_report();
  report.totals.area = Area{};
  json read = json::parse(run_json(report));
  EXPECT_TRUE(read["totals"]["tops_per_mm2"].is_null());
  EXPECT_TRUE(read["totals"]["tops"].is_number());
  report.totals.latency = Time{};
  read = json::parse(run_json(report));
  for (const char* key : {"tops", "power_w", "tops_per_w"}) {
    EXPECT_TRUE(read["totals"][key].is_null()) << key;
  }
}

TEST(RunJson, ReplacesBytesThatAreNoText) {
  RunReport report = example_report();
  report.layers[0].name = "conv\xFF";
  EXPECT_EQ(json::parse(run_json(report))["layers"][0]["name"], "conv\xEF\xBF\xBD");
}

TEST(RunCsv, HasARowALayerAndOneOfTotals) {
  EXPECT_EQ(
      run_csv(example_report()),
      "layer,kind,weight_bits_per_weight,activation_bits,macs,weights,weight_bits,crossbars,"
      "adc_conversions,cell_utilization,macro_utilization,energy_j,latency_s,area_mm2,start_s,"
      "finish_s,bound_s\n"
      "conv1,conv,8,4,4000,100,800,3,1000,0.75,0.375,1.5e-09,1e-06,0.005,0,5e-07,4e-07\n"
      "pool,max_pool,0,0,0,0,0,0,0,0,0,5e-11,5e-07,0,2.5e-07,7.5e-07,0\n"
      "fc,linear,4,8,1000,200,800,3,1000,0.75,0.375,5e-10,1e-06,0.005,0,5e-07,4e-07\n"
      "tiny,total,,,5000,300,1600,3,1000,0.75,0.375,2.051e-09,1e-06,0.005,0,1e-06,\n");
}

TEST(CheckFinite, NamesTheComponentThatLeavesTheRange) {
  RunReport report = example_report();
  EXPECT_NO_THROW(check_finite(report));
  report.bill.items[0].energy = from_si<Energy>(std::numeric_limits<double>::infinity());
  try {
    check_finite(report);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "toy.yaml: the figures of macro.adc leave the range of numbers; check the "
                 "energies, powers, areas and times of this chip");
  }
}

TEST(CheckFinite, LooksAtDerivedFiguresToo) {
  RunReport report = example_report();
  report.totals.latency = from_si<Time>(1e-320);  // power overflows
  EXPECT_THROW(check_finite(report), InputError);
}

}  // namespace
}  // namespace pimento::sim
