// SPDX-License-Identifier: Apache-2.0
// What stages waited for, how busy units were, and when: each against what can be worked out.
#include <algorithm>

#include <gmock/gmock.h>

#include "sim/engine/limits.h"
#include "support.h"

namespace pimento::sim::testing {
namespace {

// 100 ns a step, then 800 ns a step, 20 steps each; the buffer between them holds three pixels.
arch::Program fast_then_slow() {
  const StageShape fast{.slices = 1, .columns = 64};
  const StageShape slow{.slices = 8, .columns = 64};
  arch::Program program = program_of({matrix_stage(fast, arch::kChipInput), matrix_stage(slow, 0)});
  program.stages[1].inputs[0].capacity = 3;
  return program;
}

arch::Program slow_then_fast() {
  const StageShape fast{.slices = 1, .columns = 64};
  const StageShape slow{.slices = 8, .columns = 64};
  return program_of({matrix_stage(slow, arch::kChipInput), matrix_stage(fast, 0)});
}

double total(const StageWaits& waits) {
  return nanoseconds(waits.input + waits.reader + waits.units + waits.round);
}

TEST(Pace, AFastProducerWaitsForRoom) {
  const arch::Program program = fast_then_slow();
  const SimulationResult result = simulate(chip_of({}), program, 1);
  // Its last step is issued when the reader starts its pixel 15.
  EXPECT_NEAR(total(result.stages[0].waits), 164 + 15 * 800, 1e-6);
  EXPECT_GT(nanoseconds(result.stages[0].waits.reader), 11'000);
  EXPECT_EQ(nanoseconds(result.stages[0].waits.input), 0.0);
  const StageLimits limits(result.units);
  EXPECT_EQ(limits.of(program.stages[0], result.stages[0]), "room at its readers");
  EXPECT_EQ(limits.of(program.stages[1], result.stages[1]), "its macros");
}

TEST(Pace, AFastReaderWaitsForItsInputs) {
  const arch::Program program = slow_then_fast();
  const SimulationResult result = simulate(chip_of({}), program, 1);
  // Pixels come 800 ns apart, and each is issued as it comes.
  EXPECT_NEAR(nanoseconds(result.stages[1].waits.input), 19 * 800, 1e-6);
  EXPECT_NEAR(total(result.stages[1].waits), 19 * 800, 1e-6);
  const StageLimits limits(result.units);
  EXPECT_EQ(limits.of(program.stages[0], result.stages[0]), "its macros");
  EXPECT_EQ(limits.of(program.stages[1], result.stages[1]), "its inputs");
}

// A bus of 8 bits at 10 MHz takes 64 bits in 800 ns, into the core and out of it.
TEST(Pace, ABusInTheWayIsNamed) {
  const arch::Program program = program_of({matrix_stage({.slices = 1, .columns = 64}, -1)});
  const SimulationResult result =
      simulate(chip_of({.tile_components = "bus: {kind: fixed, energy: 1 pJ, width: 8 b, rate: 10 "
                                           "MHz, source: none}"}),
               program, 1);
  const std::string limit = StageLimits(result.units).of(program.stages[0], result.stages[0]);
  EXPECT_THAT(limit, ::testing::MatchesRegex("bus of tile 0, .* % busy"));
}

TEST(Units, AreBusyForEveryStepOfTheirs) {
  const SimulationResult result = simulate(chip_of({}), fast_then_slow(), 1);
  const std::vector<UnitUse> kinds = units_by_kind(result.units);
  const auto lane = std::find_if(kinds.begin(), kinds.end(),
                                 [](const UnitUse& kind) { return kind.kind == "lane"; });
  ASSERT_NE(lane, kinds.end());
  EXPECT_EQ(lane->units, 2);
  EXPECT_EQ(lane->served, 40);
  EXPECT_NEAR(nanoseconds(lane->busy), 20 * 100 + 20 * 800, 1e-6);
  EXPECT_EQ(lane->busiest, "tile0.core1.lane0");
  EXPECT_NEAR(nanoseconds(lane->busiest_time), 20 * 800, 1e-6);
}

TEST(Tracing, TakesTheFirstSpansAndCountsTheOthers) {
  const SimulationResult result = simulate(chip_of({}), fast_then_slow(), 1, 10);
  EXPECT_EQ(result.trace.spans.size(), 10U);
  EXPECT_EQ(result.trace.dropped, 30);
}

TEST(Tracing, TellsWhatUnitsDidAndWhen) {
  const SimulationResult result = simulate(chip_of({}), slow_then_fast(), 1, 1000);
  ASSERT_EQ(result.trace.spans.size(), 40U);
  EXPECT_EQ(result.trace.dropped, 0);
  Time busy;
  for (const Trace::Span& span : result.trace.spans) {
    busy += span.length;
    const std::string& unit = result.trace.units.at(static_cast<std::size_t>(span.unit));
    EXPECT_EQ(unit, span.stage == 0 ? "tile0.core0.lane0" : "tile0.core1.lane0");
    if (span.stage == 0) {
      EXPECT_NEAR(nanoseconds(span.start), 800.0 * double(span.number), 1e-6);
    }
  }
  EXPECT_NEAR(nanoseconds(busy), 20 * 100 + 20 * 800, 1e-6);
}

TEST(Tracing, IsOffUnlessAskedFor) {
  const SimulationResult result = simulate(chip_of({}), slow_then_fast(), 1);
  EXPECT_TRUE(result.trace.spans.empty());
  EXPECT_TRUE(result.trace.units.empty());
}

}  // namespace
}  // namespace pimento::sim::testing
