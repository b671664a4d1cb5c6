// SPDX-License-Identifier: Apache-2.0
#include "sim/report/comparison.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/report/example_report.h"

namespace pimento::sim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Comparison example() {
  RunReport report = example_report();
  Comparison comparison{report.network, report.chip, report.provenance, 0, {}};
  comparison.provenance.policy_file.clear();
  comparison.rows.push_back(comparison_row(report));
  report.policy = "half";
  report.totals.energy = report.totals.energy * 0.5;
  report.totals.latency = report.totals.latency * 0.25;
  report.notes.push_back("only here");
  comparison.rows.push_back(comparison_row(report));
  return comparison;
}

TEST(ComparisonRow, AveragesBitsOverWeightsAndMacs) {
  const ComparisonRow row = comparison_row(example_report());
  EXPECT_DOUBLE_EQ(row.weight_bits, (100 * 8 + 200 * 4) / 300.0);
  EXPECT_DOUBLE_EQ(row.activation_bits, (4000 * 4 + 1000 * 8) / 5000.0);
}

TEST(ComparisonRow, SplitsAllOfTheEnergy) {
  const RunReport report = example_report();
  const ComparisonRow row = comparison_row(report);
  EXPECT_EQ(row.group_energy[std::size_t(ComponentGroup::kAdc)], report.bill.items[0].energy);
  EXPECT_EQ(row.group_energy[std::size_t(ComponentGroup::kMemory)],
            report.bill.items[1].energy + report.bill.items[2].energy);
  double sum = 0.0;
  for (const Energy& energy : row.group_energy) sum += energy.value();
  EXPECT_DOUBLE_EQ(sum, report.totals.energy.value());
}

TEST(ComponentGroups, TakeEveryRoleAndStandInOrder) {
  std::set<ComponentGroup> used;
  for (const arch::RoleInfo& role : arch::all_roles()) used.insert(group_of(role.role));
  EXPECT_EQ(used.size(), component_groups().size());
  for (std::size_t i = 0; i < component_groups().size(); ++i) {
    EXPECT_EQ(std::size_t(component_groups()[i].group), i);
  }
}

TEST(ComparisonText, IsExact) {
  EXPECT_EQ(comparison_text(example(), {}), R"(network      tiny (tiny.yaml)
chip         toy (toy.yaml)
baseline     mixed
strategy     dense
MACs         counted by the rule standard
weights      synthetic gaussian, seed 1
activations  none
level        counts: actions, crossbars, area and energy are exact for this mapping and these prices; latency is that of the simulated timeline
set          macro.rows=64
program      pimento 0.1.0

  policy  W bits  A bits     MiB  vs 32b     energy   ratio  latency   ratio       area  crossbars  ADC conversions  cells used  TOPS/W            EDP
  ------  ------  ------  ------  ------  ---------  ------  -------  ------  ---------  ---------  ---------------  ----------  ------  -------------
  mixed     5.33    4.80  0.0002  6.000x   2.051 nJ  1.000x     1 us  1.000x  0.005 mm2          3            1,000      75.0 %   4.876  2.051e-15 J s
  half      5.33    4.80  0.0002  6.000x  1.0255 nJ  0.500x   250 ns  0.250x  0.005 mm2          3            1,000      75.0 %   9.751  2.564e-16 J s
  W bits: mean over weights; A bits: mean over MACs; size under the rule "standard"; ratio: to mixed

Energy by component group
  policy   adc  memory  of which static
  ------  ----  ------  ---------------
  mixed   2 nJ   51 pJ             1 pJ
  half    2 nJ   51 pJ             1 pJ
  adc: macro.adc
  memory: registers, tile.buffer

Notes
  - not priced: 7 x bit (the chip has no tile.router)
  - half: only here
)");
}

TEST(ComparisonJson, HoldsRatiosToTheBaseline) {
  Comparison comparison = example();
  comparison.baseline = 1;
  const json read = json::parse(comparison_json(comparison));
  EXPECT_EQ(read["baseline"], "half");
  EXPECT_EQ(read["policies"][0]["energy_ratio"], 2.0);
  EXPECT_EQ(read["policies"][0]["latency_ratio"], 4.0);
  EXPECT_EQ(read["policies"][1]["energy_ratio"], 1.0);
  EXPECT_FALSE(read["provenance"].contains("policy_file"));
}

TEST(ComparisonJson, ARatioToNothingIsNull) {
  Comparison comparison = example();
  comparison.rows[0].totals.energy = Energy{};
  EXPECT_TRUE(json::parse(comparison_json(comparison))["policies"][1]["energy_ratio"].is_null());
}

TEST(ComparisonCsv, HasOneRowAPolicy) {
  const std::string csv = comparison_csv(example());
  EXPECT_THAT(csv, testing::StartsWith("policy,weight_bits_mean,activation_bits_mean,size_mib,"));
  EXPECT_THAT(csv, HasSubstr("\nhalf,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
}

TEST(Pack, ComesBackTheSame) {
  const RunReport report = example_report();
  ComparedRun run{report.network, report.chip, report.provenance, comparison_row(report)};
  run.row.totals.area = from_si<Area>(0.1 * 3e-6);
  const ComparedRun back = unpack(pack(run));
  EXPECT_EQ(back.row.totals.area, run.row.totals.area);
  EXPECT_EQ(pack(back), pack(run));
  EXPECT_EQ(back.provenance.policy_file, "mixed.yaml");
}

}  // namespace
}  // namespace pimento::sim
