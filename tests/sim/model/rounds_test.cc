// SPDX-License-Identifier: Apache-2.0
// Programs of several rounds, against closed forms: 400 ns a read, the result 64 ns later, a map of
// 4x5 pixels; rows are written in 20 ns each.
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "support.h"

namespace pimento::sim::testing {
namespace {

constexpr double kTolerance = 1e-6;  // ns
constexpr double kImages = 2;
constexpr double kRound = kImages * 20 * 400 + 64;

const ChipText kWritten{.write_time = "20 ns"};

arch::Stage stage_of(int round, int producer) {
  arch::Stage stage = matrix_stage({.slices = 4, .columns = 64}, producer);
  stage.round = round;
  return stage;
}

arch::Program two_rounds() {
  arch::Program program = program_of({stage_of(0, arch::kChipInput), stage_of(1, 0)});
  program.writes = {{1, 0, 0, 5, 9, 1}, {1, 0, 1, 7, 30, 12}};
  return program;
}

TEST(Rounds, TakeTheSumOfTheirTimesAndOfTheWriting) {
  const SimulationResult result = simulate(chip_of(kWritten), two_rounds(), 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), kRound + 7 * 20 + kRound, kTolerance);
  EXPECT_NEAR(nanoseconds(result.writing), 7 * 20, kTolerance);
  EXPECT_NEAR(nanoseconds(result.stages[0].last_done), kRound, kTolerance);
  EXPECT_NEAR(nanoseconds(result.stages[1].first_issue), kRound + 7 * 20, kTolerance);
  EXPECT_NEAR(nanoseconds(result.image_done[0]), kRound + 7 * 20 + 20 * 400 + 64, kTolerance);
}

TEST(Rounds, TakeNoTimeToWriteWhereNoneIsGiven) {
  const SimulationResult result = simulate(chip_of({}), two_rounds(), 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), 2 * kRound, kTolerance);
  EXPECT_EQ(result.writing, Time{});
}

// In one round the second stage follows the first a pixel behind.
TEST(Rounds, AreSlowerThanOneOfAllStages) {
  arch::Program program = two_rounds();
  program.stages[1].round = 0;
  program.writes.clear();
  const SimulationResult result = simulate(chip_of(kWritten), program, 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), kRound + 464, kTolerance);
}

TEST(Rounds, TheFirstMayBeWrittenToo) {
  arch::Program program = two_rounds();
  program.writes.push_back({0, 0, 0, 3, 4, 4});
  const SimulationResult result = simulate(chip_of(kWritten), program, 2);
  EXPECT_NEAR(nanoseconds(result.stages[0].first_issue), 3 * 20, kTolerance);
  EXPECT_NEAR(nanoseconds(result.makespan()), 3 * 20 + kRound + 7 * 20 + kRound, kTolerance);
  EXPECT_NEAR(nanoseconds(result.writing), 10 * 20, kTolerance);
}

// Writes are counted once a run, for the first stage of their round.
TEST(Rounds, WritesBelongToTheFirstStage) {
  arch::Program program = two_rounds();
  program.stages.push_back(stage_of(1, 1));
  program.stages[2].tiles[0].cores[0].core = 2;
  const SimulationResult result = simulate(chip_of(kWritten), program, 3);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kCellSet), 0);
  EXPECT_EQ(result.stages[1].counts.total(arch::Action::kCellSet), 39);
  EXPECT_EQ(result.stages[1].counts.total(arch::Action::kCellReset), 13);
  EXPECT_EQ(result.stages[2].counts.total(arch::Action::kCellSet), 0);
}

// 64 bits at 10 ns each: 640 ns a pixel, in and out. A round ends when its last pixel has left.
TEST(Rounds, MapsBetweenThemPassTheLinkTwice) {
  ChipText chip = kWritten;
  chip.chip_components =
      "io_link: {kind: fixed, energy: 1 pJ, width: 1 b, rate: 100 MHz, source: none}";
  const SimulationResult result = simulate(chip_of(chip), two_rounds(), 2);
  const double round = 2 * 20 * 640 + 464 + 640;
  EXPECT_NEAR(nanoseconds(result.makespan()), round + 7 * 20 + round, kTolerance);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kOffchipBit), 2 * 20 * (64 + 64));
  EXPECT_EQ(result.stages[1].counts.total(arch::Action::kOffchipBit), 2 * 20 * (64 + 64));
}

// Read in its own round and in the next: it leaves once, and is no result.
TEST(Rounds, AMapMayHaveReadersInSeveral) {
  arch::Program program =
      program_of({stage_of(0, arch::kChipInput), stage_of(0, 0), stage_of(1, 1), stage_of(1, 0)});
  program.stages[3].inputs.push_back(program.stages[3].inputs[0]);
  program.stages[3].inputs[1].producer = 2;
  const SimulationResult result = simulate(chip_of(kWritten), program, 1);
  EXPECT_EQ(result.stages[0].counts.total(arch::Action::kOffchipBit), 20 * (64 + 64));
  EXPECT_EQ(result.stages[1].counts.total(arch::Action::kOffchipBit), 20 * 64);
  EXPECT_EQ(result.stages[2].counts.total(arch::Action::kOffchipBit), 20 * 64);
  EXPECT_EQ(result.stages[3].counts.total(arch::Action::kOffchipBit), 20 * (64 + 64));
  const double round = 20 * 400 + 64 + 464;
  EXPECT_NEAR(nanoseconds(result.makespan()), 2 * round, kTolerance);
}

// A later round takes its pixels from outside, so the room in its buffer stops nobody before it.
TEST(Rounds, DoNotWaitForRoomInTheNext) {
  arch::Program program = two_rounds();
  program.stages[1].inputs[0].capacity = 1;
  EXPECT_NO_THROW((void)simulate(chip_of(kWritten), program, 2));
}

// ---- Writing ahead

// Three rounds, each on a core of its own; `rows` are written for each on the core that it uses.
arch::Program written_ahead(const std::array<std::int64_t, 3>& rows) {
  arch::Program program =
      program_of({stage_of(0, arch::kChipInput), stage_of(1, 0), stage_of(2, 1)});
  program.writes_ahead = true;
  for (int round = 0; round < 3; ++round) {
    const std::int64_t written = rows[static_cast<std::size_t>(round)];
    if (written > 0) program.writes.push_back({round, 0, round, written, written, written});
  }
  return program;
}

const ChipText kSlowlyWritten{.write_time = "1 us"};

TEST(RoundsWrittenAhead, HideWritingThatIsShorterThanTheWork) {
  const SimulationResult result = simulate(chip_of(kSlowlyWritten), written_ahead({0, 16, 3}), 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), 3 * kRound, kTolerance);
  EXPECT_NEAR(nanoseconds(result.writing), 0, kTolerance);
  EXPECT_NEAR(nanoseconds(result.hidden_writing), 19'000, kTolerance);
}

// write(0) + sum of max(work(r), write(r + 1)) + work of the last.
TEST(RoundsWrittenAhead, WaitForWritingThatIsLonger) {
  const SimulationResult result = simulate(chip_of(kSlowlyWritten), written_ahead({5, 20, 17}), 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), 5'000 + 20'000 + 17'000 + kRound, kTolerance);
  EXPECT_NEAR(nanoseconds(result.stages[1].first_issue), 25'000, kTolerance);
  EXPECT_NEAR(nanoseconds(result.writing), 5'000 + (20'000 - kRound) + (17'000 - kRound),
              kTolerance);
  EXPECT_NEAR(nanoseconds(result.hidden_writing), 2 * kRound, kTolerance);
  EXPECT_EQ(result.stages[1].counts.total(arch::Action::kCellSet), 20);
}

TEST(RoundsWrittenAhead, MayMixBoth) {
  const SimulationResult result = simulate(chip_of(kSlowlyWritten), written_ahead({1, 9, 40}), 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), 1'000 + kRound + 40'000 + kRound, kTolerance);
}

// The same one after the other.
TEST(RoundsWrittenAhead, AreNeverSlower) {
  arch::Program program = written_ahead({5, 20, 7});
  program.writes_ahead = false;
  const SimulationResult result = simulate(chip_of(kSlowlyWritten), program, 2);
  EXPECT_NEAR(nanoseconds(result.makespan()), 32'000 + 3 * kRound, kTolerance);
  EXPECT_NEAR(nanoseconds(result.writing), 32'000, kTolerance);
  EXPECT_EQ(result.hidden_writing, Time{});
}

TEST(Rounds, WhoIsStuckSaysWhichRoundIsWaitedFor) {
  arch::Program program =
      program_of({stage_of(0, arch::kChipInput), stage_of(0, 0), stage_of(1, 1)});
  program.stages[1].inputs[0].window = {false, 3, 3, 1, 1, 1, 1};
  program.stages[1].inputs[0].capacity = 3;
  try {
    (void)simulate(chip_of(kWritten), program, 1);
    FAIL() << "three pixels are no window";
  } catch (const SimulationError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("made 0 of 20 pixels; waits for round 1"));
  }
}

}  // namespace
}  // namespace pimento::sim::testing
