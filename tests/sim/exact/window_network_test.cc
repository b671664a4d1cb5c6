// SPDX-License-Identifier: Apache-2.0
// Convolutions by parallel windows: with lossless ADCs the outputs are bit for bit those of the
// integers of one kernel.
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.h"
#include "sim/exact/network_runner.h"
#include "tests/mapper/support.h"
#include "tests/workloads/graph/graph_builder.h"
#include "workloads/archive/npz.h"
#include "workloads/executor.h"
#include "workloads/importers.h"
#include "workloads/lowering/network_of.h"
#include "workloads/synthetic_values.h"

namespace pimento::exact {
namespace {

using workloads::Array;
using workloads::Network;
using Pair = std::array<std::int64_t, 2>;

struct Mapped {
  std::vector<arch::LayerLayout> layouts;
  int with_copies = 0;
};

Mapped map(const Network& network, const arch::ChipSpec& chip, const std::string& strategy) {
  const mapper::Mapping mapping = mapper::map_network({network, chip}, strategy);
  Mapped mapped{{mapping.layers.begin(), mapping.layers.end()}, 0};
  for (const arch::LayerLayout& layout : mapped.layouts) {
    mapped.with_copies += layout.copies == Pair{1, 1} ? 0 : 1;
  }
  return mapped;
}

std::int64_t distinct(const Array& values) {
  std::set<double> found;
  for (std::int64_t i = 0; i < values.size(); ++i) found.insert(values.real(i));
  return std::ssize(found);
}

// Windows, read column by column and by the short-cut, against the integers of one kernel. Says how
// many layers have windows.
int expect_reference(const Network& network, const arch::ChipSpec& chip,
                     const std::vector<Array>& inputs, bool negative,
                     const ColumnReading& reading = {}) {
  const ArrayOptions arrays{chip.macro, reading};
  NetworkRunner dense(network, map(network, chip, "dense").layouts, arrays, negative);
  const std::vector<Array> reference = dense.run(inputs, Arithmetic::kIntegers);
  const Mapped mapped = map(network, chip, "windows");
  NetworkRunner runner(network, mapped.layouts, arrays, negative);
  EXPECT_GE(distinct(reference[0]), 4);  // there is something to get wrong
  EXPECT_TRUE(runner.run(inputs, Arithmetic::kIntegers) == reference);
  EXPECT_EQ(runner.reads().conversions, 0);
  EXPECT_TRUE(runner.run(inputs, Arithmetic::kArrays) == reference);
  const std::int64_t conversions = runner.reads().conversions;
  EXPECT_GT(conversions, 0);
  EXPECT_TRUE(runner.run(inputs, Arithmetic::kEveryRead) == reference);
  EXPECT_EQ(runner.reads().conversions, 2 * conversions);
  EXPECT_EQ(runner.reads().saturated, 0);
  for (const LayerCounts& counts : runner.counts()) EXPECT_EQ(counts.error, 0.0);
  return mapped.with_copies;
}

workloads::Conv convolution(std::int64_t out, const workloads::Window& window,
                            std::int64_t groups = 1) {
  workloads::Conv conv;
  conv.out_channels = out;
  conv.groups = groups;
  conv.window = window;
  return conv;
}

// Strides of one, two and three, padding, kernels higher than wide and wider than high, windows
// that reach beyond odd maps, groups, depthwise; and a stride that steps over positions.
std::vector<workloads::Conv> every_convolution() {
  return {
      convolution(4, {{3, 2}, {1, 1}, {1, 1}, {1, 0, 1, 1}}, 4),
      convolution(3, {{2, 3}, {2, 1}, {1, 1}, {0, 1, 1, 1}}),
      convolution(6, {{3, 3}, {1, 2}, {1, 1}, {1, 1, 1, 1}}, 2),
      convolution(4, {{1, 2}, {2, 3}, {1, 1}, {0, 2, 0, 2}}),
  };
}

struct Bits {
  int weights = 0;
  int inputs = 0;
};

// These one behind the other, on maps of 11 x 13.
Network network_of(const std::vector<workloads::Conv>& convolutions, const Bits& bits,
                   std::uint64_t seed) {
  mapper::NetworkBuilder builder({4, 11, 13});
  for (const workloads::Conv& conv : convolutions) {
    const std::string name = fmt::format("conv{}", builder.network.layers.size());
    builder.precision(builder.add(name, conv), bits.weights, bits.inputs);
  }
  builder.network.weight_origin.distribution = "uniform";  // few bits are then not all zero
  builder.network.weight_origin.seed = seed;
  builder.network.input_bits = bits.inputs;
  return workloads::with_synthetic_values(builder.network);
}

// Uniform in [0, 1), or in [-1/2, 1/2).
std::vector<Array> image_of(const Network& network, bool is_negative) {
  std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  if (is_negative) {
    for (double& value : image[0].reals) value -= 0.5;
  }
  return image;
}

std::string signed_inputs(int choice, int dac_bits) {
  const std::vector<std::string> ways =
      dac_bits == 1 ? std::vector<std::string>{"twos_complement", "offset", "two_phase"}
                    : std::vector<std::string>{"offset", "two_phase"};
  return "signed_inputs: " + ways[static_cast<std::size_t>(choice) % ways.size()] + ", ";
}

constexpr arch::Encoding kEncodings[] = {arch::Encoding::kTwosComplement,
                                         arch::Encoding::kOffset,
                                         arch::Encoding::kOffsetFlipped,
                                         arch::Encoding::kDifferential,
                                         arch::Encoding::kSignMagnitude,
                                         arch::Encoding::kCenterOffset,
                                         arch::Encoding::kCsd,
                                         arch::Encoding::kXnor};

// Every encoding x cell bits x DAC bits, with digital readout and with ADCs that tell every sum
// apart.
TEST(WindowNetworks, AreExactInEveryEncoding) {
  int choice = 0;
  for (const auto encoding : kEncodings) {
    int with_copies = 0;
    for (const int cell_bits : {1, 2}) {
      for (const int dac_bits : {1, 2}) {
        for (const workloads::Conv& conv : every_convolution()) {
          SCOPED_TRACE(fmt::format("{}, {}-bit cells, {}-bit DACs, stride {}",
                                   arch::encoding_name(encoding), cell_bits, dac_bits,
                                   conv.window.stride[1]));
          ++choice;
          const Network network = network_of({conv}, {1 + choice / 3 % 4, 3 + choice % 3},
                                             static_cast<std::uint64_t>(choice));
          const arch::ChipSpec chip = mapper::make_chip({.rows = 40,
                                                         .columns = 36 * arch::lines(encoding),
                                                         .cell_bits = cell_bits,
                                                         .dac_bits = dac_bits,
                                                         .encoding = encoding,
                                                         .more = signed_inputs(choice, dac_bits)});
          const std::vector<Array> image = image_of(network, choice % 2 == 0);
          with_copies += expect_reference(network, chip, image, choice % 2 == 0);
          const ColumnReading adcs{0, chip.macro.geometry().lossless_adc_bits()};
          expect_reference(network, chip, image, choice % 2 == 0, adcs);
        }
      }
    }
    EXPECT_GE(with_copies, 11) << arch::encoding_name(encoding);  // of 16
  }
}

// Layer behind layer, each with its own windows.
TEST(WindowNetworks, AreExactOneBehindTheOther) {
  for (const auto encoding : kEncodings) {
    SCOPED_TRACE(arch::encoding_name(encoding));
    const Network network = network_of(
        {every_convolution()[0], every_convolution()[2], every_convolution()[1]}, {2, 6}, 1);
    const arch::ChipSpec chip = mapper::make_chip(
        {.rows = 64, .columns = 48 * arch::lines(encoding), .encoding = encoding});
    EXPECT_EQ(expect_reference(network, chip, image_of(network, false), false), 3);
  }
}

// Rows of a window, but a few at a time.
TEST(WindowNetworks, AreExactInOperationUnits) {
  const Network network = network_of({every_convolution()[0], every_convolution()[1]}, {2, 6}, 1);
  const arch::ChipSpec chip = mapper::make_chip(
      {.rows = 48, .columns = 48, .more = "operation_unit: {rows: 7, columns: 48}, "});
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  EXPECT_GE(expect_reference(network, chip, image, true, {7, std::nullopt}), 2);
}

// ADCs that lose something lose as much by the short-cut as read by read, and say so.
TEST(WindowNetworks, CoarseAdcsDoNotDependOnTheShortcut) {
  const Network network = network_of({every_convolution()[1]}, {2, 4}, 1);
  const arch::ChipSpec chip = mapper::make_chip({.rows = 48, .columns = 48});
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  NetworkRunner runner(network, map(network, chip, "windows").layouts, {chip.macro, {0, 2}}, true);
  const std::vector<Array> found = runner.run(image, Arithmetic::kArrays);
  EXPECT_TRUE(runner.run(image, Arithmetic::kEveryRead) == found);
  EXPECT_FALSE(runner.run(image, Arithmetic::kIntegers) == found);
  EXPECT_GT(runner.counts().front().error, 0.0);
}

// Sums beyond the map are converted, but no output has them: the signal is that of one kernel.
TEST(WindowNetworks, ErrorsAreThoseOfTheOutput) {
  mapper::NetworkBuilder builder({2, 9, 9});
  builder.conv("conv", 2, 3);
  builder.precision(0, 1, 4);
  const Network network = workloads::with_synthetic_values(builder.network);
  const arch::ChipSpec chip = mapper::make_chip({.rows = 32, .columns = 8});
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  const auto signal_of = [&](const std::string& strategy) {
    NetworkRunner runner(network, map(network, chip, strategy).layouts, {chip.macro, {0, 2}},
                         false);
    (void)runner.run(image, Arithmetic::kArrays);
    return runner.counts().front().signal;
  };
  ASSERT_EQ(map(network, chip, "windows").with_copies, 1);
  EXPECT_GT(signal_of("dense"), 0.0);
  EXPECT_EQ(signal_of("windows"), signal_of("dense"));  // sums of whole numbers
}

const std::filesystem::path kTests = std::filesystem::path(PIMENTO_SOURCE_DIR) / "tests";

// Networks of files: quantizers, QLinearConv, zero points of inputs; on a chip with ADCs.
TEST(WindowNetworks, QuantizedFilesAreExact) {
  workloads::NpzFile file(kTests.parent_path() / "configs" / "networks" / "digits_cnn.npz");
  const Array images = workloads::decode(file.read("images"));
  const arch::ChipSpec chip =
      mapper::shipped_chip("reram_128x128_1b", {{"macro.rows", "256"}, {"macro.columns", "512"}});
  for (const char* name : {"digits_qdq8", "digits_qlinear8", "digits_qonnx4", "digits_mixed"}) {
    SCOPED_TRACE(name);
    const std::filesystem::path path =
        kTests / "data" / "quantized" / (std::string(name) + ".onnx");
    const Network network = workloads::read_onnx(read_file(path, 1 << 24), path.string());
    const workloads::Value& input = network.graph->value(network.graph->inputs[0]);
    Array image = workloads::make_array(input.type, input.shape);
    std::copy_n(images.reals.begin() + 7 * image.size(), image.size(), image.reals.begin());
    const ColumnReading lossless{0, chip.macro.geometry().lossless_adc_bits()};
    EXPECT_GE(expect_reference(network, chip, {image}, false, lossless), 1);
  }
}

// Integers with zero points of inputs and of weights, against the operator itself.
TEST(WindowNetworks, ZeroPointsOfWeightsAreExact) {
  for (const std::int64_t groups : {1, 2}) {
    for (const std::int64_t stride : {1, 2, 3}) {
      SCOPED_TRACE(fmt::format("{} groups, stride {}", groups, stride));
      workloads::GraphBuilder builder;
      const int x = builder.input("x", {1, 4, 7, 8});
      const std::vector<int> quantized = builder.nodes("DynamicQuantizeLinear", {x}, 3);
      std::vector<std::int64_t> weights;
      for (std::int64_t i = 0; i < 6 * (4 / groups) * 2 * 3; ++i) weights.push_back(i * 37 % 256);
      const int weight = builder.constant(
          workloads::integer_array({6, 4 / groups, 2, 3}, weights, workloads::ElementType::kUint8));
      const int zero = builder.scalar(std::int64_t{113}, workloads::ElementType::kUint8);
      builder.output(builder.node("ConvInteger", {quantized[0], weight, quantized[2], zero},
                                  {{"pads", std::vector<std::int64_t>{1, 2, 0, 1}},
                                   {"strides", std::vector<std::int64_t>{stride, stride}},
                                   {"group", groups}}));
      const Network network = workloads::network_of(builder.graph);
      const std::vector<Array> inputs =
          image_of(network, true);  // of both signs: with a zero point
      const std::vector<Array> expected = workloads::Executor(*network.graph).run(inputs);
      for (const auto encoding : kEncodings) {
        SCOPED_TRACE(arch::encoding_name(encoding));
        const arch::ChipSpec chip = mapper::make_chip(
            {.rows = 64, .columns = 128 * arch::lines(encoding), .encoding = encoding});
        bool fits = true;
        try {
          NetworkRunner(network, map(network, chip, "dense").layouts, {chip.macro, {}}, true);
        } catch (const InputError&) {
          fits = false;  // -128 is no magnitude of seven bits
        }
        const bool has_magnitudes =
            encoding == arch::Encoding::kDifferential || encoding == arch::Encoding::kSignMagnitude;
        ASSERT_EQ(fits, !has_magnitudes);
        if (!fits) continue;
        EXPECT_EQ(expect_reference(network, chip, inputs, true), 1);
        NetworkRunner runner(network, map(network, chip, "windows").layouts, {chip.macro, {}},
                             true);
        EXPECT_TRUE(runner.run(inputs, Arithmetic::kEveryRead) == expected);
      }
    }
  }
}

// Maps of one dimension are images of height one.
TEST(WindowNetworks, OneDimensionIsExact) {
  workloads::GraphBuilder builder;
  const int x = builder.input("x", {1, 2, 13});
  std::vector<double> weights;
  for (int i = 0; i < 3 * 2 * 3; ++i) weights.push_back(i * 7 % 11 - 5.0);
  const int weight = builder.constant(workloads::real_array({3, 2, 3}, weights));
  builder.output(builder.node("Conv", {x, weight}, {{"pads", std::vector<std::int64_t>{1, 1}}}));
  Network network = workloads::network_of(builder.graph);
  for (const int layer : network.weight_layers()) {
    network.layers[static_cast<std::size_t>(layer)].precision = {4, 4};
  }
  const arch::ChipSpec chip = mapper::make_chip({.rows = 32, .columns = 48});
  EXPECT_EQ(
      expect_reference(network, chip, workloads::synthetic_image(*network.graph, 1, 0), false), 1);
}

// Where windows fill the map, what the copies of a weight are driven with adds up to what the
// weight of one kernel is.
TEST(WindowNetworks, CountsOfInputsAreThoseOfAllCopies) {
  mapper::NetworkBuilder builder({3, 8, 8});
  builder.conv("conv", 4, 3, 1, 1);
  builder.precision(0, 1, 5);
  const Network network = workloads::with_synthetic_values(builder.network);
  const arch::ChipSpec chip = mapper::make_chip({.rows = 48, .columns = 16});
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  const auto counts_of = [&](const std::string& strategy) {
    NetworkRunner runner(network, map(network, chip, strategy).layouts, {chip.macro, {}}, false);
    runner.count_inputs(true);
    (void)runner.run(image, Arithmetic::kIntegers);
    return runner.input_counts().at(0);
  };
  const arch::LayerLayout layout = map(network, chip, "windows").layouts.at(0);
  ASSERT_EQ(layout.copies, (Pair{2, 2}));
  const workloads::WindowMatrix windows(network, layout.layer, layout.copies);
  const InputCounts of_one = counts_of("dense");
  const InputCounts of_windows = counts_of("windows");
  EXPECT_EQ(of_one.vectors(0), 64);
  EXPECT_EQ(of_windows.vectors(0), 16);
  EXPECT_EQ(of_windows.rows(), 3 * 16);
  for (std::int64_t weight = 0; weight < of_one.rows(); ++weight) {
    for (int a = 0; a < 5; ++a) {
      for (int b = a; b < 5; ++b) {
        std::int64_t all = 0;
        for (std::int64_t copy = 0; copy < 4; ++copy) {
          all += of_windows.both(0, windows.row_of(weight, copy), a, b);
        }
        ASSERT_EQ(all, of_one.both(0, weight, a, b));
      }
    }
  }
}

}  // namespace
}  // namespace pimento::exact
