// SPDX-License-Identifier: Apache-2.0
#include "sim/report/writes_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/json.h"
#include "sim/report/run_writers.h"
#include "tests/sim/report/example_report.h"

namespace pimento::sim {
namespace {

using testing::HasSubstr;
using testing::Not;

WritesReport example() {
  WritesReport report;
  report.rounds = 3;
  report.cells_set = 1500;
  report.cells_reset = 1000;
  report.cells_taken = 10000;
  report.energy = from_si<Energy>(2e-9);
  report.time = from_si<Time>(1e-6);
  report.share_of_run = 0.125;
  report.most_writes_of_a_cell = 4;
  report.endurance = 1e6;
  report.run = from_si<Time>(8e-6);
  return report;
}

// 250,000 runs of 8 us.
TEST(WritesReport, LifetimeIsThatOfTheCellWrittenMost) {
  WritesReport report = example();
  EXPECT_DOUBLE_EQ(report.years().value_or(0.0), 2.0 / (365.25 * 24 * 3600));
  report.most_writes_of_a_cell = 0;
  EXPECT_EQ(report.years(), std::nullopt);
  report.most_writes_of_a_cell = 4;
  report.endurance.reset();
  EXPECT_EQ(report.years(), std::nullopt);
}

TEST(WritesReport, TextIsExact) {
  EXPECT_EQ(writes_text(example(), {}), R"(
Writes: the arrays are written anew in each round
  rounds           3
  cells written    2,500: 1,500 set, 1,000 reset
  of those in use  25.0 % of 10,000; the others hold what they should
  energy           2 nJ
  time             1 us, 12.5 % of the run
  most written     a cell 4 times a run
  lifetime         6.338e-08 years back to back, until a cell is written 1e+06 times
)");
}

TEST(WritesReport, HiddenTimeIsToldApart) {
  WritesReport report = example();
  report.hidden_time = from_si<Time>(3e-6);
  EXPECT_THAT(
      writes_text(report, {}),
      HasSubstr("  time             1 us, 12.5 % of the run, in which nothing else is done; "
                "3 us more are hidden behind work\n"));
  EXPECT_DOUBLE_EQ(to_json(report)["time_s"], 1e-6);
  EXPECT_DOUBLE_EQ(to_json(report)["hidden_time_s"], 3e-6);
}

TEST(WritesReport, WhatTheChipDoesNotGiveIsSaid) {
  WritesReport report = example();
  report.energy.reset();
  report.time.reset();
  report.endurance.reset();
  const std::string text = writes_text(report, {});
  EXPECT_THAT(text, HasSubstr("not known: the array has no set_energy or no reset_energy\n"));
  EXPECT_THAT(text, HasSubstr("none: the macro has no write_time\n"));
  EXPECT_THAT(text, HasSubstr("not known: the array has no endurance\n"));
  const Json json = to_json(report);
  EXPECT_TRUE(json["energy_j"].is_null());
  EXPECT_TRUE(json["time_s"].is_null());
  EXPECT_TRUE(json["hidden_time_s"].is_null());
  EXPECT_TRUE(json["years_to_endurance"].is_null());
}

TEST(WritesReport, JsonHoldsItsFigures) {
  const Json json = to_json(example());
  EXPECT_EQ(json["rounds"], 3);
  EXPECT_EQ(json["cells_set"], 1500);
  EXPECT_EQ(json["cells_reset"], 1000);
  EXPECT_EQ(json["cells_taken"], 10000);
  EXPECT_DOUBLE_EQ(json["energy_j"], 2e-9);
  EXPECT_DOUBLE_EQ(json["time_s"], 1e-6);
  EXPECT_DOUBLE_EQ(json["share_of_run"], 0.125);
  EXPECT_DOUBLE_EQ(json["hidden_time_s"], 0.0);
}

TEST(WritesReport, IsPartOfARunOfSeveralRoundsOnly) {
  RunReport report = example_report();
  EXPECT_THAT(run_text(report, {}), Not(HasSubstr("Writes:")));
  EXPECT_THAT(run_json(report), Not(HasSubstr("\"writes\"")));
  report.writes = example();
  EXPECT_THAT(run_text(report, {}), HasSubstr(writes_text(example(), {})));
  EXPECT_THAT(run_json(report), HasSubstr("\"writes\": {\n    \"rounds\": 3,"));
}

}  // namespace
}  // namespace pimento::sim
