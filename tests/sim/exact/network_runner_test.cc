// SPDX-License-Identifier: Apache-2.0
// Whole networks: with lossless ADCs the outputs are bit for bit those of the integers.
#include "sim/exact/network_runner.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <tbb/global_control.h>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/resources.h"
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

std::vector<arch::LayerLayout> layouts_of(const Network& network, const arch::ChipSpec& chip) {
  const mapper::Mapping mapping = mapper::map_network({network, chip}, "dense");
  return {mapping.layers.begin(), mapping.layers.end()};
}

Network onnx_network(const std::filesystem::path& path) {
  return workloads::read_onnx(read_file(path, 1 << 24), path.string());
}

const std::filesystem::path kTests = std::filesystem::path(PIMENTO_SOURCE_DIR) / "tests";
const std::filesystem::path kImages =
    kTests.parent_path() / "configs" / "networks" / "digits_cnn.npz";

void expect_reference(const Network& network, const arch::ChipSpec& chip,
                      const std::vector<Array>& inputs, bool negative = false) {
  NetworkRunner runner(network, layouts_of(network, chip), {chip.macro, {}}, negative);
  const std::vector<Array> reference = runner.run(inputs, Arithmetic::kIntegers);
  EXPECT_EQ(runner.reads().conversions, 0);
  EXPECT_TRUE(runner.run(inputs, Arithmetic::kArrays) == reference);
  EXPECT_TRUE(runner.run(inputs, Arithmetic::kEveryRead) == reference);
  EXPECT_GT(runner.reads().conversions, 0);
  EXPECT_EQ(runner.reads().saturated, 0);
}

// Every chip we ship: one-bit and two-bit cells, offset and two's complement weights, ADCs and
// digital readout; and wide DACs.
TEST(NetworkRunner, DigitsCnnIsExactOnEveryLosslessChip) {
  const Network network =
      onnx_network(kTests.parent_path() / "configs" / "networks" / "digits_cnn.onnx");
  workloads::NpzFile file(kImages);
  const Array images = workloads::decode(file.read("images"));
  const workloads::Value& input = network.graph->value(network.graph->inputs[0]);
  Array image = workloads::make_array(input.type, input.shape);
  std::copy_n(images.reals.begin(), image.size(), image.reals.begin());
  for (const char* name : {"isaac_ce", "reram_128x128_1b", "sram_128x128"}) {
    expect_reference(network, mapper::shipped_chip(name), {image});
  }
}

// What a file's operators compute on integers themselves comes out the same on arrays.
TEST(NetworkRunner, QuantizedFilesGiveWhatTheirOperatorsGive) {
  workloads::NpzFile file(kImages);
  const Array images = workloads::decode(file.read("images"));
  const arch::ChipSpec chip = mapper::shipped_chip("reram_128x128_1b");
  for (const char* name : {"digits_qdq8", "digits_qlinear8", "digits_qonnx4", "digits_mixed"}) {
    const Network network =
        onnx_network(kTests / "data" / "quantized" / (std::string(name) + ".onnx"));
    const workloads::Value& input = network.graph->value(network.graph->inputs[0]);
    Array image = workloads::make_array(input.type, input.shape);
    std::copy_n(images.reals.begin() + 7 * image.size(), image.size(), image.reals.begin());
    NetworkRunner runner(network, layouts_of(network, chip), {chip.macro, column_reading(chip)},
                         false);
    const std::vector<Array> found = runner.run({image}, Arithmetic::kArrays);
    const std::vector<Array> expected = workloads::Executor(*network.graph).run({image});
    ASSERT_EQ(found.size(), expected.size());
    for (std::int64_t i = 0; i < found[0].size(); ++i) {
      EXPECT_NEAR(found[0].real(i), expected[0].real(i), 1e-4) << name << ", output " << i;
    }
  }
}

// Signed inputs, depthwise and grouped layers, one-bit weights, all precisions.
TEST(NetworkRunner, DescribedNetworksAreExactWithDrawnValues) {
  for (int bits = 1; bits <= 9; ++bits) {
    mapper::NetworkBuilder builder({4, 9, 9});
    builder.conv("depthwise", 4, 3, 1, 1, 4);
    builder.add("norm", workloads::BatchNorm{});
    builder.conv("pointwise", 6, 1);
    builder.add("relu", workloads::Relu{});
    builder.conv("grouped", 6, 3, 2, 0, 2);
    builder.add("pool", workloads::GlobalPool{});
    builder.add("flatten", workloads::Flatten{});
    builder.add("fc", workloads::Linear{5});
    builder.network.weight_origin.seed = static_cast<std::uint64_t>(bits);
    for (const int layer : builder.network.weight_layers()) {
      builder.precision(layer, bits, 10 - bits);
    }
    builder.network.input_bits = 10 - bits;
    const Network network = workloads::with_synthetic_values(builder.network);
    const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
    for (const auto encoding : {arch::Encoding::kTwosComplement, arch::Encoding::kOffset,
                                arch::Encoding::kDifferential}) {
      // One bit of a differential pair holds a magnitude only: -1 and 0 fit as well.
      const arch::ChipSpec chip = mapper::make_chip({.rows = 16,
                                                     .columns = 32,
                                                     .cell_bits = 1 + bits % 3,
                                                     .dac_bits = 1 + bits % 2,
                                                     .encoding = encoding});
      expect_reference(network, chip, image, bits % 2 == 0);
    }
  }
}

// What packing did to a network, as far as reading goes.
struct PackedForm {
  bool shares_macros = false;  // between layers
  bool cuts_rows = false;
  bool parts_weights = false;  // slices of a weight lie in groups over different rows
  bool takes_turns = false;
};

PackedForm form_of(const mapper::Mapping& mapping) {
  PackedForm form;
  std::int64_t of_layers = 0;
  for (const mapper::LayerMapping& layer : mapping.layers) {
    of_layers += layer.macros;
    form.cuts_rows = form.cuts_rows || layer.passes.at(0).conversions_saved < 0;
    const auto slices = std::ssize(layer.plan.slices);
    for (const arch::ColumnGroup& group : layer.groups) {
      form.takes_turns = form.takes_turns || group.turn > 0;
      for (const arch::ColumnGroup& other : layer.groups) {
        const bool is_apart = other.columns.front() == group.columns.back() + 1 &&
                              other.columns.front() % slices != 0 && other.block == group.block &&
                              !(other.rows == group.rows) &&
                              other.rows.front() <= group.rows.back() &&
                              group.rows.front() <= other.rows.back();
        form.parts_weights = form.parts_weights || is_apart;
      }
    }
  }
  form.shares_macros = of_layers > mapping.macros;
  return form;
}

// An encoder on small maps: many sizes of matrices, depthwise and grouped ones among them.
Network packable_network(int bits) {
  mapper::NetworkBuilder builder({4, 7, 7});
  builder.conv("depthwise", 4, 3, 1, 1, 4);
  builder.conv("pointwise", 6, 1);
  builder.add("relu", workloads::Relu{});
  builder.conv("grouped", 10, 3, 2, 0, 2);
  builder.conv("plain", 7, 3, 1, 1);
  builder.add("pool", workloads::GlobalPool{});
  builder.add("flatten", workloads::Flatten{});
  builder.add("hidden", workloads::Linear{9});
  builder.add("fc", workloads::Linear{5});
  builder.network.weight_origin.seed = static_cast<std::uint64_t>(bits);
  for (const int layer : builder.network.weight_layers()) {
    builder.precision(layer, bits, 10 - bits);
  }
  builder.network.input_bits = 10 - bits;
  return workloads::with_synthetic_values(builder.network);
}

// Layers in one macro, cut pieces, slices of a weight apart: with ADCs that tell every sum apart
// the integers, by the short cut and with every column read.
TEST(NetworkRunner, PackedNetworksAreExact) {
  PackedForm seen;
  int cases = 0;
  for (int bits = 2; bits <= 8; ++bits) {
    const Network network = packable_network(bits);
    const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
    for (const auto encoding :
         {arch::Encoding::kTwosComplement, arch::Encoding::kOffset, arch::Encoding::kOffsetFlipped,
          arch::Encoding::kSignMagnitude, arch::Encoding::kCsd}) {
      const int unit = encoding != arch::Encoding::kOffsetFlipped && bits % 3 == 0 ? 5 : 0;
      const arch::ChipSpec chip = mapper::make_chip(
          {.rows = 16,
           .columns = 26,
           .cell_bits = 1 + bits % 2,
           .encoding = encoding,
           .more = unit == 0 ? "" : fmt::format("operation_unit: {{rows: {}}}, ", unit)});
      const ColumnReading lossless{unit, chip.macro.geometry().lossless_adc_bits()};
      for (const char* strategy : {"packed", "area"}) {
        SCOPED_TRACE(fmt::format("{} bits, {}, {}", bits, arch::encoding_name(encoding), strategy));
        const mapper::Mapping mapping = mapper::map_network({network, chip}, strategy);
        const PackedForm form = form_of(mapping);
        seen.cuts_rows = seen.cuts_rows || form.cuts_rows;
        seen.parts_weights = seen.parts_weights || form.parts_weights;
        seen.takes_turns = seen.takes_turns || form.takes_turns;
        EXPECT_TRUE(form.shares_macros);
        NetworkRunner runner(network, {mapping.layers.begin(), mapping.layers.end()},
                             {chip.macro, lossless}, true);
        const std::vector<Array> reference = runner.run(image, Arithmetic::kIntegers);
        EXPECT_EQ(runner.reads().conversions, 0);
        EXPECT_TRUE(runner.run(image, Arithmetic::kArrays) == reference);
        EXPECT_TRUE(runner.run(image, Arithmetic::kEveryRead) == reference);
        EXPECT_GT(runner.reads().conversions, 0);
        EXPECT_EQ(runner.reads().saturated, 0);
        ++cases;
      }
    }
  }
  EXPECT_EQ(cases, 70);
  EXPECT_TRUE(seen.cuts_rows);
  EXPECT_TRUE(seen.parts_weights);
  EXPECT_TRUE(seen.takes_turns);
}

// The ADC loses sums: then it matters how rows are parted, and the short cut must say the same as
// every read.
TEST(NetworkRunner, PackedNetworksLoseTheSameByTheShortCut) {
  const Network network = packable_network(6);
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  const arch::ChipSpec chip = mapper::make_chip({.rows = 16, .columns = 26});
  const mapper::Mapping mapping = mapper::map_network({network, chip}, "area");
  NetworkRunner runner(network, {mapping.layers.begin(), mapping.layers.end()},
                       {chip.macro, {0, 2}}, true);
  const std::vector<Array> lossy = runner.run(image, Arithmetic::kArrays);
  EXPECT_FALSE(lossy == runner.run(image, Arithmetic::kIntegers));
  EXPECT_TRUE(runner.run(image, Arithmetic::kEveryRead) == lossy);
}

// The same network and image give the same bytes whatever threads do.
TEST(NetworkRunner, RunsRepeatToTheBit) {
  mapper::NetworkBuilder builder({8, 24, 24});
  builder.conv("conv", 16, 3, 1, 1);
  builder.conv("depthwise", 16, 3, 1, 1, 16);
  const Network network = workloads::with_synthetic_values(builder.network);
  const arch::ChipSpec chip = mapper::make_chip({.rows = 32});
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  NetworkRunner runner(network, layouts_of(network, chip), {chip.macro, {0, 3}}, true);
  const std::vector<Array> first = runner.run(image, Arithmetic::kArrays);
  const LayerCounts once = runner.counts().front();
  for (int i = 1; i < 20; ++i) {
    ASSERT_TRUE(runner.run(image, Arithmetic::kArrays) == first) << "run " << i;
  }
  EXPECT_EQ(runner.counts().front().reads.saturated, 20 * once.reads.saturated);
  EXPECT_GT(once.error, 0.0);
}

// Cells, noise of reads, chunks of positions: the same by one thread and by many; other images and
// other seeds meet other noise.
TEST(NetworkRunner, NoiseDependsOnSeedAndPlaceAlone) {
  mapper::NetworkBuilder builder({8, 24, 24});
  builder.conv("conv", 16, 3);
  builder.add("relu", workloads::Relu{});
  builder.conv("second", 8, 3);
  const Network network = workloads::with_synthetic_values(builder.network);
  const arch::ChipSpec chip = mapper::shipped_chip("reram_128x128_1b");
  const InputFile file = open_input("rram_wan2022_1day", "devices");
  const arch::DeviceSpec device =
      arch::read_device(ConfigDocument::parse(file.content, file.name, resolve_include), file.name);
  const std::vector<Array> inputs = workloads::synthetic_image(*network.graph, 1, 0);
  const auto run = [&](std::uint64_t seed, std::uint64_t image) {
    const ArrayDevices devices(device, chip.macro.cell_bits, seed);
    NetworkRunner runner(network, layouts_of(network, chip),
                         {chip.macro, column_reading(chip), &devices}, false);
    return runner.run(inputs, Arithmetic::kArrays, image);
  };
  const std::vector<Array> many = run(1, 0);
  {
    const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
    EXPECT_TRUE(run(1, 0) == many);
  }
  EXPECT_FALSE(run(1, 1) == many);
  EXPECT_FALSE(run(2, 0) == many);
}

TEST(NetworkRunner, IntegerOperatorsKeepTheBitsOfTheirFile) {
  Network network = onnx_network(kTests / "data" / "quantized" / "digits_qlinear8.onnx");
  for (const int layer : network.weight_layers()) {
    network.layers[static_cast<std::size_t>(layer)].precision.weight_bits = 4;
  }
  const arch::ChipSpec chip = mapper::shipped_chip("reram_128x128_1b");
  const std::string message = mapper::message_of<InputError>(
      [&] { NetworkRunner(network, layouts_of(network, chip), {chip.macro, {}}, false); });
  EXPECT_NE(message.find("it is the operator QLinearConv, whose integers have the bits of its "
                         "file; use the policy as_stored"),
            std::string::npos)
      << message;
}

// A file that quantizes its inputs anew for every tensor says their zero point as it goes.
TEST(NetworkRunner, ZeroPointsMayBeFoundAsTheNetworkRuns) {
  workloads::GraphBuilder builder;
  const int x = builder.input("x", {3, 4});
  const std::vector<int> quantized = builder.nodes("DynamicQuantizeLinear", {x}, 3);
  std::vector<std::int64_t> weights;
  for (std::int64_t i = 0; i < 20; ++i) weights.push_back(i * 37 % 256 - 128);
  const int weight =
      builder.constant(workloads::integer_array({4, 5}, weights, workloads::ElementType::kInt8));
  const int zero = builder.scalar(std::int64_t{3}, workloads::ElementType::kInt8);
  builder.output(builder.node("MatMulInteger", {quantized[0], weight, quantized[2], zero}));
  const Network network = workloads::network_of(builder.graph);
  const std::vector<Array> inputs{workloads::real_array(
      {3, 4}, {-1.0, 0.5, 2.0, 0.25, 1.0, -0.75, 0.0, 1.5, -0.25, 0.125, 0.75, -0.5})};
  const arch::ChipSpec chip = mapper::make_chip({.rows = 16});
  NetworkRunner runner(network, layouts_of(network, chip), {chip.macro, {}}, true);
  EXPECT_EQ(runner.run(inputs, Arithmetic::kEveryRead),
            workloads::Executor(*network.graph).run(inputs));
}

TEST(NetworkRunner, ComputedBiasesAreRefused) {
  workloads::GraphBuilder builder;
  const int x = builder.input("x", {1, 2});
  const int weight = builder.constant(workloads::real_array({2, 2}, {1.0, 2.0, 3.0, 4.0}));
  builder.output(builder.node("Gemm", {x, weight, builder.node("Relu", {x})}));
  Network network = workloads::network_of(builder.graph);
  if (network.weight_layers().empty()) return;  // then it is digital work, and nothing is lost
  const arch::ChipSpec chip = mapper::make_chip({.rows = 16});
  EXPECT_NE(mapper::message_of<InputError>([&] {
              NetworkRunner(network, layouts_of(network, chip), {chip.macro, {}}, true);
            }).find("its bias is computed; executed are constant ones"),
            std::string::npos);
}

// Ranges chosen on sums: with as many codes as sums nothing is lost, and the shortcut still agrees.
TEST(NetworkRunner, ChosenRangesReachEveryAdc) {
  mapper::NetworkBuilder builder({3, 8, 8});
  builder.conv("conv", 8, 3, 1, 1);
  builder.add("relu", workloads::Relu{});
  builder.conv("second", 8, 3, 1, 1);
  const Network network = workloads::with_synthetic_values(builder.network);
  const arch::ChipSpec chip = mapper::make_chip({.rows = 64});
  const std::vector<Array> image = workloads::synthetic_image(*network.graph, 1, 0);
  NetworkRunner runner(network, layouts_of(network, chip), {chip.macro, {0, 3}}, false);
  const std::vector<Array> full = runner.run(image, Arithmetic::kArrays);
  runner.observe(image);
  runner.set_ranges(3, AdcRange::kMse);
  const std::vector<Array> chosen = runner.run(image, Arithmetic::kArrays);
  EXPECT_FALSE(chosen == full);
  EXPECT_TRUE(runner.run(image, Arithmetic::kEveryRead) == chosen);
  runner.set_ranges(7, AdcRange::kMinMax);
  EXPECT_TRUE(runner.run(image, Arithmetic::kArrays) == runner.run(image, Arithmetic::kIntegers));
}

// Only runs that are to be counted are; two images count as each of them does.
TEST(NetworkRunner, CountsWhatRowsAreDrivenWith) {
  mapper::NetworkBuilder builder({3, 8, 8});
  builder.conv("conv", 8, 3, 2, 1);
  builder.add("relu", workloads::Relu{});
  builder.add("flatten", workloads::Flatten{});
  builder.add("fc", workloads::Linear{5});
  const Network network = workloads::with_synthetic_values(builder.network);
  const arch::ChipSpec chip = mapper::make_chip({.rows = 64});
  const auto counts_of = [&](const std::vector<std::uint64_t>& images, Arithmetic arithmetic) {
    NetworkRunner runner(network, layouts_of(network, chip), {chip.macro, {}}, false);
    EXPECT_TRUE(runner.input_counts().empty());
    for (const std::uint64_t image : images) {
      const auto inputs = workloads::synthetic_image(*network.graph, 1, image);
      runner.count_inputs(true);
      (void)runner.run(inputs, arithmetic);
      runner.count_inputs(false);
      (void)runner.run(inputs, arithmetic);
    }
    return runner.input_counts();
  };
  const auto both = counts_of({0, 1}, Arithmetic::kIntegers);
  EXPECT_TRUE(counts_of({0, 1}, Arithmetic::kArrays) == both);
  auto first = counts_of({0}, Arithmetic::kIntegers);
  const auto second = counts_of({1}, Arithmetic::kIntegers);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].vectors(0), 2 * 16);  // a place for every second value of 8 x 8
  EXPECT_EQ(both[1].vectors(0), 2);
  EXPECT_EQ(both[1].rows(), 8 * 16);
  for (std::size_t i = 0; i < both.size(); ++i) {
    first[i].merge(second[i]);
    EXPECT_TRUE(first[i] == both[i]) << i;
  }
}

}  // namespace
}  // namespace pimento::exact
