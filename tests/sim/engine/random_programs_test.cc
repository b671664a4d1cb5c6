// SPDX-License-Identifier: Apache-2.0
// Random programs with shared lanes, copies of layers and parallel windows, on chips where every
// unit takes its time: they finish with their least buffers, do what arithmetic says, and are no
// faster than their macros.
#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "arch/program/kept_reads.h"
#include "arch/program/static_counts.h"
#include "arch/program/steps.h"
#include "mapper/buffers.h"
#include "sim/engine/simulate.h"
#include "sim/model/timing.h"
#include "tests/arch/program/random_program.h"
#include "tests/sim/model/support.h"

namespace pimento::sim::testing {
namespace {

arch::ChipSpec chip_for(std::uint32_t seed) {
  ChipText text;
  if (seed % 3 != 0) {
    text.tile_components =
        "bus: {kind: fixed, energy: 1 pJ, width: 8 b, rate: 1 GHz, source: none}, "
        "router: {kind: fixed, energy: 1 pJ, width: 4 b, rate: 1 GHz, source: none}, "
        "shift_add: {kind: fixed, energy: 1 pJ, rate: 100 MHz, source: none}, "
        "vector_unit: {kind: fixed, energy: 1 pJ, rate: 200 MHz, source: none}";
    text.chip_components =
        "io_link: {kind: fixed, energy: 1 pJ, width: 1 b, rate: 300 MHz, source: none}";
    text.hop_time = "7 ns";
  }
  text.read_time = seed % 2 == 0 ? "100 ns" : "3 ns";
  return chip_of(text);
}

// Every other core passes over a part of its reads, now and then over all or none of them.
void pass_over_some(arch::Program& program, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (arch::Stage& stage : program.stages) {
    const arch::Steps steps(stage);
    for (arch::TileWork& tile : stage.tiles) {
      for (arch::CoreWork& work : tile.cores) {
        if (random() % 2 == 0) continue;
        arch::KeptReads kept = arch::all_work_of_image(stage, work, steps.share(tile.replica));
        const auto share = static_cast<std::int64_t>(random() % 11);
        for (const auto count :
             {&arch::KeptReads::reads, &arch::KeptReads::rows, &arch::KeptReads::columns,
              &arch::KeptReads::shared_columns, &arch::KeptReads::cells}) {
          kept.*count = std::min(kept.*count, (kept.*count * share + 9) / 10);
        }
        kept.tested_bits = static_cast<std::int64_t>(random() % 1000);
        work.kept = kept;
      }
    }
  }
}

// What each lane is busy with, over all stages.
Time busiest_lane(const arch::Program& program, const arch::ChipSpec& chip, int images) {
  const Timing timing(chip, program.tiles);
  std::map<std::tuple<int, int, int>, Time> lanes;
  for (const arch::Stage& stage : program.stages) {
    const std::int64_t across = (stage.grid.width + stage.step.width - 1) / stage.step.width;
    const std::int64_t steps =
        across * ((stage.grid.height + stage.step.height - 1) / stage.step.height);
    for (const arch::TileWork& tile : stage.tiles) {
      std::int64_t turns = 0;
      for (std::int64_t s = 0; s < steps; ++s)
        turns += s % stage.replicas() == tile.replica ? 1 : 0;
      for (const arch::CoreWork& work : tile.cores) {
        const std::int64_t reads = images * arch::work_of_image(stage, work, turns).reads;
        lanes[{tile.tile, work.core, work.lane}] +=
            timing.read_pace(reads, work.max_columns).interval;
      }
    }
  }
  Time most;
  for (const auto& [lane, time] : lanes) most = std::max(most, time);
  return most;
}

class RandomPrograms : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomPrograms, FinishWithTheirLeastBuffersAndCountRight) {
  const std::uint32_t seed = GetParam();
  const int images = 1 + static_cast<int>(seed % 3);
  arch::Program program = arch::RandomProgram(seed).graph(1 + static_cast<int>(seed % 9));
  if (seed % 2 == 1) pass_over_some(program, seed);
  const std::vector<std::vector<std::int64_t>> least = mapper::least_capacities(program);
  for (std::size_t s = 0; s < least.size(); ++s) {
    for (std::size_t i = 0; i < least[s].size(); ++i) {
      program.stages[s].inputs[i].capacity = least[s][i];
    }
  }
  const arch::ChipSpec chip = chip_for(seed);
  const SimulationResult result = simulate(chip, program, images);
  // Pixels that nobody needs may be made after the last result is out.
  Time end = result.makespan();
  for (const StageResult& stage : result.stages) end = std::max(end, stage.last_done);
  constexpr double kRounding = 1e-6;  // ns
  EXPECT_GE(nanoseconds(end) + kRounding, nanoseconds(busiest_lane(program, chip, images)));
  for (std::size_t s = 0; s < result.stages.size(); ++s) {
    const StageResult& stage = result.stages[s];
    EXPECT_GE(nanoseconds(stage.last_done - stage.first_issue) + kRounding,
              nanoseconds(stage.bound));
    arch::Counts expected;
    expected.add(arch::static_counts(program, static_cast<int>(s), chip), images);
    for (const auto& [key, n] : expected) {
      EXPECT_EQ(stage.counts.total(key.action), n) << arch::info(key.action).name;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomPrograms, ::testing::Range(0U, 60U));

// The same in rounds: what they write and what leaves the chip between them is counted as
// arithmetic says (simulate() compares), and rounds do not overlap.
class RandomRounds : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomRounds, FinishWithTheirLeastBuffersOneAfterTheOther) {
  const std::uint32_t seed = GetParam();
  const int images = 1 + static_cast<int>(seed % 3);
  const int rounds = 2 + static_cast<int>(seed % 3);
  const int length = rounds + static_cast<int>(seed % 6);
  arch::Program program = arch::RandomProgram(seed).graph(length);
  for (int s = 0; s < length; ++s) {
    program.stages[static_cast<std::size_t>(s)].round = s * rounds / length;
  }
  for (int round = 0; round < rounds; ++round) {
    program.writes.push_back({round, 0, round % 2, 3 + round, 10 + round, 5});
  }
  const std::vector<std::vector<std::int64_t>> least = mapper::least_capacities(program);
  for (std::size_t s = 0; s < least.size(); ++s) {
    for (std::size_t i = 0; i < least[s].size(); ++i) {
      program.stages[s].inputs[i].capacity = least[s][i];
    }
  }
  arch::ChipSpec chip = chip_for(seed);
  chip.macro.write_time = from_si<Time>(1e-6);
  const SimulationResult result = simulate(chip, program, images);
  EXPECT_NEAR(nanoseconds(result.writing), 1000.0 * (rounds * 3 + rounds * (rounds - 1) * 0.5),
              1e-6);
  for (int round = 0; round < rounds; ++round) {
    Time begin = result.makespan();
    Time end;
    for (std::size_t s = 0; s < result.stages.size(); ++s) {
      if (program.stages[s].round == round) begin = std::min(begin, result.stages[s].first_issue);
      if (program.stages[s].round < round) end = std::max(end, result.stages[s].last_done);
    }
    EXPECT_GE(nanoseconds(begin) + 1e-6, nanoseconds(end) + 1000.0 * (3 + round));
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomRounds, ::testing::Range(0U, 40U));

// Written ahead, on cores that nobody works on: a round begins when it is written, which takes from
// the beginning of the round before, and when that one is done; what waiting takes is told apart.
class RandomRoundsAhead : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomRoundsAhead, WaitForTheLongerOfWorkAndWriting) {
  const std::uint32_t seed = GetParam();
  const int rounds = 2 + static_cast<int>(seed % 3);
  const int length = rounds + static_cast<int>(seed % 5);
  arch::Program program = arch::RandomProgram(seed).graph(length);
  for (int s = 0; s < length; ++s) {
    program.stages[static_cast<std::size_t>(s)].round = s * rounds / length;
  }
  program.writes_ahead = true;
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t rows = 1 + (std::int64_t{seed} + round) % 4 * 40;
    program.writes.push_back({round, 0, 1000 + round, rows, rows, 5});
  }
  mapper::size_buffers(program);
  arch::ChipSpec chip = chip_for(seed);
  chip.macro.write_time = from_si<Time>(1e-6);
  const SimulationResult result = simulate(chip, program, 2);
  std::vector<double> begin(static_cast<std::size_t>(rounds), 1e300);
  std::vector<double> end(static_cast<std::size_t>(rounds), 0.0);
  for (std::size_t s = 0; s < result.stages.size(); ++s) {
    const auto round = static_cast<std::size_t>(program.stages[s].round);
    begin[round] = std::min(begin[round], nanoseconds(result.stages[s].first_issue));
    end[round] = std::max(end[round], nanoseconds(result.stages[s].last_done));
  }
  double written = 0.0;
  for (std::size_t r = 0; r < program.writes.size(); ++r) {
    const double time = 1000.0 * double(program.writes[r].row_writes);
    written += time;
    EXPECT_GE(begin[r] + 1e-3, r == 0 ? time : end[r - 1]);
    EXPECT_GE(begin[r] + 1e-3, written);  // one after the other
  }
  EXPECT_NEAR(nanoseconds(result.writing) + nanoseconds(result.hidden_writing), written, 1e-3);
  EXPECT_GE(nanoseconds(result.writing) + 1e-3, 1000.0 * double(program.writes[0].row_writes));
  const double second = 1000.0 * double(program.writes[1].row_writes);
  EXPECT_GE(nanoseconds(result.hidden_writing) + 1e-3, std::min(second, end[0] - begin[0]));
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomRoundsAhead, ::testing::Range(0U, 40U));

}  // namespace
}  // namespace pimento::sim::testing
