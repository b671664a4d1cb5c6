// SPDX-License-Identifier: Apache-2.0
// `pimento run --exact` from outside.
#include <cmath>

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

json exact_of(const std::string& arguments) {
  const ProgramRun run = run_program("run " + arguments + " --exact --json");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  json exact = json::parse(run.out)["exact"];
  exact.erase("cpu_s_per_image");
  return exact;
}

TEST(RunExact, DigitsAreRecognizedOnLosslessArrays) {
  const json exact = exact_of("digits_cnn --chip reram_128x128_1b --images 30 --labels");
  EXPECT_EQ(exact["images"], 30);
  EXPECT_EQ(exact["inputs"], "embedded:configs/networks/digits_cnn.npz");
  EXPECT_EQ(exact["equals_reference"], true);
  EXPECT_EQ(exact["saturation_rate"], 0.0);
  EXPECT_EQ(exact["accuracy"], exact["reference_accuracy"]);
  EXPECT_GT(exact["accuracy"], 0.9);
  ASSERT_EQ(exact["layers"].size(), 5U);
  EXPECT_TRUE(exact["layers"][0]["sqnr_db"].is_null());
}

// The conversions of the values are those of the counts.
TEST(RunExact, ConvertsWhatTheProgramCounts) {
  for (const char* chip : {"isaac_ce", "reram_128x128_1b"}) {
    const ProgramRun run = run_program(std::string("run digits_cnn --exact --images 2 --json "
                                                   "--chip ") +
                                       chip);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json report = json::parse(run.out);
    EXPECT_EQ(report["exact"]["conversions"], report["totals"]["adc_conversions"]) << chip;
  }
}

TEST(RunExact, CoarseAdcsLoseAccuracy) {
  const std::string common = "digits_cnn --chip reram_128x128_1b --images 60 ";
  const json five = exact_of(common + "--set macro.components.adc.bits=5");
  EXPECT_EQ(five["equals_reference"], false);
  EXPECT_EQ(five["adc"], "5 bits, full range: 0 to 128 in steps of 4.129");
  const json three = exact_of(common + "--set macro.components.adc.bits=3");
  EXPECT_LT(three["accuracy"], five["reference_accuracy"]);
  EXPECT_LT(three["layers"][1]["sqnr_db"], five["layers"][1]["sqnr_db"]);
}

// Ranges chosen on sums lose less than the full one, and the least error loses least of all.
TEST(RunExact, ChosenRangesLoseLessThanTheFullOne) {
  const std::string common =
      "digits_cnn --chip reram_128x128_1b --images 20 --set macro.components.adc.bits=4 "
      "--adc-images 5 --adc-range ";
  const json full = exact_of(common + "full");
  const json minmax = exact_of(common + "minmax");
  const json mse = exact_of(common + "mse");
  EXPECT_EQ(full["saturated"], 0);
  EXPECT_EQ(minmax["adc"],
            "4 bits, range minmax of each row tile and slice, chosen on the first 5 images");
  EXPECT_GT(mse["saturated"], minmax["saturated"]);
  EXPECT_GT(minmax["accuracy"], full["accuracy"]);
  // The second layer, the first to lose anything with chosen ranges.
  EXPECT_TRUE(minmax["layers"][0]["sqnr_db"].is_null());
  EXPECT_GT(minmax["layers"][1]["sqnr_db"], full["layers"][1]["sqnr_db"]);
  EXPECT_GT(mse["layers"][1]["sqnr_db"], minmax["layers"][1]["sqnr_db"]);
}

TEST(RunExact, ShowsTheSumsOfColumns) {
  const json exact = exact_of("digits_cnn --chip reram_128x128_1b --images 1");
  for (const json& layer : exact["layers"]) {
    const json& sums = layer["column_sums"];
    EXPECT_EQ(sums["lowest"], 0);
    EXPECT_GT(sums["counts"].size(), 5U);
    EXPECT_LE(sums["counts"].size(), 129U);
    EXPECT_GT(sums["counts"].front(), 0);
    EXPECT_GT(sums["counts"].back(), 0);
  }
}

TEST(RunExact, ReadingEverythingChangesNothing) {
  for (const char* bits : {"8", "4"}) {
    const std::string arguments = std::string(
                                      "digits_cnn --chip reram_128x128_1b --images 4 --set "
                                      "macro.components.adc.bits=") +
                                  bits;
    EXPECT_EQ(exact_of(arguments), exact_of(arguments + " --every-read"));
  }
}

TEST(RunExact, WritesOutputs) {
  const Scratch scratch;
  const std::string path = scratch.path("outputs.npz");
  const ProgramRun run = run_program("run digits_cnn --exact --images 3 --outputs " + path);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\nValues: executed on the arrays\n"));
  workloads::NpzFile file{std::filesystem::path(path)};
  const workloads::Array outputs = workloads::decode(file.read("outputs"));
  EXPECT_EQ(outputs.shape, (workloads::Shape{3, 1, 10}));
}

TEST(RunExact, DescribedNetworksRunOnDrawnValuesAndSaySo) {
  const Scratch scratch;
  const std::string network = scratch.write("tiny.yaml", kTinyNetwork);
  const json exact = exact_of(network + " --images 2");
  EXPECT_EQ(exact["inputs"], "synthetic uniform, seed 1");
  EXPECT_TRUE(exact["accuracy"].is_null());
  EXPECT_EQ(exact["images"], 2);
}

TEST(RunExact, SaysWhatIsMissing) {
  const auto error = [](const std::string& arguments) {
    const ProgramRun run = run_program("run " + arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    return run.err;
  };
  EXPECT_THAT(error("vgg8 --exact --labels"),
              HasSubstr("--labels: synthetic uniform, seed 1 has none; give labelled inputs with "
                        "--inputs"));
  EXPECT_THAT(error("digits_cnn --exact --images 100000"), HasSubstr("--images asks for 100000"));
  EXPECT_THAT(error("digits_cnn --exact --inputs missing.npz"), HasSubstr("missing.npz"));
  EXPECT_THAT(error("digits_cnn --labels"), HasSubstr("--exact"));
  EXPECT_THAT(error("digits_cnn --exact --adc-range best"), HasSubstr("best"));
}

// Cells are programmed once a seed; the first seed is the same however many follow.
TEST(RunExact, DevicesAreProgrammedOnceASeed) {
  const std::string common =
      "digits_cnn --chip reram_128x128_1b --images 20 --device rram_forms2021 "
      "--set device.programming.sigma=0.25 ";
  const json three = exact_of(common + "--seeds 3");
  EXPECT_EQ(exact_of(common + "--seeds 3"), three);
  EXPECT_EQ(three["device"], "rram_forms2021");
  EXPECT_EQ(three["equals_reference"], false);
  const auto each = three["accuracies"].get<std::vector<double>>();
  ASSERT_EQ(each.size(), 3U);
  const double mean = (each[0] + each[1] + each[2]) / 3.0;
  EXPECT_DOUBLE_EQ(three["accuracy"], mean);
  double squares = 0.0;
  for (const double one : each) squares += (one - mean) * (one - mean);
  EXPECT_DOUBLE_EQ(three["accuracy_deviation"], std::sqrt(squares / 2.0));
  EXPECT_GT(squares, 0.0);
  EXPECT_LT(mean, three["reference_accuracy"]);
  const json one = exact_of(common);
  EXPECT_EQ(one["accuracies"], json::array({each[0]}));
  EXPECT_TRUE(one["accuracy_deviation"].is_null());
  EXPECT_EQ(one["conversions"].get<std::int64_t>() * 3, three["conversions"].get<std::int64_t>());
}

TEST(RunExact, AnIdealDeviceChangesNothing) {
  const json ideal = exact_of("digits_cnn --chip reram_128x128_1b --images 5 --device ideal");
  EXPECT_EQ(ideal["equals_reference"], true);
  EXPECT_EQ(ideal["device"], "ideal");
}

TEST(RunExact, DevicesMustBeNamedAndFit) {
  EXPECT_THAT(run_program("run digits_cnn --set device.time=1s").err,
              HasSubstr("--set device.time: no device is named; add --exact --device NAME"));
  EXPECT_THAT(run_program("run digits_cnn --exact --seeds 2").err, HasSubstr("--device"));
  EXPECT_THAT(run_program("run digits_cnn --exact --chip ad_pim --device rram_mnsim").err,
              HasSubstr("real devices are those of arrays with ADCs"));
  EXPECT_THAT(run_program("run digits_cnn --exact --device rram_x").err,
              HasSubstr("no embedded device \"rram_x\""));
}

}  // namespace
}  // namespace pimento::app
