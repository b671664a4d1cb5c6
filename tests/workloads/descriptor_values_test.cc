// SPDX-License-Identifier: Apache-2.0
// Descriptors with values: arrays of an .npz file beside them.
#include "workloads/descriptor_values.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scratch.h"
#include "tests/workloads/support.h"
#include "workloads/executor.h"
#include "workloads/lowering/network_of.h"

namespace pimento::workloads {
namespace {

using Values = std::vector<double>;
using Integers = std::vector<std::int64_t>;

// A linear layer of two by three, its fields to be filled in.
class Described {
 public:
  Described() {
    const std::map<std::string, Constant> arrays{
        {"reals", encode(real_array({2, 3}, {0.5, -1, 0, 2, 0.25, -0.125}))},
        {"steps", encode(integer_array({2, 3}, {-4, 3, 0, 1, -1, 2}, ElementType::kInt8))},
        {"counts", encode(integer_array({2, 3}, {7, 3, 0, 1, 5, 2}, ElementType::kUint8))},
        {"square", encode(real_array({2, 2}, {1, 2, 3, 4}))},
        {"scales", encode(real_array({2}, {0.5, 0.25}))},
        {"widths", encode(integer_array({2}, {3, 2}, ElementType::kInt8))},
        {"narrow_widths", encode(integer_array({2}, {3, 1}, ElementType::kInt8))},
        {"mixed", encode(integer_array({2, 3}, {-4, 3, 0, 1, -2, 0}, ElementType::kInt8))},
        {"signs", encode(integer_array({2, 3}, {0, -1, 0, -1, -1, 0}, ElementType::kInt8))},
        {"blocks", encode(real_array({2, 3}, {1, 1, 0.5, 2, 2, 4}))},
        {"points", encode(real_array({1, 3}, {0, 1, 2}))},
        {"negative", encode(real_array({2}, {0.5, -0.25}))},
        {"bias", encode(real_array({2}, {10, 20}))}};
    write_npz(scratch_.path("w.npz"), arrays);
  }

  [[nodiscard]] Network network(const std::string& fields,
                                const std::string& file = "w.npz") const {
    const std::string text =
        "schema: pimento/network/1\nname: n\ninput: {shape: [3]}\n"
        "weights: {file: " +
        file +
        "}\nlayers:\n"
        "  - {name: fc, op: linear, out_features: 2, " +
        fields + "}\n";
    return network_of(text, scratch_.path("n.yaml"));
  }
  // Without the folder.
  [[nodiscard]] std::string error(const std::string& fields,
                                  const std::string& file = "w.npz") const {
    std::string message = input_error([&] { (void)network(fields, file); });
    const std::string folder = scratch_.path("");
    for (auto at = message.find(folder); at != std::string::npos; at = message.find(folder)) {
      message.erase(at, folder.size());
    }
    return message;
  }

 private:
  Scratch scratch_;
};

Values run(const Network& network, const Values& x) {
  return Executor(*network.graph).run({real_array({1, 3}, x)})[0].reals;
}

TEST(DescriptorValues, RealWeightsAndBias) {
  const Network network = Described().network("weight: reals, bias: bias");
  EXPECT_FALSE(network.is_quantized());
  EXPECT_TRUE(network.layers[0].has_bias);
  EXPECT_EQ(run(network, {1, 2, 4}), (Values{8.5, 22.0}));
}

TEST(DescriptorValues, SignedIntegersWithAScaleAChannel) {
  const Network network =
      Described().network("weight: steps, weight_quantization: {bits: 3, scale: scales}");
  ASSERT_TRUE(network.layers[0].stored);
  EXPECT_EQ(network.layers[0].precision.weight_bits, 3);
  EXPECT_EQ(decode(network.layers[0].stored->integers).integers, (Integers{-4, 3, 0, 1, -1, 2}));
  EXPECT_EQ(run(network, {1, 1, 1}), (Values{-0.5, 0.5}));
}

TEST(DescriptorValues, UnsignedIntegersMoveIntoTheSignedRange) {
  const Network network = Described().network(
      "weight: counts, weight_quantization: {bits: 3, signed: false, scale: 0.5, zero_point: 1}");
  EXPECT_EQ(decode(network.layers[0].stored->integers).integers, (Integers{3, -1, -4, -3, 1, -2}));
  EXPECT_EQ(run(network, {1, 0, 0}), (Values{3.0, 0.0}));
  EXPECT_EQ(run(network, {0, 0, 1}), (Values{-0.5, 0.5}));
}

TEST(DescriptorValues, SignAndMagnitudeTakeOneBitMore) {
  const Network network = Described().network(
      "weight: steps, weight_quantization: {bits: 3, scale: 1.0, encoding: sign_magnitude, "
      "planes: [0, 1, 2]}");
  EXPECT_EQ(network.layers[0].precision.weight_bits, 4);
  EXPECT_EQ(run(network, {1, 1, 1}), (Values{-1.0, 2.0}));
}

TEST(DescriptorValues, ChannelsMayHaveBitsOfTheirOwn) {
  const Network network =
      Described().network("weight: mixed, weight_quantization: {bits: widths, scale: 0.5}");
  const Layer& layer = network.layers[0];
  EXPECT_EQ(layer.precision.weight_bits, 3);
  EXPECT_EQ(layer.stored->widths.reals, (Values{3, 2}));
  EXPECT_EQ(model_size(network, "standard").bits, 3 * 3 + 3 * 2);
  EXPECT_EQ(run(network, {1, 1, 1}), (Values{-0.5, -0.5}));
  // The executed graph says the same of its weights.
  const Network again = network_of(*network.graph);
  ASSERT_TRUE(again.layers[0].stored);
  EXPECT_EQ(again.layers[0].stored->widths, layer.stored->widths);
  EXPECT_EQ(decode(again.layers[0].stored->integers), decode(layer.stored->integers));
}

TEST(DescriptorValues, ScalesAndZeroPointsBroadcastToTheWeights) {
  const Network network = Described().network(
      "weight: steps, weight_quantization: {bits: 3, scale: blocks, zero_point: points}");
  EXPECT_EQ(run(network, {1, 0, 0}), (Values{-4, 2}));
  EXPECT_EQ(run(network, {0, 1, 0}), (Values{2, -4}));
  EXPECT_EQ(run(network, {0, 0, 1}), (Values{-1, 0}));
}

// One bit is kept through the graph whatever its two values are: 0 and -1, or +1 and -1.
TEST(DescriptorValues, OneBitIsKept) {
  for (const auto& [zero_point, expected] :
       {std::pair{"0", Values{-0.5, -1.0}}, std::pair{"-0.5", Values{0.25, -0.25}}}) {
    const Network network = Described().network(fmt::format(
        "weight: signs, weight_quantization: {{bits: 1, scale: 0.5, zero_point: {}}}", zero_point));
    EXPECT_EQ(run(network, {1, 1, 1}), expected);
    const Network again = network_of(*network.graph);
    ASSERT_TRUE(again.layers[0].stored);
    EXPECT_EQ(again.layers[0].stored->bits, 1);
    EXPECT_EQ(again.layers[0].stored->zero_point, network.layers[0].stored->zero_point);
    EXPECT_EQ(decode(again.layers[0].stored->integers), decode(network.layers[0].stored->integers));
  }
}

TEST(DescriptorValues, InputsPassTheirQuantizer) {
  const std::string fields = "weight: reals, input_quantization: {bits: 2, signed: false, scale: ";
  const Network fixed = Described().network(fields + "0.5}");
  EXPECT_EQ(fixed.layers[0].precision.activation_bits, 2);
  // 9 -> 1.5, the end of the grid; -1 -> 0; 0.7 -> 0.5.
  EXPECT_EQ(run(fixed, {9, -1, 0.7}), (Values{0.75, 2.9375}));
  // The largest magnitude, 9, is the integer 3; so 1.6 is rounded to 3, and 1.4 to 0.
  const Network found = Described().network(fields + "max_abs}");
  EXPECT_EQ(run(found, {9, 1.6, 1.4}), (Values{1.5, 18.75}));
}

TEST(DescriptorValues, MistakesAreNamed) {
  const Described described;
  const std::string at = "n.yaml:6:";
  EXPECT_EQ(described.error("weight: none"),
            at + "53: layers.0.weight: w.npz: holds no array \"none\"; check the name");
  EXPECT_EQ(described.error("weight: steps"),
            at + "53: layers.0.weight: the array is int8; expected real numbers, or the field "
                 "\"weight_quantization\" beside it");
  EXPECT_EQ(described.error("weight: steps, weight_quantization: {bits: 2, scale: 1.0}"),
            at + "88: layers.0.weight_quantization.bits: weight 0 is -4; 2 bits hold -2 to 1");
  EXPECT_EQ(described.error("weight: steps, weight_quantization: {bits: 8, scale: negative}"),
            at + "98: layers.0.weight_quantization.scale: array \"negative\" is float32 of 2; "
                 "expected numbers from 2.22507e-308 to 1e+30, one, one an output channel, or as "
                 "many as broadcast to the weights");
  EXPECT_EQ(
      described.error("weight: steps, weight_quantization: {bits: 4, scale: 1.0, planes: [0]}"),
      at + "111: layers.0.weight_quantization.planes: found 1 planes; the integers have ones "
           "in 3 planes, up to 2");
  EXPECT_EQ(
      described.error("weight: mixed, weight_quantization: {bits: narrow_widths, scale: 1.0}"),
      at + "88: layers.0.weight_quantization.bits: weight 3 is 1; 1 bits hold -1 to 0");
  EXPECT_EQ(described.error("weight: steps, weight_quantization: {bits: 3.5, scale: 1.0}"),
            at + "88: layers.0.weight_quantization.bits: expected whole numbers of bits");
  EXPECT_EQ(described.error("weight: none, weight_quantization: {bits: 4, scale: two}"),
            at + "53: layers.0.weight: w.npz: holds no array \"none\"; check the name\n" + at +
                "97: layers.0.weight_quantization.scale: found \"two\"; expected a number from "
                "2.2250738585072014e-308 to 1e+30");
  EXPECT_EQ(described.error("weight: reals, bias: true"),
            at + "66: layers.0.bias: found true; expected the name of an array, as the weights are "
                 "given");
}

// The edge and one beyond it: 3 bits hold -4, 2 bits do not.
TEST(DescriptorValues, BitsHoldTheIntegersOrAreRefused) {
  const Described described;
  EXPECT_EQ(described.error("weight: steps, weight_quantization: {bits: 3, scale: 1.0}"),
            "nothing thrown");
  EXPECT_NE(described.error("weight: steps, weight_quantization: {bits: 2, scale: 1.0}"),
            "nothing thrown");
}

TEST(DescriptorValues, ArraysFitTheirLayers) {
  const Described described;
  EXPECT_NE(described.error("weight: square").find("fc"), std::string::npos)
      << described.error("weight: square");
}

TEST(DescriptorValues, FilesStayBesideTheDescriptor) {
  const Described described;
  for (const std::string file : {"../w.npz", "/etc/passwd", "a/../../w.npz"}) {
    EXPECT_EQ(described.error("weight: reals", file),
              "n.yaml:4:17: weights.file: found \"" + file +
                  "\"; expected an .npz file beside the descriptor");
  }
}

}  // namespace
}  // namespace pimento::workloads
