// SPDX-License-Identifier: Apache-2.0
// Latencies of hand-sized cases against closed forms. With
//   n slices a pixel, P pixels, read time r, conversion time c of a read, step m = max(r, c)
// one macro makes its pixels n m apart, and the first is ready after r + (n - 1) m + c.
#include <algorithm>

#include <gtest/gtest.h>

#include "support.h"

namespace pimento::sim::testing {
namespace {

constexpr double kTolerance = 1e-6;  // ns; the model counts femtoseconds

struct Step {
  double read;
  double convert;
  [[nodiscard]] double longest() const { return std::max(read, convert); }
  [[nodiscard]] double interval(int slices) const { return slices * longest(); }
  [[nodiscard]] double first(int slices) const { return read + (slices - 1) * longest() + convert; }
};

double simulated(const ChipText& chip, std::vector<arch::Stage> stages, int images = 1) {
  return nanoseconds(simulate(chip_of(chip), program_of(std::move(stages)), images).makespan());
}

TEST(Latency, OneMacroReadBound) {
  // 64 columns at 1 GHz convert in 64 ns, less than a read.
  const Step step{100, 64};
  const StageShape shape{.slices = 8, .columns = 64};
  EXPECT_NEAR(simulated({}, {matrix_stage(shape, arch::kChipInput)}),
              19 * step.interval(8) + step.first(8), kTolerance);
}

TEST(Latency, OneMacroAdcBound) {
  const Step step{100, 128};
  EXPECT_NEAR(simulated({}, {matrix_stage({}, arch::kChipInput)}),
              19 * step.interval(8) + step.first(8), kTolerance);
}

// At 100 columns conversion takes exactly as long as the read and costs no time but the drain.
TEST(Latency, ConversionHidesBehindReadUpToItsLength) {
  const Step step{100, 100};
  EXPECT_NEAR(simulated({}, {matrix_stage({.slices = 4, .columns = 100}, arch::kChipInput)}),
              19 * 400 + step.first(4), kTolerance);
}

TEST(Latency, OneColumnMoreSlowsEverySlice) {
  const Step step{100, 101};
  EXPECT_NEAR(simulated({}, {matrix_stage({.slices = 4, .columns = 101}, arch::kChipInput)}),
              19 * 404 + step.first(4), kTolerance);
}

TEST(Latency, TwoAdcsConvertAtOnce) {
  const Step step{100, 64};
  EXPECT_NEAR(simulated({.columns_per_adc = 64}, {matrix_stage({}, arch::kChipInput)}),
              19 * step.interval(8) + step.first(8), kTolerance);
}

TEST(Latency, TwoLayersPipelinedSecondSlower) {
  const Step step{100, 64};
  const StageShape fast{.slices = 4, .columns = 64};
  const StageShape slow{.slices = 8, .columns = 64};
  EXPECT_NEAR(simulated({}, {matrix_stage(fast, arch::kChipInput), matrix_stage(slow, 0)}),
              step.first(4) + 19 * step.interval(8) + step.first(8), kTolerance);
}

TEST(Latency, TwoLayersPipelinedFirstSlower) {
  const Step step{100, 64};
  const StageShape fast{.slices = 4, .columns = 64};
  const StageShape slow{.slices = 8, .columns = 64};
  EXPECT_NEAR(simulated({}, {matrix_stage(slow, arch::kChipInput), matrix_stage(fast, 0)}),
              19 * step.interval(8) + step.first(8) + step.first(4), kTolerance);
}

arch::Stage three_by_three(int producer) {
  arch::Stage stage = matrix_stage({.slices = 4, .columns = 64}, producer);
  stage.inputs[0].window = {false, 3, 3, 1, 1, 1, 1};
  return stage;
}

// A 3x3 window with padding needs two rows and two pixels... of a map 5 wide: pixel 7 of 20.
TEST(Latency, WindowStartsWhenItsLastPixelIsThere) {
  const Step step{100, 64};
  const arch::Program program =
      program_of({matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput), three_by_three(0)});
  const SimulationResult result = simulate(chip_of({}), program, 1);
  EXPECT_NEAR(nanoseconds(result.stages[1].first_issue), 6 * step.interval(4) + step.first(4),
              kTolerance);
}

// One row of windows later the producer is a row ahead; at the end only the last row is left.
TEST(Latency, WindowedLayerEndsOneRowAndAPixelBehind) {
  const Step step{100, 64};
  const arch::Program program =
      program_of({matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput), three_by_three(0)});
  const SimulationResult result = simulate(chip_of({}), program, 1);
  // Pixel (2, 3) of the second layer needs the last pixel of the first; seven are then to go.
  EXPECT_NEAR(nanoseconds(result.makespan()),
              19 * step.interval(4) + step.first(4) + 6 * step.interval(4) + step.first(4),
              kTolerance);
}

TEST(Latency, WholeMapIsWaitedFor) {
  const Step step{100, 64};
  arch::Stage last = matrix_stage({.slices = 4, .columns = 64, .grid = {1, 1}}, 0);
  last.inputs[0].grid = {4, 5};
  last.inputs[0].window.whole = true;
  last.inputs[0].capacity = 20;
  EXPECT_NEAR(simulated({}, {matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput), last}),
              19 * step.interval(4) + 2 * step.first(4), kTolerance);
}

TEST(Latency, SecondImageFollowsOnTheHeels) {
  const Step step{100, 64};
  EXPECT_NEAR(simulated({}, {matrix_stage({.columns = 64}, arch::kChipInput)}, 3),
              59 * step.interval(8) + step.first(8), kTolerance);
}

constexpr const char* kBus =
    "bus: {kind: fixed, energy: 1 pJ, width: 1 b, rate: 1 GHz, source: none}";

// 64 bits over a bus of 1 b at 1 GHz: 64 ns a pixel, hidden behind the reads but for the first.
TEST(Latency, LoadingIsHiddenByTheSecondPlaceOfTheInputRegister) {
  const Step step{100, 64};
  EXPECT_NEAR(simulated({.tile_components = kBus},
                        {matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput)}),
              64 + 19 * step.interval(4) + step.first(4), kTolerance);
}

// With 64 ns of reads a pixel and 65 ns of loading the bus sets the pace.
TEST(Latency, BusBoundFromOneNanosecondOn) {
  const Step step{64, 64};
  const ChipText chip{.read_time = "64 ns", .tile_components = kBus};
  arch::Stage stage = matrix_stage({.slices = 1, .columns = 64}, arch::kChipInput);
  EXPECT_NEAR(simulated(chip, {stage}), 64 + 19 * 64 + step.first(1), kTolerance);
}

TEST(Latency, BusBoundAtOneNanosecondMore) {
  const Step step{64, 64};
  const ChipText chip{.read_time = "64 ns", .tile_components = kBus};
  arch::Stage stage = matrix_stage({.slices = 1, .columns = 64}, arch::kChipInput);
  stage.tiles[0].cores[0].input_bits = Bits(65);
  EXPECT_NEAR(simulated(chip, {stage}), 65 + 19 * 65 + step.first(1), kTolerance);
}

// Vector work of 30 operations at 1 GHz comes after the last pixel.
TEST(Latency, VectorUnitDrains) {
  const Step step{100, 64};
  const ChipText chip{.tile_components =
                          "vector_unit: {kind: fixed, energy: 1 pJ, rate: 1 GHz, source: none}"};
  arch::Stage stage = matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput);
  stage.vector_ops = 30;
  EXPECT_NEAR(simulated(chip, {stage}), 19 * step.interval(4) + step.first(4) + 30, kTolerance);
}

// From tile 0 to tile 3 of a 2x2 mesh: two steps, three routers of 5 ns, and 64 bits at 32 Gb/s.
TEST(Latency, PacketsPassRoutersAndLinks) {
  const Step step{100, 64};
  const ChipText chip{.tile_components =
                          "router: {kind: fixed, energy: 1 pJ, width: 32 b, "
                          "rate: 1 GHz, source: none}",
                      .hop_time = "5 ns"};
  const StageShape shape{.slices = 4, .columns = 64};
  StageShape far = shape;
  far.tile = 3;
  EXPECT_NEAR(simulated(chip, {matrix_stage(shape, arch::kChipInput), matrix_stage(far, 0)}),
              19 * step.interval(4) + step.first(4) + 2 + 3 * 5 + step.first(4), kTolerance);
}

TEST(Latency, InputLinkSetsThePace) {
  const Step step{100, 64};
  const ChipText chip{.chip_components =
                          "io_link: {kind: fixed, energy: 1 pJ, width: 1 b, "
                          "rate: 100 MHz, source: none}"};
  arch::Stage stage = matrix_stage({.slices = 4, .columns = 64}, arch::kChipInput);
  stage.pixel_bits = Bits(10);
  // 640 ns a pixel in, 400 ns of reads; the last result takes 100 ns to leave.
  EXPECT_NEAR(simulated(chip, {stage}), 20 * 640 + step.first(4) + 100, kTolerance);
}

// Pixels leave the macros from 164 on, one in 100; the vector unit takes 100 for each and is not
// free before the last. Pooled pixels have nothing to ask of it and are done 10 after they are
// there.
TEST(Latency, PoolingWaitsForNoVectorWork) {
  arch::Stage layer = matrix_stage({.slices = 1, .columns = 64}, arch::kChipInput);
  layer.vector_ops = 100;
  arch::Stage pool;
  pool.name = "pool";
  pool.grid = layer.grid;
  pool.pixel_bits = layer.pixel_bits;
  pool.outputs = layer.outputs;
  pool.pool_ops = 10;
  pool.inputs.push_back({0, layer.grid, {}, layer.pixel_bits, layer.grid.pixels()});
  const arch::ChipSpec chip = chip_of(
      {.tile_components = "vector_unit: {kind: fixed, energy: 1 pJ, rate: 1 GHz, source: none}, "
                          "pooling_unit: {kind: fixed, energy: 1 pJ, rate: 1 GHz, source: none}"});
  arch::Stage reader = pool;
  reader.inputs[0].producer = 1;
  const SimulationResult result = simulate(chip, program_of({layer, pool, reader}), 1);
  EXPECT_NEAR(nanoseconds(result.stages[0].last_done), 164 + 20 * 100, 1e-6);
  EXPECT_NEAR(nanoseconds(result.stages[2].first_issue), 164 + 100 + 10, 1e-6);
}

}  // namespace
}  // namespace pimento::sim::testing
