// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/mapped_matrix.h"

#include <iterator>
#include <numeric>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/error.h"
#include "mapper/strategy.h"
#include "tests/mapper/support.h"

namespace pimento::exact {
namespace {

// A grouped convolution's matrix on a small chip, with weights and inputs over their whole range.
class Fixture {
 public:
  Fixture(const mapper::ChipShape& shape, int weight_bits, const InputFormat& input, int groups,
          std::uint32_t seed)
      : random_(seed), chip_(mapper::make_chip(shape)), input_(input) {
    mapper::NetworkBuilder builder({std::int64_t{3} * groups, 5, 5});
    builder.conv("conv", std::int64_t{4} * groups, 3, 1, 0, groups);
    builder.precision(0, weight_bits, input.bits);
    network_ = builder.network;
    const workloads::MatrixShape matrix = network_.matrix(0);
    block_ = {matrix.groups, matrix.rows, matrix.columns};
    layout_ = mapper::map_network({network_, chip_}, "dense").layers.front();
    const std::int64_t low = arch::lowest_weight(layout_.plan);
    const std::int64_t high = arch::highest_weight(layout_.plan);
    weights_ = drawn(matrix.weights(), low, high);
    const std::int64_t half = std::int64_t{1} << (input.bits - 1);
    inputs_ = input.is_signed ? drawn(kVectors * matrix.rows, -half, half - 1)
                              : drawn(kVectors * matrix.rows, 0, 2 * half - 1);
  }

  static constexpr int kVectors = 11;
  // Products of integers, written out.
  [[nodiscard]] std::vector<double> expected(std::int64_t block) const {
    std::vector<double> sums;
    for (std::int64_t c = 0; c < block_.channels; ++c) {
      for (std::int64_t v = 0; v < kVectors; ++v) {
        std::int64_t sum = 0;
        for (std::int64_t r = 0; r < block_.rows; ++r) {
          const auto at = static_cast<std::size_t>((block * block_.channels + c) * block_.rows + r);
          sum +=
              std::int64_t{weights_[at]} * inputs_[static_cast<std::size_t>(v * block_.rows + r)];
        }
        sums.push_back(static_cast<double>(sum));
      }
    }
    return sums;
  }
  [[nodiscard]] std::vector<double> multiplied(std::int64_t block, const ColumnReading& reading,
                                               bool shortcut) {
    const MappedMatrix matrix(block_, weights_, layout_, chip_.macro, reading, input_);
    std::vector<double> sums(static_cast<std::size_t>(block_.channels * kVectors), -1.0);
    counts_ = {};
    matrix.multiply(block, kVectors, inputs_.data(), block_.rows, {.shortcut = shortcut},
                    sums.data(), counts_);
    return sums;
  }
  // The same on cells of a device.
  [[nodiscard]] std::vector<double> multiplied_on(const arch::DeviceSpec& device,
                                                  const ColumnReading& reading,
                                                  std::uint64_t noise_key = 0) const {
    const ArrayDevices devices(device, chip_.macro.cell_bits, 1);
    const MappedMatrix matrix(block_, weights_, layout_, chip_.macro, reading, input_, &devices);
    EXPECT_FALSE(matrix.is_exact());
    std::vector<double> sums(static_cast<std::size_t>(block_.channels * kVectors), -1.0);
    ReadCounts counts;
    matrix.multiply(0, kVectors, inputs_.data(), block_.rows, {true, noise_key}, sums.data(),
                    counts);
    return sums;
  }
  // The sum of each vector's inputs, times `weight`, for every channel.
  [[nodiscard]] std::vector<double> inputs_times(double weight) const {
    std::vector<double> sums;
    for (std::int64_t c = 0; c < block_.channels; ++c) {
      for (std::int64_t v = 0; v < kVectors; ++v) {
        const auto from = inputs_.begin() + v * block_.rows;
        sums.push_back(weight * std::accumulate(from, from + block_.rows, 0.0));
      }
    }
    return sums;
  }
  // Every sum told apart: digitally, or by an ADC of just enough bits.
  [[nodiscard]] ColumnReading lossless(int unit_rows, bool has_adc) const {
    if (!has_adc) return {unit_rows, std::nullopt};
    arch::MacroGeometry geometry = chip_.macro.geometry();
    geometry.rows_at_once = unit_rows;
    return {unit_rows, geometry.lossless_adc_bits()};
  }
  [[nodiscard]] const ReadCounts& counts() const { return counts_; }
  [[nodiscard]] const BlockShape& block() const { return block_; }
  [[nodiscard]] const arch::LayerLayout& layout() const { return layout_; }

 private:
  std::vector<std::int32_t> drawn(std::int64_t count, std::int64_t low, std::int64_t high) {
    std::uniform_int_distribution<std::int32_t> any(static_cast<std::int32_t>(low),
                                                    static_cast<std::int32_t>(high));
    std::vector<std::int32_t> values(static_cast<std::size_t>(count));
    for (std::int32_t& value : values) value = any(random_);
    return values;
  }

  std::mt19937 random_;
  arch::ChipSpec chip_;
  InputFormat input_;
  workloads::Network network_;
  BlockShape block_;
  arch::LayerLayout layout_;
  std::vector<std::int32_t> weights_;
  std::vector<std::int32_t> inputs_;
  ReadCounts counts_;
};

constexpr arch::Encoding kEncodings[] = {arch::Encoding::kTwosComplement,
                                         arch::Encoding::kOffset,
                                         arch::Encoding::kOffsetFlipped,
                                         arch::Encoding::kDifferential,
                                         arch::Encoding::kSignMagnitude,
                                         arch::Encoding::kCenterOffset,
                                         arch::Encoding::kCsd,
                                         arch::Encoding::kXnor};

// How signed inputs may be driven with such a DAC.
std::string signed_inputs(std::uint32_t choice, int dac_bits) {
  const std::vector<std::string> ways =
      dac_bits == 1 ? std::vector<std::string>{"twos_complement", "offset", "two_phase"}
                    : std::vector<std::string>{"offset", "two_phase"};
  return "signed_inputs: " + ways[choice % ways.size()] + ", ";
}

// Every encoding x cell bits x DAC bits x array size, with ADCs that tell every sum apart.
TEST(MappedMatrix, LosslessReadsGiveTheIntegerProducts) {
  std::uint32_t seed = 0;
  for (const auto encoding : kEncodings) {
    for (const int cell_bits : {1, 2, 3, 4, 8}) {
      for (const int dac_bits : {1, 2, 4, 8}) {
        for (const int rows : {16, 32, 1024}) {
          ++seed;
          const InputFormat input{1 + static_cast<int>(seed % 9), seed % 2 == 0};
          const int weight_bits = 1 + static_cast<int>(seed % 10);
          Fixture fixture({.rows = rows,
                           .columns = 24,
                           .cell_bits = cell_bits,
                           .dac_bits = dac_bits,
                           .encoding = encoding,
                           .more = signed_inputs(seed / 2, dac_bits)},
                          weight_bits, input, 1 + static_cast<int>(seed % 2), seed);
          const bool flips = encoding == arch::Encoding::kOffsetFlipped;
          for (std::int64_t block = 0; block < fixture.block().blocks; ++block) {
            const std::vector<double> expected = fixture.expected(block);
            for (const int unit_rows : flips ? std::vector{0} : std::vector{0, 1, 9, 16}) {
              for (const bool has_adc : {false, true}) {
                const ColumnReading reading = fixture.lossless(unit_rows, has_adc);
                ASSERT_EQ(fixture.multiplied(block, reading, false), expected)
                    << "seed " << seed << ", units of " << unit_rows;
                ASSERT_EQ(fixture.multiplied(block, reading, true), expected)
                    << "seed " << seed << ", units of " << unit_rows << ", by the shortcut";
                EXPECT_EQ(fixture.counts().saturated, 0);
              }
            }
          }
        }
      }
    }
  }
}

TEST(MappedMatrix, CountsAConversionForEveryColumnSliceAndRead) {
  Fixture fixture({.rows = 16, .columns = 24}, 4, {8, false}, 1, 1);
  // 27 rows on arrays of 16: two row tiles; 4 channels of 4 slices; 8 input bits; 11 vectors.
  (void)fixture.multiplied(0, {}, false);
  EXPECT_EQ(fixture.counts().conversions, 2 * 4 * 4 * 8 * 11);
  (void)fixture.multiplied(0, {}, true);
  EXPECT_EQ(fixture.counts().conversions, 2 * 4 * 4 * 8 * 11);
  // In units of nine: two reads of each tile, 9 + 7 and 9 + 2 rows.
  (void)fixture.multiplied(0, {9, std::nullopt}, false);
  EXPECT_EQ(fixture.counts().conversions, 2 * 2 * 4 * 4 * 8 * 11);
}

arch::DeviceSpec device_of(const std::string& more) {
  const std::string text =
      "schema: pimento/device/1\nname: device\nsource: test\n"
      "conductance: {lowest: 1 uS, highest: 101 uS, source: test}\nreference_column: true\n" +
      more;
  return arch::read_device(ConfigDocument::parse(text, "device.yaml"), "device.yaml");
}

// Wires of next to nothing take next to nothing: the way of real cells, and integer products.
TEST(MappedMatrix, GoodDevicesGiveTheIntegerProducts) {
  const arch::DeviceSpec device = device_of(
      "wires: {row: 1e-6 Ohm, column: 1e-6 Ohm, driver: 1e-6 Ohm, sense: 1e-6 Ohm, source: "
      "test}\n");
  std::uint32_t seed = 0;
  for (const auto encoding : kEncodings) {
    if (encoding == arch::Encoding::kXnor) continue;
    for (const int cell_bits : {1, 2, 3}) {
      for (const int dac_bits : {1, 2}) {
        ++seed;
        Fixture fixture({.rows = 32,
                         .columns = 24,
                         .cell_bits = cell_bits,
                         .dac_bits = dac_bits,
                         .encoding = encoding,
                         .more = signed_inputs(seed, dac_bits)},
                        6, {5, seed % 2 == 0}, 1, seed);
        const int unit_rows = encoding != arch::Encoding::kOffsetFlipped && seed % 3 == 0 ? 9 : 0;
        ASSERT_EQ(fixture.multiplied_on(device, fixture.lossless(unit_rows, true)),
                  fixture.expected(0))
            << arch::encoding_name(encoding) << ", seed " << seed;
      }
    }
  }
}

// With all cells stuck, every weight is the one whose cells are all empty, or all full.
TEST(MappedMatrix, StuckCellsHoldWhatTheyHold) {
  Fixture fixture({.rows = 32, .columns = 24}, 4, {5, false}, 1, 3);
  const ColumnReading reading = fixture.lossless(0, true);
  EXPECT_EQ(
      fixture.multiplied_on(device_of("stuck: {lowest: 1, highest: 0, source: test}\n"), reading),
      fixture.inputs_times(0.0));
  EXPECT_EQ(
      fixture.multiplied_on(device_of("stuck: {lowest: 0, highest: 1, source: test}\n"), reading),
      fixture.inputs_times(1.0 + 2.0 + 4.0 - 8.0));
}

TEST(MappedMatrix, ReadNoiseFollowsFromItsKeyAlone) {
  Fixture fixture({.rows = 32, .columns = 24}, 4, {5, false}, 1, 3);
  const arch::DeviceSpec device =
      device_of("read_noise: {kind: relative, sigma: 0.3, source: test}\n");
  const ColumnReading reading = fixture.lossless(0, true);
  const std::vector<double> first = fixture.multiplied_on(device, reading, 1);
  EXPECT_EQ(fixture.multiplied_on(device, reading, 1), first);
  EXPECT_NE(fixture.multiplied_on(device, reading, 2), first);
  EXPECT_NE(fixture.expected(0), first);
}

TEST(MappedMatrix, RefusesDevicesThatNoColumnIsReadThrough) {
  const arch::DeviceSpec device =
      device_of("programming: {kind: relative, sigma: 0.1, source: test}\n");
  Fixture digital({.rows = 32, .columns = 24}, 4, {5, false}, 1, 3);
  EXPECT_EQ(mapper::message_of<InputError>([&] { (void)digital.multiplied_on(device, {}); }),
            "real devices are those of arrays with ADCs; this chip reads digital words, and its "
            "cells either hold a bit or fail");
  Fixture bipolar({.rows = 32, .columns = 24, .encoding = arch::Encoding::kXnor}, 4, {5, false}, 1,
                  3);
  EXPECT_EQ(mapper::message_of<InputError>(
                [&] { (void)bipolar.multiplied_on(device, bipolar.lossless(0, true)); }),
            "real devices are not modelled in bipolar cells, which answer to inputs of zero as "
            "well; choose another macro.encoding than xnor");
}

// The shortcut takes only what no ADC can change: with ADCs of few bits both ways agree as well.
TEST(MappedMatrix, ShortcutAgreesWithEveryReadWhereAdcsAreCoarse) {
  int lossy = 0;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const arch::Encoding encoding = kEncodings[seed % std::size(kEncodings)];
    const int cell_bits = 1 + static_cast<int>(seed % 2);
    Fixture fixture({.rows = 32,
                     .columns = 24,
                     .cell_bits = cell_bits,
                     .encoding = encoding,
                     .more = signed_inputs(seed / 4, 1)},
                    5, {4, seed % 4 == 0}, 2, seed);
    const int adc_bits = 2 + static_cast<int>(seed % 4);
    const bool flips = encoding == arch::Encoding::kOffsetFlipped;
    const int unit_rows = seed % 5 == 0 && !flips ? 9 : 0;
    const ColumnReading reading{unit_rows, adc_bits};
    const std::vector<double> every = fixture.multiplied(1, reading, false);
    const ReadCounts counts = fixture.counts();
    ASSERT_EQ(fixture.multiplied(1, reading, true), every) << "seed " << seed;
    EXPECT_EQ(fixture.counts().conversions, counts.conversions);
    EXPECT_EQ(fixture.counts().saturated, counts.saturated);
    lossy += every != fixture.expected(1) ? 1 : 0;
  }
  EXPECT_GT(lossy, 20);
}

// Slices of one weight on row tiles of different height, as no strategy of ours does it yet.
TEST(MappedMatrix, SlicesMayLieOnRowTilesOfTheirOwn) {
  Fixture fixture({.rows = 32, .columns = 24}, 3, {4, false}, 1, 7);
  arch::LayerLayout layout = fixture.layout();
  const std::int64_t columns = 4 * 3;
  layout.groups.clear();
  const auto add = [&](arch::Range rows, arch::Range range) {
    arch::ColumnGroup group;
    group.rows = rows;
    group.columns = range;
    layout.groups.push_back(group);
  };
  add({0, 10}, {0, 5});
  add({10, 27}, {0, 5});
  add({0, 27}, {5, columns});
  std::mt19937 random(3);
  std::uniform_int_distribution<std::int32_t> weight(-4, 3);
  std::uniform_int_distribution<std::int32_t> input(0, 15);
  std::vector<std::int32_t> weights(4 * 27);
  std::vector<std::int32_t> inputs(27);
  for (auto& value : weights) value = weight(random);
  for (auto& value : inputs) value = input(random);
  const MappedMatrix matrix({1, 27, 4}, weights, layout,
                            mapper::make_chip({.rows = 32, .columns = 24}).macro, {}, {4, false});
  for (const bool shortcut : {false, true}) {
    std::vector<double> sums(4);
    ReadCounts counts;
    matrix.multiply(0, 1, inputs.data(), 27, {.shortcut = shortcut}, sums.data(), counts);
    for (std::size_t c = 0; c < 4; ++c) {
      double sum = 0.0;
      for (std::size_t r = 0; r < 27; ++r) sum += weights[c * 27 + r] * inputs[r];
      EXPECT_EQ(sums[c], sum) << "channel " << c;
    }
  }
}

TEST(IntegerMatrix, IsExactWhereSinglePrecisionIsNot) {
  // 2^15 x 2^16 x 3 needs more than 24 bits.
  const std::vector<std::int32_t> weights{32767, -32768, 32767, 1, 1, 1};
  const IntegerMatrix matrix({1, 3, 2}, weights, 65535);
  const std::vector<std::int32_t> inputs{65535, 1, 65534};
  std::vector<double> sums(2, 0.0);
  matrix.add_product(0, 0, 3, 1, inputs.data(), 3, sums.data());
  EXPECT_EQ(sums[0], 32767.0 * 65535 - 32768.0 + 32767.0 * 65534);
  EXPECT_EQ(sums[1], 131070.0);
}

TEST(MappedMatrix, RefusesDacsBeyondTheKernels) {
  const std::vector<std::int32_t> weights{1};
  const auto build = [&](int dac_bits) {
    const arch::ChipSpec chip = mapper::make_chip({.dac_bits = dac_bits});
    (void)MappedMatrix({1, 1, 1}, weights, {}, chip.macro, {}, {});
  };
  EXPECT_NO_THROW(build(8));
  EXPECT_EQ(mapper::message_of<InputError>([&] { build(9); }),
            "macro.cell_bits is 1 and macro.dac_bits 9; values are executed on cells of at most 8 "
            "and DACs of at most 8 bits");
}

}  // namespace
}  // namespace pimento::exact
