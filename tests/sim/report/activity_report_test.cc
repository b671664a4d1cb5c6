// SPDX-License-Identifier: Apache-2.0
#include "sim/report/activity_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/json.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {
namespace {

using testing::HasSubstr;

ActivityLayer layer_of(const std::string& name, std::int64_t reads, double energy,
                       double independent) {
  ActivityLayer layer;
  layer.name = name;
  layer.vectors = 4;
  layer.figures.cell_reads = 10 * reads;
  layer.figures.level_reads = reads;
  layer.figures.drive_reads = 2 * reads;
  layer.figures.row_drives = 8;
  layer.figures.driven_rows = 2;
  layer.figures.energy = from_si<Energy>(energy);
  layer.figures.independent_energy = from_si<Energy>(independent);
  return layer;
}

ActivityReport example() {
  ActivityReport report;
  report.images = 4;
  report.inputs = "test.npz";
  report.weights = "file m.onnx";
  report.basis = "values of 4 images, real";
  report.drive = "voltage";
  report.is_priced = true;
  report.layers = {layer_of("a", 100, 4e-12, 5e-12), layer_of("b", 50, 6e-12, 4e-12)};
  return report;
}

// 10 pJ by values, 9 pJ if independent.
TEST(ActivityReport, TotalsAreThoseOfTheLayers) {
  const ActivityFigures total = example().total();
  EXPECT_EQ(total.cell_reads, 1500);
  EXPECT_EQ(total.level_reads, 150);
  EXPECT_EQ(total.drive_reads, 300);
  EXPECT_EQ(total.driven_rows, 4);
  EXPECT_DOUBLE_EQ(total.energy.value(), 10e-12);
  ASSERT_TRUE(total.deviation_percent());
  EXPECT_NEAR(*total.deviation_percent(), -10.0, 1e-9);
}

TEST(ActivityReport, WhatIsNotKnownOfOneLayerIsNotKnownOfAll) {
  ActivityReport report = example();
  report.layers[1].figures.driven_rows.reset();
  EXPECT_FALSE(report.total().driven_rows);
  EXPECT_TRUE(to_json(report)["driven_rows"].is_null());
}

TEST(ActivityReport, JsonHoldsLayersAndTheirDeviation) {
  const Json json = to_json(example());
  EXPECT_EQ(json["level_reads"], 150);
  EXPECT_DOUBLE_EQ(json["energy_j"], 10e-12);
  EXPECT_EQ(json["layers"][0]["name"], "a");
  EXPECT_NEAR(json["layers"][0]["independent"]["deviation_percent"], 25.0, 1e-9);
}

TEST(ActivityReport, TextSaysWhatItStandsOn) {
  ActivityReport report = example();
  const std::string text = activity_text(report, {});
  EXPECT_THAT(text, HasSubstr("10 pJ by values of 4 images, real\n"));
  EXPECT_THAT(text, HasSubstr("9 pJ, off by -10.00 %"));
  EXPECT_THAT(text, HasSubstr("25.0 %"));  // of the row drives
  report.is_priced = false;
  EXPECT_THAT(activity_text(report, {}),
              HasSubstr("as counted: the array's prices do not depend on values\n"));
  EXPECT_TRUE(to_json(report)["energy_j"].is_null());
}

}  // namespace
}  // namespace pimento::sim
