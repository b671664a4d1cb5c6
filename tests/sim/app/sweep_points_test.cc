// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sweep_points.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file.h"
#include "base/resources.h"
#include "tests/sim/sweep/support.h"

namespace pimento::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

sim::SweepPoint point() {
  sim::SweepPoint result;
  result.network = "vgg8";
  result.chip = "isaac_ce";
  result.policy = "uniform8";
  result.overrides = {{"macro.rows", "64"}};
  return result;
}

sim::SweepSpec sweep_of(const std::string& text) {
  return sim::read_sweep(
      ConfigDocument::parse("schema: pimento/sweep/1\nname: s\n" + text, "s.yaml"), "s.yaml");
}

std::string error_of(const std::string& text) {
  try {
    SweepPoints("s.yaml").check(sweep_of(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(SweepPoints, LookForFilesBesideTheSweep) {
  const SweepPoints points("folder/s.yaml");
  sim::SweepPoint p = point();
  EXPECT_EQ(points.request(p).chip, "isaac_ce");
  p.chip = "mine.yaml";
  p.network = "./nets/net.onnx";
  p.policy = "/absolute/p.yaml";
  EXPECT_EQ(points.request(p).chip, "folder/mine.yaml");
  EXPECT_EQ(points.request(p).network, "folder/./nets/net.onnx");
  EXPECT_EQ(points.request(p).policy, "/absolute/p.yaml");
  p.chip = "embedded:configs/chips/isaac_ce.yaml";
  EXPECT_EQ(points.request(p).chip, "embedded:configs/chips/isaac_ce.yaml");
  EXPECT_EQ(SweepPoints("embedded:configs/sweeps/s.yaml").request(p).policy, "/absolute/p.yaml");
}

TEST(SweepPoints, InputsTellEveryDifference) {
  SweepPoints points("s.yaml");
  const std::string first = points.inputs(point());
  EXPECT_EQ(points.inputs(point()), first);
  EXPECT_EQ(SweepPoints("elsewhere/s.yaml").inputs(point()), first);
  std::vector<sim::SweepPoint> others(8, point());
  others[0].network = "resnet20_cifar";
  others[1].chip = "reram_128x128_1b";
  others[2].policy = "uniform4";
  others[3].strategy = "other";
  others[4].images = 2;
  others[5].overrides[0].value = "65";
  others[6].overrides.push_back({"macro.columns", "64"});
  others[7].activity = true;
  for (const sim::SweepPoint& other : others) EXPECT_NE(points.inputs(other), first);
}

TEST(SweepPoints, InputsSeeWhatIsInFilesAndInWhatTheyInclude) {
  const sim::TemporaryFolder folder;
  const std::string sweep = (folder.path() / "s.yaml").string();
  const auto inputs = [&] {
    sim::SweepPoint p = point();
    p.policy = "./top.yaml";
    return SweepPoints(sweep).inputs(p);
  };
  write_file_atomically(folder.path() / "top.yaml", "include: below.yaml\n");
  write_file_atomically(folder.path() / "below.yaml", "a: 1\n");
  const std::string first = inputs();
  EXPECT_EQ(inputs(), first);
  write_file_atomically(folder.path() / "below.yaml", "a: 2\n");
  EXPECT_NE(inputs(), first);
  write_file_atomically(folder.path() / "below.yaml", "a: 1\n");
  EXPECT_EQ(inputs(), first);
  write_file_atomically(folder.path() / "top.yaml", "include: below.yaml\n# seen\n");
  EXPECT_NE(inputs(), first);
}

TEST(SweepPoints, CheckRefusesNamesOfLaterPointsToo) {
  EXPECT_EQ(error_of("network: vgg8\nchip: isaac_ce\naxes: {policy: [uniform8, uniform4]}\n"),
            "no error");
  EXPECT_THAT(error_of("network: vgg8\nchip: isaac_ce\naxes: {policy: [uniform8, unifrom4]}\n"),
              StartsWith("s.yaml: policy: no embedded policy \"unifrom4\"; did you mean "
                         "\"uniform4\"?"));
  EXPECT_THAT(error_of("network: vgg8\nchip: isaac_ce\npolicy: uniform8\n"
                       "axes: {strategy: [dense, dens]}\n"),
              StartsWith("s.yaml: strategy: found \"dens\"; expected one of area, auto, bwq, "));
}

TEST(SweepPoints, CheckRefusesFieldsThatDoNotExist) {
  const std::string error =
      error_of("network: vgg8\nchip: isaac_ce\npolicy: uniform8\naxes: {macro.row: [64, 128]}\n");
  EXPECT_THAT(error, StartsWith("s.yaml: the first of 2 points is wrong: "));
  EXPECT_THAT(error, HasSubstr("macro.row: unknown key; did you mean \"rows\"?"));
}

// Every field, file and value of what the program brings along, at the first point.
TEST(SweepPoints, ShippedSweepsAreSound) {
  const std::vector<std::string> names = embedded_names("sweeps");
  EXPECT_THAT(names, testing::ElementsAre("adc_sharing", "array_size"));
  for (const std::string& name : names) {
    const InputFile file = open_input(name, "sweeps");
    const sim::SweepSpec spec =
        sim::read_sweep(ConfigDocument::parse(file.content, file.name), file.name);
    EXPECT_EQ(spec.name, name);
    EXPECT_EQ(spec.points(), name == "array_size" ? 64u : 40u);
    SweepPoints points(file.name);
    points.check(spec);
    for (std::size_t i = 0; i < spec.points(); ++i) {
      EXPECT_NO_THROW(static_cast<void>(load_inputs(points.request(spec.point(i)))));
    }
  }
}

}  // namespace
}  // namespace pimento::app
