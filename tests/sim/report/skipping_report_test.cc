// SPDX-License-Identifier: Apache-2.0
#include "sim/report/skipping_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/json.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {
namespace {

using testing::HasSubstr;

SkippingReport example() {
  SkippingReport report;
  report.rule = "leading_bits";
  report.images = 2;
  report.inputs = "file test.npz";
  report.basis = "values of 2 images, real";
  report.layers = {{"conv", {30, 100}, {270, 900}, {240, 800}, 900},
                   {"fc", {0, 20}, {0, 180}, {0, 160}, 180}};
  return report;
}

TEST(SkippingReport, LayersAddUp) {
  const SkippingLayer total = example().total();
  EXPECT_EQ(total.reads.kept, 30);
  EXPECT_EQ(total.reads.possible, 120);
  EXPECT_EQ(total.row_drives.kept, 270);
  EXPECT_EQ(total.row_drives.possible, 1080);
  EXPECT_EQ(total.conversions.kept, 240);
  EXPECT_EQ(total.conversions.possible, 960);
  EXPECT_EQ(total.tested_bits, 1080);
}

TEST(SkippingReport, AsJson) {
  const Json json = to_json(example());
  EXPECT_EQ(json["rule"], "leading_bits");
  EXPECT_EQ(json["images"], 2);
  EXPECT_EQ(json["inputs"], "file test.npz");
  EXPECT_EQ(json["basis"], "values of 2 images, real");
  EXPECT_EQ(json["values"], "integers");
  EXPECT_EQ(json["reads"], 30);
  EXPECT_EQ(json["reads_possible"], 120);
  EXPECT_EQ(json["layers"][0], (Json{{"name", "conv"},
                                     {"reads", 30},
                                     {"reads_possible", 100},
                                     {"row_drives", 270},
                                     {"row_drives_possible", 900},
                                     {"conversions", 240},
                                     {"conversions_possible", 800},
                                     {"tested_bits", 900}}));
}

TEST(SkippingReport, AsText) {
  const std::string text = skipping_text(example(), {});
  EXPECT_THAT(text, HasSubstr("Zero inputs: what is left where reads of them are passed over\n"));
  EXPECT_THAT(text, HasSubstr("leading_bits"));
  EXPECT_THAT(text, HasSubstr("2 of file test.npz; values of integers, without what ADCs change"));
  EXPECT_THAT(text, HasSubstr("30 of 120, 25.0 %"));
  EXPECT_THAT(text, HasSubstr("270 of 1,080, 25.0 %"));
  EXPECT_THAT(text, HasSubstr("30.0 %"));
  SkippingReport on_arrays = example();
  on_arrays.on_arrays = true;
  EXPECT_THAT(skipping_text(on_arrays, {}), HasSubstr("values as the arrays made them"));
}

}  // namespace
}  // namespace pimento::sim
