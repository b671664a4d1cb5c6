// SPDX-License-Identifier: Apache-2.0
// How fast tiles are read, in CPU time of one core: one bit-MAC is one input bit meeting one cell.
// Beside each figure stands what it comes to in a cycle, and how much of that three vector
// operations (meet, count, add) for each vector of bits would allow, two operations a cycle.
//   build/release/bin/bench_kernels [--benchmark_format=json]
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <ctime>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"
#include "sim/exact/mapped_matrix.h"
#include "sim/kernels/read.h"
#include "sim/kernels/read_analog.h"

namespace pimento {
namespace {

constexpr int kRows = 128;
constexpr int kColumns = 128;
constexpr int kWeightBits = 8;
constexpr kernels::InputSlicing kInputs{8, 1};
constexpr int kVectors = 64;

// Cycles a second of this core: a chain of additions takes one a cycle.
double clock_rate() {
  constexpr std::int64_t kAdditions = 200'000'000;
  double best = 0.0;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const std::clock_t start = std::clock();
    std::uint64_t sum = 1;
    for (std::int64_t i = 0; i < kAdditions; ++i) asm volatile("add $1, %0" : "+r"(sum));
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    best = std::max(best, static_cast<double>(kAdditions) / seconds);
  }
  return best;
}

double limit_of_a_cycle() {
  const std::string set = kernels::instruction_sets().front();
  const double bits = set == "avx512" ? 512.0 : set == "avx2" ? 256.0 : 64.0;
  return 2.0 * bits / 3.0;
}

void set_counters(benchmark::State& state, double bit_macs) {
  static const double kRate = clock_rate();
  using benchmark::Counter;
  state.counters["bit_macs_per_s"] = Counter(bit_macs, Counter::kIsIterationInvariantRate);
  state.counters["bit_macs_per_cycle"] =
      Counter(bit_macs / kRate, Counter::kIsIterationInvariantRate);
  state.counters["share_of_limit"] =
      Counter(bit_macs / kRate / limit_of_a_cycle(), Counter::kIsIterationInvariantRate);
  state.SetLabel(kernels::instruction_sets().front());
}

std::vector<std::int32_t> drawn(std::uint64_t stream, std::size_t count, int low, int high) {
  const CounterRandom random(1, stream);
  std::vector<std::int32_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = low + static_cast<std::int32_t>(random.bits(i) %
                                                static_cast<std::uint64_t>(high - low + 1));
  }
  return values;
}

// A tile of two's complement weights of eight planes.
kernels::Tile make_tile(int unit_rows, std::int32_t highest) {
  kernels::Tile tile(kernels::RowGroups(kRows, unit_rows), 1,
                     {kernels::clamp_transfer(0, highest)});
  for (int column = 0; column < kColumns; ++column) {
    kernels::Plane plane;
    for (const std::int32_t bit : drawn(static_cast<std::uint64_t>(column), kRows, 0, 1)) {
      plane.bits.push_back(static_cast<std::uint8_t>(bit));
    }
    const int bit = column % kWeightBits;
    tile.add_column({column / kWeightBits, bit, bit == kWeightBits - 1, 0}, std::vector{plane});
  }
  return tile;
}

void read_repeatedly(benchmark::State& state, const kernels::Tile& tile) {
  const auto inputs = drawn(1000, std::size_t{kVectors} * kRows, 0, 255);
  const kernels::Drives drives(tile.groups(), kInputs, kVectors, inputs.data(), kRows);
  std::vector<int> channels(tile.channels().size());
  std::iota(channels.begin(), channels.end(), 0);
  std::vector<std::int64_t> sums(channels.size() * static_cast<std::size_t>(drives.padded_count()));
  for (auto _ : state) {
    const std::int64_t saturated =
        kernels::read_channels(tile, channels, drives, sums.data(), drives.padded_count());
    benchmark::DoNotOptimize(saturated);
    benchmark::ClobberMemory();
  }
  set_counters(state, double(kRows) * kColumns * drives.count());
}

void rows128_adc8(benchmark::State& state) {
  read_repeatedly(state, make_tile(kRows, 255));
}
// An ADC that clips.
void rows128_adc6(benchmark::State& state) {
  read_repeatedly(state, make_tile(kRows, 63));
}
// Operation units of nine rows and of eight.
void ou9(benchmark::State& state) {
  read_repeatedly(state, make_tile(9, 7));
}
void ou8(benchmark::State& state) {
  read_repeatedly(state, make_tile(8, 7));
}

// Cells with levels of their own, and noise of every read.
kernels::AnalogTile make_analog_tile(int unit_rows, std::int32_t highest, bool is_noisy) {
  kernels::AnalogTile tile(kernels::RowGroups(kRows, unit_rows), 1,
                           {kernels::clamp_transfer(0, highest)}, {});
  const CounterRandom random(2, 1);
  for (int column = 0; column < kColumns; ++column) {
    std::vector<float> levels;
    for (const std::int32_t bit : drawn(static_cast<std::uint64_t>(column), kRows, 0, 1)) {
      const auto index = static_cast<std::uint64_t>(column * kRows) + levels.size();
      levels.push_back(static_cast<float>(bit + 0.05 * random.gaussian(index)));
    }
    const std::vector<float> variances(is_noisy ? kRows : 0, 1e-4F);
    const int bit = column % kWeightBits;
    tile.add_column({column / kWeightBits, bit, bit == kWeightBits - 1, 0}, levels, variances);
  }
  return tile;
}

void read_analog_repeatedly(benchmark::State& state, const kernels::AnalogTile& tile) {
  const auto inputs = drawn(1000, std::size_t{kVectors} * kRows, 0, 255);
  const kernels::Drives drives(tile.groups(), kInputs, kVectors, inputs.data(), kRows);
  std::vector<std::int64_t> sums(tile.channels().size() *
                                 static_cast<std::size_t>(drives.padded_count()));
  for (auto _ : state) {
    const std::int64_t saturated =
        kernels::read_analog(tile, drives, {1}, sums.data(), drives.padded_count());
    benchmark::DoNotOptimize(saturated);
    benchmark::ClobberMemory();
  }
  set_counters(state, double(kRows) * kColumns * drives.count());
}

void rows128_programmed(benchmark::State& state) {
  read_analog_repeatedly(state, make_analog_tile(kRows, 255, false));
}
void rows128_read_noise(benchmark::State& state) {
  read_analog_repeatedly(state, make_analog_tile(kRows, 255, true));
}
void ou9_read_noise(benchmark::State& state) {
  read_analog_repeatedly(state, make_analog_tile(9, 15, true));
}

// Where no ADC can change a sum: products of the integers, counted as the bits they stand for.
void lossless(benchmark::State& state) {
  constexpr std::int64_t kChannels = 128;
  constexpr std::int64_t kInputRows = 1152;
  const exact::IntegerMatrix matrix({1, kInputRows, kChannels},
                                    drawn(1, std::size_t{kChannels} * kInputRows, -127, 127), 255);
  const auto inputs = drawn(2, std::size_t{kVectors} * kInputRows, 0, 255);
  std::vector<double> sums(std::size_t{kChannels} * kVectors);
  for (auto _ : state) {
    matrix.add_product(0, 0, kInputRows, kVectors, inputs.data(), kInputRows, sums.data());
    benchmark::ClobberMemory();
  }
  set_counters(state, double(kChannels) * kInputRows * kVectors * kWeightBits * kInputs.bits);
}

BENCHMARK(rows128_adc8);
BENCHMARK(rows128_adc6);
BENCHMARK(ou9);
BENCHMARK(ou8);
BENCHMARK(lossless);
BENCHMARK(rows128_programmed);
BENCHMARK(rows128_read_noise);
BENCHMARK(ou9_read_noise);

}  // namespace
}  // namespace pimento

BENCHMARK_MAIN();
