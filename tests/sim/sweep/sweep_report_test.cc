// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_report.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/sim/sweep/support.h"

namespace pimento::sim {
namespace {

using testing::HasSubstr;
using testing::Not;

SweepSpec spec_of(const std::string& text) {
  return read_sweep(ConfigDocument::parse(
                        "schema: pimento/sweep/1\nname: s\nnetwork: n\nchip: c\n" + text, "s.yaml"),
                    "s.yaml");
}

class Report : public testing::Test {
 protected:
  Report() {
    results_[0].figures = some_figures(2.0);
    results_[1].figures = some_figures(1.0);
    results_[1].figures->notes = {"a, b"};
    results_[2].error = "does not fit:\n\"x\"";
    results_[3].figures = some_figures(1.0);
  }
  SweepSpec spec_ = spec_of(
      "description: text\nset: {z: 1.5 pJ}\n"
      "axes:\n  policy: [p, q]\n  macro.rows: [64, 128]\n");
  std::vector<PointResult> results_ = std::vector<PointResult>(4);
};

TEST_F(Report, CsvHoldsEveryPoint) {
  EXPECT_EQ(SweepReport(spec_, results_).csv(),
            "policy,macro.rows,energy_j,latency_s,area_mm2,crossbars,adc_conversions,"
            "cell_utilization,tops_per_w,edp,pareto,notes,error\n"
            "p,64,0.002,0.004,6,40,5000,0.5,6,8e-06,no,,\n"
            "p,128,0.001,0.002,3,40,5000,0.5,6,2e-06,yes,\"a, b\",\n"
            "q,64,,,,,,,,,,,\"does not fit:\n\"\"x\"\"\"\n"
            "q,128,0.001,0.002,3,40,5000,0.5,6,2e-06,yes,,\n");
}

TEST_F(Report, JsonHoldsEveryPointAndItsSetting) {
  const auto json = nlohmann::json::parse(SweepReport(spec_, results_).json("1.2.3"));
  EXPECT_EQ(json["schema"], "pimento/sweep_report/1");
  EXPECT_EQ(json["program_version"], "1.2.3");
  EXPECT_EQ(json["name"], "s");
  EXPECT_EQ(json["description"], "text");
  EXPECT_EQ(json["fixed"], (nlohmann::json{{"network", "n"}, {"chip", "c"}}));
  EXPECT_EQ(json["set"], (nlohmann::json{{"z", "1.5 pJ"}}));
  EXPECT_EQ(json["axes"][1]["paths"][0], "macro.rows");
  EXPECT_EQ(json["axes"][1]["values"][1][0], 128);
  ASSERT_EQ(json["points"].size(), 4u);
  EXPECT_EQ(json["points"][1]["point"], (nlohmann::json{{"policy", "p"}, {"macro.rows", 128}}));
  EXPECT_EQ(json["points"][1]["energy_j"], 0.001);
  EXPECT_EQ(json["points"][1]["pareto"], true);
  EXPECT_EQ(json["points"][0]["pareto"], false);
  EXPECT_EQ(json["points"][1]["notes"][0], "a, b");
  EXPECT_EQ(json["points"][2]["error"], "does not fit:\n\"x\"");
  EXPECT_FALSE(json["points"][2].contains("energy_j"));
}

TEST_F(Report, TextMarksWhatIsOptimalAndNamesWhatFailed) {
  // clang-format off
  EXPECT_EQ(SweepReport(spec_, results_).text({}), R"(sweep s
  text
  network: n
  chip: c
  z = 1.5 pJ

  policy  macro.rows  energy  latency      area  crossbars  conversions  cells used  TOPS/W        EDP  Pareto
  ------  ----------  ------  -------  --------  ---------  -----------  ----------  ------  ---------  ------
       p          64    2 mJ     4 ms  6.00 mm2         40        5,000      50.0 %       6  8e-06 J s
       p         128    1 mJ     2 ms  3.00 mm2         40        5,000      50.0 %       6  2e-06 J s       *
       q          64  failed
       q         128    1 mJ     2 ms  3.00 mm2         40        5,000      50.0 %       6  2e-06 J s       *

  * Pareto-optimal in energy, latency and area: 2 of 4 points
  note on 1 of 4 points, for example: a, b
  failed: policy=q macro.rows=64: does not fit:
    "x"
)");
  // clang-format on
}

TEST(SweepReport, OnlyTheSameWorkCompetes) {
  const std::string head = "schema: pimento/sweep/1\nname: s\nchip: c\npolicy: p\naxes:\n";
  const SweepSpec spec = read_sweep(
      ConfigDocument::parse(head + "  network: [n, m]\n  images: [1, 2]\n  a: [1, 2]\n", "s.yaml"),
      "s.yaml");
  std::vector<PointResult> results(8);
  for (std::size_t i = 0; i < 8; ++i) results[i].figures = some_figures(double(i + 1));
  const SweepReport report(spec, results);
  const auto json = nlohmann::json::parse(report.json("1"));
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(json["points"][i]["pareto"], i % 2 == 0) << i;
  EXPECT_THAT(report.text({}),
              HasSubstr("* Pareto-optimal in energy, latency and area among points "
                        "of its network and images: 4 of 8 points\n"));
}

TEST(SweepReport, LongSweepsListTheOptimalPointsOnly) {
  std::string values = "0";
  for (int i = 1; i <= 1000; ++i) values += ", " + std::to_string(i);
  const SweepSpec spec = spec_of("policy: p\naxes: {a: [" + values + "]}\n");
  std::vector<PointResult> results(1001);
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].figures = some_figures(2000.0 - double(i));
  }
  const std::string text = SweepReport(spec, results).text({});
  EXPECT_THAT(text, HasSubstr("\n  1000  "));
  EXPECT_THAT(text, Not(HasSubstr("\n   999  ")));
  EXPECT_THAT(text, HasSubstr("1 of 1001 points; only these are listed, sweep.csv holds all\n"));
}

TEST(SweepReport, ManyFailuresAndNotesAreCounted) {
  const SweepSpec spec =
      spec_of("policy: p\naxes: {a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], b: [x, y]}\n");
  std::vector<PointResult> results(24);
  for (std::size_t i = 0; i < 12; ++i) {
    results[2 * i].error = "wrong";
    results[2 * i + 1].figures = some_figures(1.0);
    const std::string own = "kind " + std::string(1, char('a' + i));
    results[2 * i + 1].figures->notes = {std::to_string(i) + " layers", "9 layers", own};
  }
  const std::string text = SweepReport(spec, results).text({});
  EXPECT_THAT(text, HasSubstr("  note on 12 of 24 points, for example: 0 layers\n"
                              "  note on 1 of 24 points, for example: kind a\n"));
  EXPECT_THAT(text, HasSubstr("kind i\n  3 more kinds of notes, see the column \"notes\" of "
                              "sweep.csv\n"));
  EXPECT_THAT(text, HasSubstr("  failed: a=9 b=x: wrong\n  failed: 2 more, see the column "
                              "\"error\" of sweep.csv\n"));
}

}  // namespace
}  // namespace pimento::sim
