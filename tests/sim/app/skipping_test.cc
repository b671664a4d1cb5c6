// SPDX-License-Identifier: Apache-2.0
// Chips that pass over inputs of zero, from outside.
#include <cstdlib>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/app/support.h"
#include "workloads/archive/npz.h"
#include "workloads/graph/array.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string kChip =
    " --chip isaac_ce --set macro.cell_bits=1 --set macro.operation_unit.rows=8";
const std::string kForms = kChip + " --set macro.encoding=differential --strategy forms";
const std::string kSre =
    " --chip isaac_ce --set macro.cell_bits=1 --set macro.encoding=sign_magnitude --strategy sre "
    "--set macro.operation_unit.rows=9 --set macro.operation_unit.columns=8";

std::string rule(const std::string& name) {
  return " --set macro.zero_skipping=" + name;
}

class Skipping : public testing::Test {
 protected:
  // Caches of the networks that travel with the program go to a folder of this test.
  void SetUp() override { ::setenv("XDG_CACHE_HOME", cache_.path("cache").c_str(), 1); }

  static json report_of(const std::string& arguments) {
    const ProgramRun run = run_program("run " + arguments + " --json");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.exit_code == 0 ? json::parse(run.out) : json();
  }
  [[nodiscard]] std::string path(const std::string& name) const { return cache_.path(name); }

 private:
  Scratch cache_;
};

std::int64_t count_of(const json& report, const std::string& component, const std::string& action) {
  for (const json& item : report["components"]) {
    if (item["component"] == component && item["action"] == action) return item["count"];
  }
  return 0;
}

// What is left is what is priced, and the bits that were looked at are priced as reads of
// registers.
TEST_F(Skipping, TheBillIsOfTheReadsThatAreLeft) {
  for (const std::string& settings :
       {kForms + rule("leading_bits"), kForms + rule("slices"), kSre + rule("rows")}) {
    SCOPED_TRACE(settings);
    const json report = report_of("digits_cnn_bsq --activity" + settings);
    const json& skipping = report["skipping"];
    EXPECT_EQ(skipping["images"], 1);
    EXPECT_EQ(skipping["basis"], "values of 1 image, real");
    EXPECT_LT(skipping["reads"], skipping["reads_possible"]);
    EXPECT_GT(skipping["reads"], 0);
    EXPECT_EQ(report["totals"]["adc_conversions"], skipping["conversions"]);
    EXPECT_EQ(count_of(report, "macro.adc", "adc_conversion"), skipping["conversions"]);
    EXPECT_EQ(count_of(report, "macro.dac", "row_drive"), skipping["row_drives"]);
    EXPECT_EQ(count_of(report, "core.input_register", "read_bit"), skipping["row_drives"]);
    EXPECT_EQ(count_of(report, "core.input_register", "test_bit"), skipping["tested_bits"]);
    EXPECT_GT(skipping["tested_bits"], 0);
    EXPECT_EQ(report["provenance"]["level"], "activity");
    EXPECT_EQ(report["provenance"]["activations"],
              "1 images of embedded:configs/networks/digits_cnn_bsq.npz");
    for (const char* key :
         {"reads", "reads_possible", "row_drives", "conversions", "tested_bits"}) {
      std::int64_t sum = 0;
      for (const json& layer : skipping["layers"]) sum += layer[key].get<std::int64_t>();
      EXPECT_EQ(skipping[key], sum) << key;
    }
  }
}

// Rows are driven where their input slice is not zero, which counts of single rows know as well.
TEST_F(Skipping, RowsThatAreDrivenAreThoseOfTheActivity) {
  for (const std::string& settings : {kForms, kSre}) {
    const json report = report_of("digits_cnn_bwq --activity" + settings + rule("rows"));
    EXPECT_EQ(report["skipping"]["row_drives"], report["activity"]["driven_rows"]);
    EXPECT_EQ(report["skipping"]["row_drives_possible"], report["activity"]["row_drives"]);
  }
}

TEST_F(Skipping, SavesEnergyAndTime) {
  const json plain = report_of("digits_cnn_bsq" + kSre);
  const json skipped = report_of("digits_cnn_bsq --activity" + kSre + rule("rows"));
  EXPECT_LT(skipped["totals"]["energy_j"], plain["totals"]["energy_j"]);
  EXPECT_LT(skipped["totals"]["latency_s"], plain["totals"]["latency_s"]);
  EXPECT_EQ(skipped["skipping"]["conversions_possible"], plain["totals"]["adc_conversions"]);
  EXPECT_FALSE(plain.contains("skipping"));
}

// With lossless ADCs the arrays make the integers' values, so both ways count the same.
TEST_F(Skipping, ExactRunsCountTheSame) {
  json executed = report_of("digits_cnn_bsq --exact --images 2" + kForms + rule("leading_bits"));
  json counted = report_of("digits_cnn_bsq --activity --images 2" + kForms + rule("leading_bits"));
  EXPECT_TRUE(executed["exact"]["equals_reference"]);
  EXPECT_EQ(executed["skipping"]["values"], "arrays");
  EXPECT_EQ(counted["skipping"]["values"], "integers");
  for (json* report : {&executed, &counted}) (*report)["skipping"].erase("values");
  EXPECT_EQ(executed["skipping"], counted["skipping"]);
  EXPECT_EQ(executed["totals"], counted["totals"]);
  EXPECT_EQ(executed["components"], counted["components"]);
  EXPECT_THAT(executed["notes"].dump(),
              HasSubstr("macro.zero_skipping: values are executed with nothing passed over"));
}

// The mean of the images, rounded up for each core: less than one a core and image too much.
TEST_F(Skipping, SeveralImagesAreRunByTheirMean) {
  const json report = report_of("digits_cnn_bsq --activity --images 3" + kForms + rule("slices"));
  const std::int64_t conversions = report["totals"]["adc_conversions"];
  const std::int64_t counted = report["skipping"]["conversions"];
  EXPECT_EQ(conversions % 3, 0);
  EXPECT_GE(conversions, counted);
  EXPECT_LT(conversions, counted + 3 * 20);
  EXPECT_THAT(report["notes"].dump(),
              HasSubstr("macro.zero_skipping: every image is run with the mean of the 3 images' "
                        "reads, rounded up for each core"));
  const json single = report_of("digits_cnn_bsq --activity" + kForms + rule("slices"));
  EXPECT_THAT(single["notes"].dump(), Not(HasSubstr("the mean of")));
}

TEST_F(Skipping, WithoutValuesNothingIsSkippedAndTheReportSaysSo) {
  json skipping = report_of("digits_cnn_bsq" + kForms + rule("leading_bits"));
  EXPECT_THAT(skipping["notes"].dump(),
              HasSubstr("macro.zero_skipping: leading_bits, but no values were looked at, and "
                        "nothing is passed over; --exact and --activity go by the values"));
  const json plain = report_of("digits_cnn_bsq" + kForms);
  EXPECT_EQ(skipping["totals"], plain["totals"]);
  EXPECT_EQ(skipping["components"], plain["components"]);
  EXPECT_FALSE(skipping.contains("skipping"));
}

TEST_F(Skipping, NoneIsAsIfItWereNotThere) {
  json none = report_of("digits_cnn_bsq --activity" + kForms + rule("none"));
  json plain = report_of("digits_cnn_bsq --activity" + kForms);
  for (json* report : {&none, &plain}) (*report)["provenance"].erase("overrides");
  EXPECT_EQ(none, plain);
}

// The first layer reads zeros alone; the others what its bias makes of them.
TEST_F(Skipping, InputsOfZeroAreNotRead) {
  const std::string inputs = path("zeros.npz");
  workloads::Array images = workloads::make_array(workloads::ElementType::kFloat32, {2, 1, 8, 8});
  workloads::write_npz(inputs, {{"images", workloads::encode(images)}});
  const json report =
      report_of("digits_cnn_bsq --activity --inputs " + inputs + kSre + rule("rows"));
  EXPECT_EQ(report["skipping"]["layers"][0]["reads"], 0);
  EXPECT_GT(report["skipping"]["layers"][0]["reads_possible"], 0);
  EXPECT_GT(report["skipping"]["layers"][0]["tested_bits"], 0);
}

// Prices by values know zeros already: what is passed over costs nothing in the array either way.
TEST_F(Skipping, ArraysPricedByValuesCostTheSame) {
  const std::string resistive =
      " --set 'macro.components.array={kind: resistive_array, on_resistance: 10 kOhm, "
      "off_resistance: 1 MOhm, read_voltage: 0.2 V, pulse: 10 ns, rate: 10 MHz, input_density: "
      "0.5, stored_density: 0.5, source: test}'";
  const json plain = report_of("digits_cnn_bsq --activity --images 2" + kForms + resistive);
  const json skipped =
      report_of("digits_cnn_bsq --activity --images 2" + kForms + resistive + rule("slices"));
  for (const char* action : {"level_read", "drive_read"}) {
    EXPECT_GT(count_of(plain, "macro.array", action), 0);
    EXPECT_EQ(count_of(plain, "macro.array", action), count_of(skipped, "macro.array", action));
  }
  EXPECT_LT(skipped["totals"]["adc_conversions"], plain["totals"]["adc_conversions"]);
  EXPECT_THAT(skipped["notes"].dump(),
              HasSubstr("cell reads and row drives of the activity are those with nothing passed "
                        "over"));
}

TEST_F(Skipping, IsShownByLayer) {
  const ProgramRun run = run_program("run digits_cnn_bsq --activity" + kSre + rule("rows"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out,
              HasSubstr("\nZero inputs: what is left where reads of them are passed over\n"));
  EXPECT_THAT(run.out, HasSubstr("reads kept"));
}

TEST_F(Skipping, ChipsShowTheirRule) {
  EXPECT_THAT(run_program("chip isaac_ce" + rule("rows")).out,
              HasSubstr("skipped by the rule rows"));
  EXPECT_THAT(run_program("chip isaac_ce" + rule("rows")).out, HasSubstr("test_bit"));
  EXPECT_THAT(run_program("chip isaac_ce").out, Not(HasSubstr("skipped")));
  EXPECT_THAT(run_program("chip isaac_ce").out, Not(HasSubstr("test_bit")));
}

TEST_F(Skipping, SweepsGoByTheValues) {
  const Scratch scratch;
  const std::string sweep =
      scratch.write("s.yaml",
                    "schema: pimento/sweep/1\nname: s\nnetwork: digits_cnn_bsq\nchip: "
                    "isaac_ce\npolicy: as_stored\n"
                    "strategy: dense\nactivity: true\naxes: {macro.zero_skipping: [none, "
                    "leading_bits, slices]}\n");
  const ProgramRun run =
      run_program("sweep " + sweep + " --jobs 1 --json --out " + scratch.path("out"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json points = json::parse(run.out)["points"];
  EXPECT_GT(points[0]["energy_j"], points[1]["energy_j"]);
  EXPECT_GE(points[1]["energy_j"], points[2]["energy_j"]);
  const json single = report_of("digits_cnn_bsq --activity" + rule("slices"));
  EXPECT_EQ(points[2]["energy_j"], single["totals"]["energy_j"]);
}

// The mapper takes the network's inputs to be positive; images that are not would take two phases.
TEST_F(Skipping, PhasesAreThoseOfTheProgram) {
  const std::string inputs = path("negative.npz");
  workloads::Array images = workloads::make_array(workloads::ElementType::kFloat32, {1, 1, 8, 8});
  images.reals[3] = -1.0;
  workloads::write_npz(inputs, {{"images", workloads::encode(images)}});
  const ProgramRun run = run_program(
      "run digits_cnn --exact --chip isaac_ce --policy uniform8 --set "
      "macro.signed_inputs=two_phase --inputs " +
      inputs + rule("slices"));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err,
              HasSubstr("some of its inputs are negative, and are driven in two phases; the "
                        "program was made for inputs that are not; choose another "
                        "macro.signed_inputs, or images without negative values"));
}

}  // namespace
}  // namespace pimento::app
