// SPDX-License-Identifier: Apache-2.0
// Energies by the values that occurred, from outside.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/resources.h"
#include "tests/sim/app/support.h"
#include "workloads/archive/npz.h"
#include "workloads/graph/array.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// The plain ReRAM chip with cells that are resistors.
const std::string kResistive =
    " --chip reram_128x128_1b --set 'macro.components.array={kind: resistive_array, "
    "on_resistance: 10 kOhm, off_resistance: 1 MOhm, read_voltage: 0.2 V, pulse: 10 ns, "
    "rate: 10 MHz, input_density: 0.5, stored_density: 0.5, source: test}'";

class Activity : public testing::Test {
 protected:
  // Caches of the networks that travel with the program go to a folder of this test.
  void SetUp() override { ::setenv("XDG_CACHE_HOME", cache_.path("cache").c_str(), 1); }

  [[nodiscard]] std::string cache_of(const std::string& network) const {
    return cache_.path("cache") + "/pimento/" + network + ".activity.npz";
  }

  static json report_of(const std::string& arguments) {
    const ProgramRun run = run_program("run " + arguments + " --json");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return json::parse(run.out);
  }

 private:
  Scratch cache_;
};

double energy_of(const json& report, const std::string& component) {
  double energy = 0.0;
  for (const json& item : report["components"]) {
    if (item["component"] == component) energy += item["energy_j"].get<double>();
  }
  return energy;
}

json item_of(const json& report, const std::string& name) {
  for (const json& item : report["components"]) {
    if (item["name"] == name) return item;
  }
  return {};
}

// 0.2 V on 10 kOhm and 1 MOhm for 10 ns: 40 fJ and 0.4 fJ.
TEST_F(Activity, DeclaredDensitiesStandInForValues) {
  const json report = report_of("digits_cnn" + kResistive);
  EXPECT_FALSE(report.contains("activity"));
  const json array = item_of(report, "macro.array");
  EXPECT_EQ(array["action"], "cell_read");
  EXPECT_NEAR(array["price"], 0.5 * (0.4e-15 + 0.5 * 39.6e-15), 1e-27);
  EXPECT_EQ(array["basis"], "declared densities, 0.5 of inputs and 0.5 of stored levels");
  EXPECT_EQ(report["provenance"]["level"], "counts");
  EXPECT_EQ(report["provenance"]["activations"],
            "none: macro.array by declared densities, 0.5 of inputs and 0.5 of stored levels");
  EXPECT_THAT(
      report["notes"].dump(),
      HasSubstr("macro.array: energy by declared densities, 0.5 of inputs and 0.5 of stored "
                "levels, taken as independent; --exact and --activity go by the values"));
}

TEST_F(Activity, ExactRunsPriceTheArrayByTheValuesThatOccurred) {
  const json report = report_of("digits_cnn --exact --images 4" + kResistive);
  const json& activity = report["activity"];
  EXPECT_EQ(activity["images"], 4);
  EXPECT_EQ(activity["inputs"], "embedded:configs/networks/digits_cnn.npz");
  EXPECT_EQ(activity["basis"], "values of 4 images, real");
  EXPECT_EQ(activity["values"], "arrays");
  EXPECT_EQ(report["provenance"]["level"], "activity");
  EXPECT_TRUE(item_of(report, "macro.array").is_null());
  const json level = item_of(report, "macro.array:level_read");
  const json drive = item_of(report, "macro.array:drive_read");
  EXPECT_EQ(level["count"], activity["level_reads"]);
  EXPECT_EQ(drive["count"], activity["drive_reads"]);
  EXPECT_EQ(level["basis"], "values of 4 images, real");
  EXPECT_NEAR(level["price"], 39.6e-15, 1e-27);
  EXPECT_NEAR(drive["price"], 0.4e-15, 1e-27);
}

// Layers to totals, counts to energies, the array to the bill: everything adds up.
TEST_F(Activity, FiguresAddUp) {
  for (const char* more : {"", " --set macro.dac_bits=2 --set macro.cell_bits=2"}) {
    const json report = report_of("digits_cnn --exact --images 3" + kResistive + more);
    const json& activity = report["activity"];
    for (const char* key : {"cell_reads", "level_reads", "drive_reads", "row_drives"}) {
      std::int64_t sum = 0;
      for (const json& layer : activity["layers"]) sum += layer[key].get<std::int64_t>();
      EXPECT_EQ(activity[key], sum) << key;
    }
    const double level_price = item_of(report, "macro.array:level_read")["price"];
    const double drive_price = item_of(report, "macro.array:drive_read")["price"];
    double energy = 0.0;
    for (const json& layer : activity["layers"]) {
      const double by_hand = level_price * layer["level_reads"].get<double>() +
                             drive_price * layer["drive_reads"].get<double>();
      EXPECT_NEAR(layer["energy_j"], by_hand, 1e-12 * by_hand);
      energy += by_hand;
      const json& independent = layer["independent"];
      EXPECT_NEAR(independent["deviation_percent"],
                  100.0 * (independent["energy_j"].get<double>() / by_hand - 1.0), 1e-9);
      EXPECT_LE(layer["driven_rows"].is_null() ? 0 : layer["driven_rows"].get<std::int64_t>(),
                layer["row_drives"]);
      EXPECT_EQ(layer["driven_rows"].is_null(), *more != '\0');
    }
    EXPECT_NEAR(activity["energy_j"], energy, 1e-12 * energy);
    EXPECT_NEAR(energy_of(report, "macro.array"), energy, 1e-12 * energy);
    double total = 0.0;
    for (const json& item : report["components"]) total += item["energy_j"].get<double>();
    EXPECT_NEAR(report["totals"]["energy_j"], total, 1e-12 * total);
    double dynamic = 0.0;
    for (const json& layer : report["layers"]) dynamic += layer["energy_j"].get<double>();
    EXPECT_NEAR(dynamic + report["totals"]["static_energy_j"].get<double>(), total, 1e-12 * total);
  }
}

// With lossless ADCs the arrays make the integers' values, so both ways count the same.
TEST_F(Activity, IntegersAloneCountTheSameWhereAdcsLoseNothing) {
  json executed = report_of("digits_cnn --exact --images 5" + kResistive);
  json counted = report_of("digits_cnn --activity --images 5" + kResistive);
  EXPECT_EQ(counted["activity"]["values"], "integers");
  for (json* report : {&executed, &counted}) (*report)["activity"].erase("values");
  EXPECT_EQ(executed["activity"], counted["activity"]);
  EXPECT_EQ(executed["totals"], counted["totals"]);
  EXPECT_EQ(executed["components"], counted["components"]);
}

TEST_F(Activity, IsKeptAndReadAgain) {
  const std::string arguments = "run digits_cnn --activity --images 3 --json" + kResistive;
  const ProgramRun first = run_program(arguments);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("activity: kept in " + cache_of("digits_cnn.onnx")));
  const ProgramRun second = run_program(arguments);
  EXPECT_THAT(second.err, HasSubstr("activity: read from " + cache_of("digits_cnn.onnx")));
  EXPECT_EQ(first.out, second.out);
  // Whatever the chip; but not for other bits, and not for other images.
  EXPECT_THAT(run_program(arguments + " --set macro.rows=64 --set macro.drive=pulse").err,
              HasSubstr("activity: read from"));
  for (const char* other : {"--images 3 --policy uniform4", "--images 2"}) {
    const std::string others =
        std::string("run digits_cnn --activity --json ") + other + kResistive;
    EXPECT_THAT(run_program(others).err, HasSubstr("activity: kept in")) << other;
    EXPECT_THAT(run_program(others).err, HasSubstr("activity: read from")) << other;
  }
  EXPECT_THAT(run_program(arguments).err, HasSubstr("activity: read from"));
}

TEST_F(Activity, DamagedCachesAreSaidAndCountedAnew) {
  const std::string arguments = "run digits_cnn --activity --images 3 --json" + kResistive;
  const ProgramRun first = run_program(arguments);
  const std::string path = cache_of("digits_cnn.onnx");
  const auto expect_anew = [&](const std::string& why) {
    const ProgramRun again = run_program(arguments);
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_EQ(again.out, first.out);
    EXPECT_THAT(again.err, HasSubstr(why));
    EXPECT_THAT(again.err, HasSubstr("activity: kept in"));
    EXPECT_THAT(run_program(arguments).err, HasSubstr("activity: read from"));
  };
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  expect_anew("activity: " + path + " is not used");

  // Bits that are one more often than there are vectors, and arrays of another shape.
  const auto change = [&](const auto& edit) {
    std::map<std::string, workloads::Constant> arrays;
    {
      workloads::NpzFile file{std::filesystem::path(path)};
      for (const std::string& name : file.names()) {
        workloads::Array array = workloads::decode(file.read(name));
        if (name.ends_with(".0.pairs")) edit(array);
        arrays[name] = workloads::encode(array);
      }
    }
    workloads::write_npz(path, arrays);
  };
  change([](workloads::Array& array) { array.integers[0] = 1'000'000'000; });
  expect_anew("counts that no 192 vectors have");
  change([](workloads::Array& array) { array.shape = {array.size()}; });
  expect_anew("expected int64 of 1 x 9 x 36");
}

TEST_F(Activity, FilesOfOthersAreLeftAlone) {
  const std::string path = cache_of("digits_cnn.onnx");
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  workloads::write_npz(path, {{"mine", workloads::encode(workloads::integer_array({1}, {5}))}});
  const ProgramRun run = run_program("run digits_cnn --activity" + kResistive);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr("activity: not kept: " + path + " holds other arrays"));
  const workloads::NpzFile file{std::filesystem::path(path)};
  EXPECT_EQ(file.names(), std::vector<std::string>{"mine"});
}

TEST_F(Activity, LiesBesideNetworksThatAreFiles) {
  const Scratch scratch;
  const std::string network = scratch.write("tiny.yaml", kTinyNetwork);
  const ProgramRun run = run_program("run " + network + " --activity --json" + kResistive);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("activity: kept in " + network + ".activity.npz"));
  const json activity = json::parse(run.out)["activity"];
  EXPECT_EQ(activity["basis"], "values of 1 image, synthetic inputs and weights");
  EXPECT_EQ(activity["inputs"], "synthetic uniform, seed 1");
  EXPECT_EQ(activity["weights"], "synthetic gaussian, seed 1");
  // Another network under the same name.
  (void)scratch.write("tiny.yaml", std::string(kTinyNetwork) + "  - {name: relu2, op: relu}\n");
  EXPECT_THAT(run_program("run " + network + " --activity" + kResistive).err,
              HasSubstr("activity: kept in"));
}

TEST_F(Activity, IsShownBesideWhatIndependenceSays) {
  const ProgramRun run = run_program("run digits_cnn --exact --images 2" + kResistive);
  EXPECT_THAT(run.out, HasSubstr("\nActivity: what the arrays were read with\n"));
  EXPECT_THAT(run.out, HasSubstr("by values of 2 images, real"));
  EXPECT_THAT(run.out, HasSubstr("if independent"));
  EXPECT_THAT(run.out, HasSubstr("rows driven independently of what they store"));
}

// A sweep's points go by the same values as single runs do, and later ones by what is kept.
TEST_F(Activity, SweepsCountOnce) {
  const Scratch scratch;
  std::string chip = open_input("reram_128x128_1b", "chips").content;
  const std::size_t begin = chip.find("    array: {");
  chip.replace(begin, chip.find('\n', begin) - begin,
               "    array: {kind: resistive_array, on_resistance: 10 kOhm, off_resistance: 1 MOhm, "
               "read_voltage: 0.2 V, pulse: 10 ns, rate: 10 MHz, input_density: 0.5, "
               "stored_density: 0.5, source: test}");
  (void)scratch.write("c.yaml", chip);
  const std::string sweep = scratch.write(
      "s.yaml",
      "schema: pimento/sweep/1\nname: s\nnetwork: digits_cnn\nchip: ./c.yaml\npolicy: uniform8\n"
      "images: 2\nactivity: true\naxes: {macro.rows: [64, 128]}\n");
  const ProgramRun run =
      run_program("sweep " + sweep + " --jobs 1 --json --out " + scratch.path("out"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, Not(HasSubstr("activity")));
  EXPECT_TRUE(std::filesystem::exists(cache_of("digits_cnn.onnx")));
  const json single = report_of("digits_cnn --policy uniform8 --images 2 --activity --chip " +
                                scratch.path("c.yaml"));
  const json point = json::parse(run.out)["points"][1];
  EXPECT_EQ(point["energy_j"], single["totals"]["energy_j"]);
  EXPECT_NE(point["energy_j"], report_of("digits_cnn --policy uniform8 --images 2 --chip " +
                                         scratch.path("c.yaml"))["totals"]["energy_j"]);
}

// What does not depend on values stays as it is, counted or not.
TEST_F(Activity, ChangesNoOtherFigure) {
  const json plain = report_of("digits_cnn --chip reram_128x128_1b --images 2");
  json counted = report_of("digits_cnn --chip reram_128x128_1b --images 2 --activity");
  EXPECT_EQ(counted["activity"]["array_depends_on_values"], false);
  EXPECT_TRUE(counted["activity"]["energy_j"].is_null());
  EXPECT_GT(counted["activity"]["level_reads"], 0);
  counted.erase("activity");
  EXPECT_EQ(plain, counted);
  EXPECT_FALSE(
      report_of("digits_cnn --chip reram_128x128_1b --exact --images 1").contains("activity"));
}

// Counts know nothing of DACs: those that the engine does not execute are priced all the same.
TEST_F(Activity, ServesDacsOfAnyWidth) {
  const json report =
      report_of("digits_cnn --activity --images 2 --set macro.dac_bits=16" + kResistive);
  EXPECT_GT(report["activity"]["energy_j"], 0.0);
  EXPECT_EQ(run_program("run digits_cnn --exact --set macro.dac_bits=16" + kResistive).exit_code,
            2);
}

TEST_F(Activity, InputsAreForThoseWhoReadThem) {
  const ProgramRun run = run_program("run digits_cnn --inputs x.npz");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("--inputs: is for --exact or --activity; give one of them"));
  EXPECT_EQ(run_program("run digits_cnn --exact --activity").exit_code, 2);
}

}  // namespace
}  // namespace pimento::app
