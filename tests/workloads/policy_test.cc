// SPDX-License-Identifier: Apache-2.0
#include "workloads/policy.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Network five_layers() {
  return network_of(R"(schema: pimento/network/1
name: five
input: {shape: [3, 8, 8]}
layers:
  - {name: conv1, op: conv, out_channels: 4, kernel: 3}
  - {name: relu1, op: relu}
  - {name: block.conv1, op: conv, out_channels: 4, kernel: 3}
  - {name: block.conv2, op: conv, out_channels: 4, kernel: 3}
  - {name: "odd[0]", op: conv, out_channels: 4, kernel: 1}
  - {name: flatten, op: flatten}
  - {name: fc, op: linear, out_features: 10}
)");
}

std::string with_layers(const std::string& layers) {
  return "schema: pimento/policy/1\nname: p\ndefault: {weights: 8, activations: 6}\n" + layers;
}

std::vector<std::pair<int, int>> bits_of(const Network& network) {
  std::vector<std::pair<int, int>> result;
  for (const int index : network.weight_layers()) {
    const Precision& precision = network.layers[static_cast<std::size_t>(index)].precision;
    result.emplace_back(precision.weight_bits, precision.activation_bits);
  }
  return result;
}

std::string apply_error(const std::string& layers) {
  Network network = five_layers();
  const auto before = bits_of(network);
  std::string message = input_error([&] { apply_policy(policy_of(with_layers(layers)), network); });
  EXPECT_EQ(bits_of(network), before) << "a refused policy must change nothing";
  return message;
}

using Bits = std::pair<int, int>;

TEST(ApplyPolicy, DefaultServesLayersThatNoEntryNames) {
  Network network = five_layers();
  const auto left = apply_policy(policy_of(with_layers("")), network);
  EXPECT_THAT(left, ElementsAre("conv1", "block.conv1", "block.conv2", "odd[0]", "fc"));
  EXPECT_THAT(bits_of(network),
              ElementsAre(Bits{8, 6}, Bits{8, 6}, Bits{8, 6}, Bits{8, 6}, Bits{8, 6}));
}

TEST(ApplyPolicy, NamesGlobsAndPositions) {
  Network network = five_layers();
  const auto left = apply_policy(policy_of(with_layers("layers:\n"
                                                       "  block.*: {weights: 4, activations: 4}\n"
                                                       "  conv1: {weights: 3}\n"
                                                       "  \"#4\": {activations: 2}\n")),
                                 network);
  EXPECT_THAT(left, ElementsAre("odd[0]"));
  EXPECT_THAT(bits_of(network),
              ElementsAre(Bits{3, 6}, Bits{4, 4}, Bits{4, 4}, Bits{8, 6}, Bits{8, 2}));
}

TEST(ApplyPolicy, ALaterEntryWinsFieldByField) {
  Network network = five_layers();
  const auto left = apply_policy(policy_of(with_layers("layers:\n"
                                                       "  \"*\": {weights: 2, activations: 3}\n"
                                                       "  block.conv?: {weights: 5}\n"
                                                       "  block.conv2: {activations: 7}\n")),
                                 network);
  EXPECT_THAT(left, IsEmpty());
  EXPECT_THAT(bits_of(network),
              ElementsAre(Bits{2, 3}, Bits{5, 3}, Bits{5, 7}, Bits{2, 3}, Bits{2, 3}));
}

TEST(ApplyPolicy, ALayersNameComesBeforeItsReadingAsAGlob) {
  Network network = five_layers();
  apply_policy(policy_of(with_layers("layers:\n  \"odd[0]\": {weights: 1}\n")), network);
  EXPECT_EQ(bits_of(network)[3], (Bits{1, 6}));
}

TEST(ApplyPolicyError, SuggestsTheNearestLayer) {
  EXPECT_EQ(apply_error("layers:\n  block.cnv1: {weights: 4}\n"),
            "policy.yaml:5:15: policy \"p\": \"block.cnv1\" matches no weight layer of network "
            "\"five\"; did you mean \"block.conv1\"?");
}

TEST(ApplyPolicyError, ListsTheLayersWhenNoneIsNear) {
  EXPECT_EQ(apply_error("layers:\n  stage9.*: {weights: 4}\n"),
            "policy.yaml:5:13: policy \"p\": \"stage9.*\" matches no weight layer of network "
            "\"five\"; its weight layers are conv1, block.conv1, block.conv2, odd[0], fc");
}

TEST(ApplyPolicyError, SaysWhenALayerHasNoWeights) {
  EXPECT_EQ(
      apply_error("layers:\n  relu1: {weights: 4}\n"),
      "policy.yaml:5:10: policy \"p\": \"relu1\" matches no weight layer of network \"five\"; "
      "it is a relu layer, which has no weights");
}

TEST(ApplyPolicyError, SaysWhichPositionsExistAndListsAllMistakes) {
  EXPECT_EQ(
      apply_error("layers:\n  \"#5\": {weights: 4}\n  fc: {weights: 4}\n  cf: {weights: 4}\n"),
      "policy.yaml:5:9: policy \"p\": \"#5\" matches no weight layer of network \"five\"; its "
      "weight layers are \"#0\" to \"#4\"\n"
      "policy.yaml:7:7: policy \"p\": \"cf\" matches no weight layer of network \"five\"; its "
      "weight layers are conv1, block.conv1, block.conv2, odd[0], fc");
}

TEST(ApplyPolicyError, BoundsTheWorkOfGlobs) {
  Network network =
      network_of("schema: pimento/network/1\nname: n\ninput: {shape: [1, 1, 1]}\nlayers:\n" + [] {
        std::string layers;
        for (int i = 0; i < 1001; ++i) {
          layers += fmt::format("  - {{name: l{}, op: conv, out_channels: 1, kernel: 1}}\n", i);
        }
        return layers;
      }());
  Policy policy;
  policy.name = "p";
  policy.entries.assign(10'000, PolicyEntry{"l*", {}, 4, 4, {}});
  EXPECT_EQ(input_error([&] { apply_policy(policy, network); }),
            "policy \"p\": 10000 globs for 1001 layers; use fewer globs");
}

std::string read_error(const std::string& yaml) {
  return input_error([&] { (void)policy_of(yaml); });
}

TEST(ReadPolicyError, Fields) {
  EXPECT_EQ(read_error("schema: pimento/policy/2\ndefault: {weights: 8, activations: 8}\n"),
            "policy.yaml:1:9: schema: found \"pimento/policy/2\"; expected \"pimento/policy/1\"");
  EXPECT_EQ(
      read_error(with_layers("layers: {conv1: {}}\n")),
      "policy.yaml:4:17: layers.conv1: found no bits; expected \"weights\", \"activations\" or "
      "both");
  EXPECT_EQ(read_error(with_layers("layers:\n  " + std::string(513, 'a') + ": {weights: 4}\n")),
            "policy.yaml:5:518: layers." + std::string(60, 'a') +
                "...: found a pattern of more than 512 characters; use a shorter glob");
}

TEST(ReadPolicyError, BitsFromOneToThirtyTwo) {
  EXPECT_EQ(
      read_error(with_layers("layers:\n  a: {weights: 0}\n  b: {activations: 33}\n")),
      "policy.yaml:5:16: layers.a.weights: found \"0\"; expected a whole number from 1 to 32\n"
      "policy.yaml:6:20: layers.b.activations: found \"33\"; expected a whole number from 1 to "
      "32");
}

TEST(ReadPolicyError, DuplicatePatterns) {
  EXPECT_EQ(read_error(with_layers("layers:\n  a: {weights: 1}\n  a: {weights: 2}\n")),
            "policy.yaml:6:3: layers.a: duplicate key; first on line 5; keep one");
}

TEST(ReadPolicy, KeepsWhatTheFileSays) {
  const Policy policy = policy_of(
      "schema: pimento/policy/1\ndescription: d\nsource: s\ndefault: {weights: 4, activations: 5}\n"
      "layers: {x: {weights: 1}}\n",
      "mine.yaml");
  EXPECT_EQ(policy.name, "mine.yaml");
  EXPECT_EQ(policy.description, "d");
  EXPECT_EQ(policy.source, "s");
  EXPECT_EQ(policy.fallback, (Precision{.weight_bits = 4, .activation_bits = 5}));
  ASSERT_EQ(policy.entries.size(), 1U);
  EXPECT_EQ(policy.entries[0].pattern, "x");
  EXPECT_EQ(policy.entries[0].location.str(), "mine.yaml:5:13");
  EXPECT_EQ(policy.entries[0].weight_bits, 1);
  EXPECT_EQ(policy.entries[0].activation_bits, std::nullopt);
}

TEST(ReadPolicy, SlicesOfWeights) {
  Network network = five_layers();
  (void)apply_policy(policy_of("schema: pimento/policy/1\n"
                               "default: {weights: 8, activations: 8, weight_slices: [4, 4]}\n"
                               "layers: {fc: {weight_slices: [4, 2, 2]}, conv1: {weights: 8}}\n",
                               "mine.yaml"),
                     network);
  EXPECT_THAT(network.layers[6].weight_slices, ElementsAre(4, 2, 2));
  EXPECT_THAT(network.layers[0].weight_slices, ElementsAre(4, 4));
}

TEST(ShippedPolicies, UniformSetsEveryLayer) {
  for (const int bits : {16, 8, 4, 2}) {
    Network network = shipped_network("vgg8");
    apply_policy(shipped_policy(fmt::format("uniform{}", bits)), network);
    EXPECT_THAT(bits_of(network), testing::Each(Bits{bits, bits}));
  }
}

// 13.107x is what the size rule of github.com/yanghr/BSQ gives for this vector; 13.11x is HAWQ's.
TEST(ShippedPolicies, HawqOnResNet20) {
  Network network = shipped_network("resnet20_cifar");
  EXPECT_THAT(apply_policy(shipped_policy("hawq_resnet20"), network), IsEmpty());
  const ModelSize size = model_size(network, "bsq");
  EXPECT_EQ(size.parameters, 268'346);
  EXPECT_EQ(size.bits, 655'134);
  EXPECT_NEAR(size.compression(), 13.107, 0.0005);
  const int fc = network.find("fc");
  EXPECT_EQ(network.layers[static_cast<std::size_t>(fc)].precision,
            (Precision{.weight_bits = 3, .activation_bits = 4}));
}

TEST(ShippedPolicies, CladoAndNaiveOnResNet56) {
  Network network = shipped_network("resnet56_cifar");
  apply_policy(shipped_policy("uniform8"), network);
  EXPECT_EQ(model_size(network, "clado").bits, 850'432 * 8);
  EXPECT_THAT(apply_policy(shipped_policy("clado_resnet56_0.5mib"), network), IsEmpty());
  EXPECT_NEAR(model_size(network, "clado").mebibytes(), 0.4990, 0.00005);
  EXPECT_THAT(apply_policy(shipped_policy("naive_resnet56_0.5mib"), network), IsEmpty());
  EXPECT_NEAR(model_size(network, "clado").mebibytes(), 0.4996, 0.00005);
  EXPECT_EQ(network.layers[0].precision, (Precision{.weight_bits = 8, .activation_bits = 8}));
}

}  // namespace
}  // namespace pimento::workloads
