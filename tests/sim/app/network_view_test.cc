// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/network_view.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/app/pipeline.h"
#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;

NetworkView view_of(const std::string& network_name, const std::string& policy_name,
                    bool values = false) {
  workloads::Network network = load_network(network_name, {});
  const workloads::Policy policy = load_policy(policy_name, {});
  workloads::apply_policy(policy, network);
  return view_network(network, policy, values);
}

TEST(NetworkView, IsExact) {
  const Scratch scratch;
  const std::string file = scratch.write("tiny.yaml", kTinyNetwork);
  EXPECT_EQ(network_text(view_of(file, "uniform8"), {}), "network  tiny (" + file + R"()
input    3x8x8, 8 bits
policy   uniform8
weights  synthetic gaussian, seed 1
MACs     counted by the rule standard

  layer    operation  input  output   MACs  weights  W bits  A bits  place
  -------  ---------  -----  ------  -----  -------  ------  ------  -------
  conv1    conv       3x8x8   4x8x8  6,912      108       8       8  mapped
  relu1    relu       4x8x8   4x8x8      -        -       -       -  digital
  pool     max_pool   4x8x8   4x4x4      -        -       -       -  digital
  flatten  flatten    4x4x4      64      -        -       -       -  free
  fc       linear        64      10    640      640       8       8  mapped
  -------  ---------  -----  ------  -----  -------  ------  ------  -------
  total                              7,552      748
  mapped: on crossbars; digital: in units beside them; free: moves nothing

Size of the weights
  counting rule  parameters   bits     MiB  against 32 bits
  -------------  ----------  -----  ------  ---------------
  standard              748  5,984  0.0007           4.000x

  values of the weights were not looked at; --values shows them
)");
}

TEST(NetworkView, GivesPublishedSizesUnderTheirRules) {
  EXPECT_THAT(network_text(view_of("resnet20_cifar", "hawq_resnet20"), {}),
              HasSubstr("  bsq               268,346  655,134  0.0781          13.107x\n"));
  EXPECT_THAT(network_text(view_of("resnet56_cifar", "clado_resnet56_0.5mib"), {}),
              HasSubstr("0.4990"));
}

TEST(NetworkView, ValuesAreThoseOfTheirLayers) {
  const NetworkView view = view_of("digits_cnn", "uniform4", true);
  const std::string text = network_text(view, {});
  EXPECT_THAT(text, HasSubstr("\nValues of the weights (file "));
  for (const LayerView& layer : view.layers) {
    ASSERT_EQ(layer.values.has_value(), layer.weights > 0) << layer.name;
    if (!layer.values) continue;
    EXPECT_EQ(layer.values->ones.size(), 4U);
    EXPECT_THAT(text, HasSubstr(fmt::format("{} .. {}  ", layer.values->integers.low,
                                            layer.values->integers.high)));
  }
}

TEST(NetworkView, SaysThatValuesWereNotLookedAt) {
  EXPECT_THAT(network_text(view_of("digits_cnn", "uniform4"), {}), HasSubstr("--values shows"));
}

TEST(NetworkView, InputsAreThoseOfTheImages) {
  const std::string data = PIMENTO_SOURCE_DIR "/tests/data/";
  const ProgramRun run = run_program("inspect " + data +
                                     "quantized/digits_qdq8.onnx --images " PIMENTO_SOURCE_DIR
                                     "/configs/networks/digits_cnn.npz --limit 3 --json");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json read = json::parse(run.out);
  EXPECT_THAT(read["images"].get<std::string>(), HasSubstr("3 images of "));
  for (const json& layer : read["layers"]) {
    ASSERT_EQ(layer.contains("inputs"), layer["weights"] != 0);
    if (!layer.contains("inputs")) continue;
    EXPECT_EQ(layer["inputs"]["ones_by_plane"].size(), 8U);
    EXPECT_EQ(layer["inputs"]["reals"][0], 0.0);
    EXPECT_GT(layer["inputs"]["zeros"], 0.1);
  }
}

TEST(NetworkView, ImagesNeedValues) {
  const ProgramRun run = run_program("inspect resnet20_cifar --images x.npz");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err,
            "pimento: error: --images: network \"resnet20_cifar\" is a description without values; "
            "run images through a model that has weights\n");
}

TEST(NetworkView, JsonHoldsTotalsAndValues) {
  const json read = json::parse(network_json(view_of("digits_cnn", "uniform2", true)));
  std::int64_t weights = 0;
  for (const json& layer : read["layers"]) {
    weights += layer["weights"].get<std::int64_t>();
    ASSERT_EQ(layer.contains("values"), layer["weights"] != 0);
    if (!layer.contains("values")) continue;
    EXPECT_EQ(layer["values"]["ones_by_plane"].size(), 2U);
  }
  EXPECT_EQ(read["totals"]["weights"], weights);
  EXPECT_EQ(read["totals"]["weight_bits"], 2 * weights);
  EXPECT_THAT(read["weights"].get<std::string>(), HasSubstr("digits_cnn.onnx"));
}

}  // namespace
}  // namespace pimento::app
