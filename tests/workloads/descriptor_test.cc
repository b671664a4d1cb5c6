// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/workloads/support.h"
#include "workloads/synthetic_values.h"

namespace pimento::workloads {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

// The layers begin on line 5.
std::string with_layers(const std::string& layers, const std::string& more = "") {
  return "schema: pimento/network/1\nname: n\ninput: {shape: [3, 8, 8]}\nlayers:\n" + layers + more;
}

const std::string kConv = "  - {name: c, op: conv, out_channels: 4, kernel: 3}\n";

Network network_with(const std::string& layers, const std::string& more = "") {
  return network_of(with_layers(layers, more));
}

std::string error_of(const std::string& yaml) {
  return input_error([&] { (void)network_of(yaml); });
}

std::string layers_error(const std::string& layers, const std::string& more = "") {
  return error_of(with_layers(layers, more));
}

template <class Op>
const Op& operation(const Network& network, const std::string& name) {
  return std::get<Op>(network.layers[static_cast<std::size_t>(network.find(name))].operation);
}

TEST(Descriptor, HeaderFields) {
  const Network network = network_of(R"(schema: pimento/network/1
name: n
description: Some network.
source: a paper
input: {shape: [1, 28, 28], bits: 4}
weights: {distribution: uniform, seed: 9}
mac_rule: paper
counting_rules:
  paper: {source: a table, exclude: ["c*"], with_bias: [fc], macs: {fc: 5}}
layers:
  - {name: c, op: conv, out_channels: 2, kernel: 3}
  - {name: f, op: flatten}
  - {name: fc, op: linear, out_features: 10, bias: true}
)",
                                     "some/net.yaml");
  EXPECT_EQ(network.name, "n");
  EXPECT_EQ(network.description, "Some network. Source: a paper");
  EXPECT_EQ(network.source, "some/net.yaml");
  EXPECT_EQ(network.input_shape, (Shape{1, 28, 28}));
  EXPECT_EQ(network.input_bits, 4);
  EXPECT_EQ(network.weight_origin.str(), "synthetic uniform, seed 9");
  EXPECT_EQ(network.mac_rule, "paper");
  ASSERT_NE(network.rule("paper"), nullptr);
  EXPECT_EQ(network.rule("paper")->source, "a table");
  EXPECT_THAT(network.rule("paper")->exclude, ElementsAre("c*"));
  EXPECT_THAT(network.rule("paper")->with_bias, ElementsAre("fc"));
  EXPECT_EQ(network.macs(2), 5);
  EXPECT_FALSE(network.layers[0].has_bias);
  EXPECT_TRUE(network.layers[2].has_bias);
}

TEST(Descriptor, DefaultsOfTheHeader) {
  const Network network = network_with(kConv);
  EXPECT_EQ(network.description, "");
  EXPECT_EQ(network.input_bits, 8);
  EXPECT_EQ(network.weight_origin.str(), "synthetic gaussian, seed 1");
  EXPECT_EQ(network.mac_rule, "standard");
  EXPECT_TRUE(network.counting_rules.empty());
}

TEST(Descriptor, ConvFieldsInAllForms) {
  const Network network = network_with(
      "  - {name: a, op: conv, out_channels: 6, kernel: [3, 1], stride: [2, 1], pad: [1, 0],"
      " dilation: [1, 2], groups: 3}\n"
      "  - {name: b, op: conv, out_channels: 6, kernel: 3, pad: [0, 1, 2, 3]}\n"
      "  - {name: c, op: conv, out_channels: 6, kernel: 3, pad: 1}\n");
  const Conv& a = operation<Conv>(network, "a");
  EXPECT_EQ(a.out_channels, 6);
  EXPECT_EQ(a.groups, 3);
  EXPECT_THAT(a.window.kernel, ElementsAre(3, 1));
  EXPECT_THAT(a.window.stride, ElementsAre(2, 1));
  EXPECT_THAT(a.window.dilation, ElementsAre(1, 2));
  EXPECT_THAT(a.window.pads, ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(operation<Conv>(network, "b").window.pads, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(operation<Conv>(network, "c").window.pads, ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(network.layers[0].shape, (Shape{6, 4, 8}));
  EXPECT_EQ(network.layers[1].shape, (Shape{6, 4, 10}));
}

TEST(Descriptor, EveryOperation) {
  const Network network = network_with(
      "  - {name: conv, op: conv, out_channels: 4, kernel: 3, pad: 1}\n"
      "  - {name: bn, op: batch_norm, epsilon: 0.001}\n"
      "  - {name: relu, op: relu}\n"
      "  - {name: clip, op: clip, min: -1, max: 6}\n"
      "  - {name: max, op: max_pool, kernel: 3, stride: 1, pad: 1, dilation: 1}\n"
      "  - {name: average, op: average_pool, kernel: 3, stride: 1, pad: 1, count_padding: true}\n"
      "  - {name: same, op: identity, from: max}\n"
      "  - {name: sum, op: add, from: [average, same]}\n"
      "  - {name: half, op: max_pool, kernel: 3, ceil_mode: true}\n"
      "  - {name: gmax, op: global_max_pool}\n"
      "  - {name: gavg, op: global_average_pool}\n"
      "  - {name: reshape, op: reshape, shape: [2, -1]}\n"
      "  - {name: flatten, op: flatten}\n"
      "  - {name: fc, op: linear, out_features: 10}\n"
      "  - {name: softmax, op: softmax}\n");
  EXPECT_DOUBLE_EQ(operation<BatchNorm>(network, "bn").epsilon, 0.001);
  EXPECT_DOUBLE_EQ(operation<Clip>(network, "clip").min, -1);
  EXPECT_TRUE(operation<Pool>(network, "average").count_padding);
  EXPECT_EQ(operation<Pool>(network, "average").kind, PoolKind::kAverage);
  EXPECT_THAT(operation<Pool>(network, "half").window.stride, ElementsAre(3, 3));
  EXPECT_EQ(network.shape_of(network.find("half")), (Shape{4, 3, 3}));
  EXPECT_EQ(operation<GlobalPool>(network, "gmax").kind, PoolKind::kMax);
  EXPECT_EQ(network.shape_of(network.find("reshape")), (Shape{2, 2}));
  EXPECT_THAT(network.layers[7].inputs, ElementsAre(5, 6));
  EXPECT_EQ(network.layers.back().shape, (Shape{10}));
}

TEST(Descriptor, FromInputMeansTheNetworksInput) {
  const Network network = network_with(
      "  - {name: a, op: conv, out_channels: 4, kernel: 3}\n"
      "  - {name: b, op: conv, out_channels: 4, kernel: 3, from: input}\n"
      "  - {name: sum, op: add, from: [a, b]}\n");
  EXPECT_THAT(network.layers[0].inputs, ElementsAre(kNetworkInput));
  EXPECT_THAT(network.layers[1].inputs, ElementsAre(kNetworkInput));
}

TEST(DescriptorError, Schema) {
  EXPECT_EQ(
      error_of("schema: pimento/chip/1\nname: n\ninput: {shape: [3, 8, 8]}\nlayers:\n" + kConv),
      "net.yaml:1:9: schema: found \"pimento/chip/1\"; expected \"pimento/network/1\"");
}

TEST(DescriptorError, MissingFields) {
  EXPECT_EQ(error_of("schema: pimento/network/1\n"),
            "net.yaml:1:1: name: missing; expected text (\"\" for an empty one)\n"
            "net.yaml:1:1: input: missing; expected a mapping of keys to values\n"
            "net.yaml:1:1: layers: missing; expected a list");
}

TEST(DescriptorError, UnknownOperationListsTheKnownOnes) {
  EXPECT_EQ(layers_error("  - {name: c, op: convv, out_channels: 4, kernel: [3, 3]}\n"),
            "net.yaml:5:19: layers.0.op: unknown operation \"convv\"; did you mean \"conv\"? known "
            "operations: conv, linear, max_pool, average_pool, global_average_pool, "
            "global_max_pool, add, batch_norm, relu, clip, softmax, flatten, reshape, identity, "
            "digital");
  EXPECT_EQ(layers_error("  - {name: c, op: transformer}\n"),
            "net.yaml:5:19: layers.0.op: unknown operation \"transformer\"; known "
            "operations: conv, linear, max_pool, average_pool, global_average_pool, "
            "global_max_pool, add, batch_norm, relu, clip, softmax, flatten, reshape, identity, "
            "digital");
}

constexpr const char* kTokens =
    "schema: pimento/network/1\nname: n\ninput: {shape: [6, 8]}\nlayers:\n"
    "  - {name: q, op: linear, out_features: 8}\n"
    "  - {name: k, op: linear, out_features: 8, from: input}\n";

TEST(DescriptorDigital, IsCountedAsInAModel) {
  const Network network = network_of(
      std::string(kTokens) +
      "  - {name: s, op: digital, operator: MatMul, work: multiplies, shape: [2, 6, 6], inner: 4,\n"
      "     from: [q, k]}\n"
      "  - {name: g, op: digital, operator: Gelu, work: elementwise, shape: [2, 6, 6]}\n"
      "  - {name: t, op: digital, operator: Transpose, work: moves, shape: [6, 2, 6]}\n"
      "  - {name: r, op: digital, operator: ReduceMax, work: reduces, shape: [6, 2]}\n");
  const auto digital = [&](const char* name) {
    return std::get<Digital>(
        network.layers[static_cast<std::size_t>(network.find(name))].operation);
  };
  EXPECT_EQ(digital("s").op, "MatMul");
  EXPECT_EQ(digital("s").inputs, 2);
  EXPECT_EQ(digital("s").macs, 2 * 6 * 6 * 4);
  EXPECT_EQ(digital("s").operations, 2 * 6 * 6 * 4);
  EXPECT_EQ(digital("g").operations, 72);
  EXPECT_EQ(digital("t").operations, 72);
  EXPECT_EQ(digital("t").work, DigitalWork::kMove);
  EXPECT_EQ(digital("r").operations, 72);  // values taken
  EXPECT_EQ(network.digital_macs(), 288);
  EXPECT_EQ(network.layers.back().shape, (Shape{6, 2}));
}

TEST(DescriptorDigital, Mistakes) {
  const auto error = [](const std::string& fields) {
    return input_error([&] {
      (void)network_of(std::string(kTokens) + "  - {name: s, op: digital, " + fields +
                       ", from: [q, k]}\n");
    });
  };
  EXPECT_EQ(error("work: multiply, shape: [6]"),
            "net.yaml:7:5: layers.2.operator: missing; expected text (\"\" for an empty one)\n"
            "net.yaml:7:34: layers.2.work: found \"multiply\"; expected one of moves, elementwise, "
            "reduces, multiplies; did you mean \"multiplies\"?");
  EXPECT_EQ(error("operator: Gelu, work: elementwise, shape: [6], inner: 2"),
            "net.yaml:7:75: layers.2.inner: unknown key; known keys: from, name, op, operator, "
            "shape, work");
  EXPECT_EQ(
      error("operator: MatMul, work: multiplies, shape: [6, 6]"),
      "net.yaml:7:5: layers.2.inner: missing; expected a whole number from 1 to 1099511627776");
  EXPECT_EQ(
      error("operator: MatMul, work: multiplies, shape: [1048576, 1024], inner: 1073741824"),
      "net.yaml:7:95: layers.2.inner: its multiply-accumulates are 2^60 or more; expected fewer");
  EXPECT_EQ(error("operator: Gelu, work: elementwise, shape: [1048576, 1048576]"),
            "net.yaml:7:5: layers.2: layer \"s\": the output shape 1048576x1048576 has 2^40 values "
            "or more; expected fewer");
}

TEST(DescriptorDigital, IsNotComputed) {
  Network network = network_of(std::string(kTokens) +
                               "  - {name: s, op: digital, operator: Max, work: elementwise,\n"
                               "     shape: [6, 8], from: [q, k]}\n");
  EXPECT_EQ(input_error([&] { (void)with_synthetic_values(network); }),
            "net.yaml: layer \"s\" is digital work that is counted, not computed; take the network "
            "as an ONNX model to run it on values");
}

TEST(DescriptorError, UnknownFieldOfAnOperation) {
  EXPECT_EQ(layers_error("  - {name: c, op: conv, out_channels: 4, kernel: 3, strides: 2}\n"),
            "net.yaml:5:53: layers.0.strides: unknown key; did you mean \"stride\"?");
}

TEST(DescriptorError, AllFieldMistakesAtOnce) {
  EXPECT_EQ(
      layers_error("  - {name: c, op: conv, kernel: 0}\n"
                   "  - {name: r, op: relu, bias: true}\n"
                   "  - {name: f, op: linear, out_features: ten}\n"),
      "net.yaml:5:5: layers.0.out_channels: missing; expected a whole number from 1 to "
      "1099511627776\n"
      "net.yaml:5:33: layers.0.kernel: found \"0\"; expected a whole number from 1 to 1048576\n"
      "net.yaml:6:25: layers.1.bias: unknown key; known keys: from, name, op\n"
      "net.yaml:7:41: layers.2.out_features: found \"ten\"; expected a whole number from 1 to "
      "1099511627776");
}

TEST(DescriptorError, ListsOfTheWrongLength) {
  EXPECT_EQ(layers_error("  - {name: c, op: conv, out_channels: 4, kernel: [3, 3, 3]}\n"),
            "net.yaml:5:50: layers.0.kernel: found 3 numbers; expected one number or [height, "
            "width]");
  EXPECT_EQ(layers_error("  - {name: c, op: conv, out_channels: 4, kernel: 3, pad: [1, 1, 1]}\n"),
            "net.yaml:5:58: layers.0.pad: found 3 numbers; expected one number, [height, width] or "
            "[top, left, bottom, right]");
  EXPECT_EQ(error_of("schema: pimento/network/1\nname: n\ninput: {shape: []}\nlayers:\n" + kConv),
            "net.yaml:3:16: input.shape: found 0 extents; expected 1 to 8");
  EXPECT_EQ(layers_error("  - {name: c, op: relu, from: []}\n"),
            "net.yaml:5:31: layers.0.from: found an empty list; expected one or more layer names");
}

TEST(DescriptorError, NoLayers) {
  EXPECT_EQ(error_of("schema: pimento/network/1\nname: n\ninput: {shape: [3]}\nlayers: []\n"),
            "net.yaml:4:9: layers: found 0 layers; expected 1 to 100000");
}

TEST(DescriptorError, TooManyLayers) {
  std::string layers;
  for (int i = 0; i < 100'001; ++i) layers += fmt::format("  - {{name: l{}, op: relu}}\n", i);
  EXPECT_EQ(layers_error(layers),
            "net.yaml:5:3: layers: found 100001 layers; expected 1 to 100000");
}

TEST(DescriptorError, ALayerCannotBeCalledInput) {
  EXPECT_EQ(
      layers_error("  - {name: input, op: relu}\n"),
      "net.yaml:5:12: layers.0.name: found \"input\", which means the network's input; choose "
      "another name");
}

TEST(DescriptorError, NamesTwice) {
  EXPECT_EQ(layers_error(kConv + kConv),
            "net.yaml:6:12: layers.1.name: found \"c\" a second time; choose another name");
}

TEST(DescriptorError, UnknownSourceOfALayer) {
  EXPECT_EQ(
      layers_error("  - {name: conv1, op: conv, out_channels: 4, kernel: 3}\n"
                   "  - {name: sum, op: add, from: [conv1, cnov1]}\n"
                   "  - {name: r, op: relu, from: nowhere_at_all}\n"),
      "net.yaml:6:32: layers.1.from: layer \"sum\": no earlier layer is called \"cnov1\"; did "
      "you mean \"conv1\"?\n"
      "net.yaml:7:31: layers.2.from: layer \"r\": no earlier layer is called "
      "\"nowhere_at_all\"; use \"input\" or the name of a layer above");
}

TEST(DescriptorError, ALaterLayerIsNoSource) {
  EXPECT_THAT(layers_error("  - {name: a, op: relu, from: b}\n  - {name: b, op: relu}\n"),
              HasSubstr("no earlier layer is called \"b\""));
}

TEST(DescriptorError, ShapesThatDoNotFitDoNotHideOthers) {
  EXPECT_EQ(
      layers_error("  - {name: a, op: conv, out_channels: 4, kernel: 9}\n"
                   "  - {name: b, op: conv, out_channels: 4, kernel: 9}\n"
                   "  - {name: g, op: conv, out_channels: 4, kernel: 1, groups: 2, from: input}\n"),
      "net.yaml:5:5: layers.0: layer \"a\": the window reaches over 9 rows (kernel 9, "
      "dilation 1), but the input has 8 (extent 8, pad 0 and 0); use a smaller kernel or more "
      "pad\n"
      "net.yaml:7:5: layers.2: layer \"g\": groups is 2, which does not divide the 3 input "
      "channels; use a divisor");
}

TEST(DescriptorError, AddWithOneInput) {
  EXPECT_EQ(layers_error(kConv + "  - {name: s, op: add}\n"),
            "net.yaml:6:5: layers.1: layer \"s\": add takes 2 inputs; found 1");
}

TEST(DescriptorError, DeadEnds) {
  EXPECT_EQ(
      layers_error(kConv + "  - {name: d, op: relu}\n  - {name: e, op: relu, from: c}\n"),
      "net.yaml: layer \"d\": no later layer uses its output, and it is not the last; connect "
      "it or remove it");
}

TEST(DescriptorError, NothingToMap) {
  EXPECT_EQ(layers_error("  - {name: r, op: relu}\n"),
            "net.yaml: the network has no conv or linear layer; there is nothing to map");
}

TEST(DescriptorError, WeightsOfTheHeader) {
  EXPECT_EQ(layers_error(kConv, "weights: {distribution: gausian, seed: -1}\n"),
            "net.yaml:6:25: weights.distribution: found \"gausian\"; expected one of gaussian, "
            "uniform, bit_sparse; did you mean \"gaussian\"?\n"
            "net.yaml:6:40: weights.seed: found \"-1\"; expected a whole number of at least 0");
}

TEST(DescriptorError, UnknownMacRuleListsTheRules) {
  EXPECT_EQ(
      layers_error(kConv, "mac_rule: papr\ncounting_rules: {paper: {source: s}}\n"),
      "net.yaml:6:11: mac_rule: found \"papr\"; expected one of the counting rules: standard, "
      "paper");
}

TEST(DescriptorError, CountingRules) {
  EXPECT_EQ(
      layers_error(kConv,
                   "counting_rules:\n"
                   "  standard: {source: s}\n"
                   "  p: {exclude: [\"\"], macs: {c: -5}}\n"),
      "net.yaml:7:13: counting_rules.standard: \"standard\" is the rule of every network; "
      "choose another name\n"
      "net.yaml:8:6: counting_rules.p.source: missing; expected text (\"\" for an empty one)\n"
      "net.yaml:8:17: counting_rules.p.exclude.0: found an empty pattern; expected a layer "
      "name or a glob\n"
      "net.yaml:8:32: counting_rules.p.macs.c: found \"-5\"; expected a whole number from 0 "
      "to 1152921504606846975");
  EXPECT_EQ(layers_error("  - {name: conv1, op: conv, out_channels: 4, kernel: 3}\n",
                         "counting_rules:\n"
                         "  p: {source: s, exclude: [covn1], with_bias: [\"f*\"], macs: {d: 5}}\n"),
            "net.yaml:7:27: counting_rules.p.exclude: \"covn1\" is no layer with weights; did you "
            "mean \"conv1\"?\n"
            "net.yaml:7:47: counting_rules.p.with_bias: \"f*\" is no layer with weights\n"
            "net.yaml:7:61: counting_rules.p.macs: \"d\" is no layer with weights");
}

TEST(DescriptorError, TooManyRulesOrPatterns) {
  std::string rules = "counting_rules:\n";
  for (int i = 0; i < 17; ++i) rules += fmt::format("  r{}: {{source: s}}\n", i);
  EXPECT_EQ(layers_error(kConv, rules),
            "net.yaml:7:3: counting_rules: found 17 rules; expected at most 16");
  std::string patterns = "counting_rules:\n  r: {source: s, exclude: [c";
  for (int i = 0; i < 64; ++i) patterns += ", c";
  EXPECT_EQ(layers_error(kConv, patterns + "]}\n"),
            "net.yaml:7:27: counting_rules.r.exclude: found 65 patterns; expected at most 64; use "
            "globs");
}

TEST(DescriptorError, HugeNumbersDoNotOverflow) {
  EXPECT_EQ(layers_error("  - {name: c, op: conv, out_channels: 1099511627776, kernel: 1048576,"
                         " pad: 1048576}\n"),
            "net.yaml:5:5: layers.0: layer \"c\": weights of 1099511627776x3x1048576x1048576 are "
            "2^40 values or more; expected fewer");
  EXPECT_EQ(error_of("schema: pimento/network/1\nname: n\n"
                     "input: {shape: [1099511627776, 1099511627776, 1099511627776]}\n"
                     "layers:\n" +
                     kConv),
            "net.yaml:5:5: layers.0: layer \"c\": the input shape "
            "1099511627776x1099511627776x1099511627776 has 2^40 values or more; expected fewer");
}

}  // namespace
}  // namespace pimento::workloads
