// SPDX-License-Identifier: Apache-2.0
#include "arch/program/program.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "arch/program/kept_reads.h"
#include "arch/program/steps.h"

namespace pimento::arch {

std::int64_t StageInput::needed(std::int64_t y, std::int64_t x) const {
  if (window.whole) return grid.pixels();
  const std::int64_t bottom = std::clamp<std::int64_t>(
      y * window.stride_height - window.pad_top + window.span_height - 1, 0, grid.height - 1);
  const std::int64_t right = std::clamp<std::int64_t>(
      x * window.stride_width - window.pad_left + window.span_width - 1, 0, grid.width - 1);
  return bottom * grid.width + right + 1;
}

std::int64_t StageInput::released(std::int64_t y, std::int64_t x) const {
  if (window.whole) return 0;
  const std::int64_t first = y * window.stride_height - window.pad_top;
  if (first < 0) return 0;  // this row of windows begins in the padding, so the next may need row 0
  const std::int64_t top = std::min(first, grid.height - 1);
  // Windows of one row alone free pixels as they pass; taller ones free whole rows, because the
  // next row of windows starts again at the left.
  if (window.span_height > 1) return top * grid.width;
  const std::int64_t left =
      std::clamp<std::int64_t>(x * window.stride_width - window.pad_left, 0, grid.width - 1);
  return top * grid.width + left;
}

Bits TileWork::input_bits() const {
  Bits sum;
  for (const CoreWork& work : cores) sum += work.input_bits;
  return sum;
}

std::int64_t TileWork::core_sums() const {
  std::int64_t sum = 0;
  for (const CoreWork& work : cores) sum += work.partial_sums;
  return sum;
}

Bits Stage::window_bits() const {
  Bits sum;
  for (const StageInput& input : inputs) {
    if (input.window.whole) {  // read once an image, whatever pixels it makes of it
      const std::int64_t map = input.pixel_bits.value() * input.grid.pixels();
      sum += Bits((map + grid.pixels() - 1) / grid.pixels());
    } else {
      sum += input.pixel_bits * (input.window.span_height * input.window.span_width);
    }
  }
  return sum;
}

int Stage::replicas() const {
  int last = 0;
  for (const TileWork& tile : tiles) last = std::max(last, tile.replica);
  return last + 1;
}

std::int64_t Stage::home_additions(int replica) const {
  std::int64_t sums = 0;
  for (const TileWork& tile : tiles) {
    if (tile.replica == replica) sums += tile.partial_sums;
  }
  return tiles.empty() ? 0 : sums - step_outputs();
}

namespace {

constexpr double kMostWork = 0x1p53;

[[noreturn]] void refuse(const Stage& stage, const std::string& what) {
  throw InputError(fmt::format("stage \"{}\": {}", stage.name, what));
}

void check_input(const Program& program, const Stage& stage, std::size_t index,
                 const StageInput& input) {
  if (input.producer < kChipInput || input.producer >= static_cast<int>(index)) {
    refuse(stage,
           fmt::format("input from stage {}; expected an earlier stage, or {} for the chip's "
                       "input",
                       input.producer, kChipInput));
  }
  if (input.producer != kChipInput) {
    const Grid& made = program.stages[static_cast<std::size_t>(input.producer)].grid;
    if (!(made == input.grid)) {
      refuse(stage, fmt::format("reads a {}x{} map; \"{}\" makes {}x{}", input.grid.height,
                                input.grid.width,
                                program.stages[static_cast<std::size_t>(input.producer)].name,
                                made.height, made.width));
    }
  }
  const ReadWindow& w = input.window;
  if (input.grid.height < 1 || input.grid.width < 1 ||
      (!w.whole && (w.span_height < 1 || w.span_width < 1 || w.stride_height < 1 ||
                    w.stride_width < 1 || w.pad_top < 0 || w.pad_left < 0))) {
    refuse(stage, "a window or a map of no size");
  }
  if (input.capacity < 1 || input.capacity > input.grid.pixels()) {
    refuse(stage, fmt::format("an input buffer of {} pixels; expected 1 to {} (the whole map)",
                              input.capacity, input.grid.pixels()));
  }
}

// The largest of what a stage counts for one image, as a real number: it may leave 64 bits.
double work_of(const Stage& stage) {
  double bits_in = 0;
  double window = 0;
  for (const StageInput& input : stage.inputs) {
    const double map = double(input.grid.height) * double(input.grid.width);
    const double span = double(input.window.span_height) * double(input.window.span_width);
    const double wide = std::max(1.0, double(input.pixel_bits.value()));
    bits_in += map * wide;
    window += (input.window.whole ? map : span) * wide;
    // The pixel that the last window begins at.
    window += double(input.window.stride_height) + double(input.window.stride_width) +
              double(input.window.pad_top) + double(input.window.pad_left);
  }
  double read = 0;
  double tested = 0;
  double moved = double(stage.outputs) * double(stage.step.height) * double(stage.step.width);
  for (const TileWork& tile : stage.tiles) {
    moved += double(tile.partial_sums);
    for (const CoreWork& work : tile.cores) {
      read += 16.0 * double(work.rows) + double(work.columns) + double(work.shared_columns) +
              double(work.cells) + work.macros;
      moved += double(work.partial_sums) + double(work.input_bits.value());
      if (work.kept) tested += double(work.kept->tested_bits);
    }
  }
  const double bits = double(std::max<std::int64_t>(1, stage.sum_bits.value()));
  moved += double(stage.index_bits.value());
  const double step = read * std::max(1, stage.input_slices) + moved * bits;
  const double pixel = window + double(stage.outputs) * bits + double(stage.pixel_bits.value()) +
                       double(stage.vector_ops) + double(stage.pool_ops);
  const double steps = std::ceil(double(stage.grid.height) / double(stage.step.height)) *
                       std::ceil(double(stage.grid.width) / double(stage.step.width));
  return steps * step + double(stage.grid.height) * double(stage.grid.width) * pixel + bits_in +
         double(stage.macs) + tested;
}

// Partial sums are added on their way from the cores to the home: there are never fewer than what
// they are added up to. Each copy of the weights makes whole outputs.
void check_sums(const Stage& stage) {
  std::map<int, std::int64_t> sums;  // by replica
  for (const TileWork& tile : stage.tiles) {
    if (tile.partial_sums > tile.core_sums()) {
      refuse(stage, fmt::format("{} partial sums leave tile {}, whose cores make {}",
                                tile.partial_sums, tile.tile, tile.core_sums()));
    }
    sums[tile.replica] += tile.partial_sums;
  }
  for (const auto& [replica, sum] : sums) {
    if (sum >= stage.step_outputs()) continue;
    refuse(stage, fmt::format("{} partial sums leave its tiles for {} outputs a pixel{}{}", sum,
                              stage.outputs,
                              stage.step.pixels() == 1
                                  ? ""
                                  : fmt::format(" and {} pixels a step", stage.step.pixels()),
                              sums.size() == 1 ? "" : fmt::format(" in replica {}", replica)));
  }
}

// Replicas are numbered without gaps, and none is left without a step.
void check_replicas(const Stage& stage) {
  std::set<int> numbers;
  for (const TileWork& tile : stage.tiles) numbers.insert(tile.replica);
  int expected = 0;
  for (const int number : numbers) {
    if (number != expected) {
      refuse(stage,
             fmt::format("replica {} and no replica {}; expected numbers from 0 without gaps",
                         number, expected));
    }
    ++expected;
  }
  const std::int64_t steps = Steps(stage).count();
  if (expected > steps) {
    refuse(stage, fmt::format("{} replicas for {} steps an image; expected at most one for each",
                              expected, steps));
  }
}

void check_cores(const Stage& stage, const TileWork& tile) {
  std::set<std::pair<int, int>> lanes;
  for (const CoreWork& work : tile.cores) {
    const std::string lane = work.lane == 0 ? "" : fmt::format("lane {} of ", work.lane);
    if (!lanes.emplace(work.core, work.lane).second) {
      refuse(stage,
             fmt::format("{}core {} of tile {} is listed twice", lane, work.core, tile.tile));
    }
    if (work.core < 0 || work.lane < 0 || work.macros < 1 || work.rows < 1 || work.columns < 1 ||
        work.reads < 1 || work.max_columns < 1 || work.partial_sums < 1) {
      refuse(stage, fmt::format("{}core {} of tile {} has no work", lane, work.core, tile.tile));
    }
  }
}

// Nothing is left that was not there, and where anything is done there are reads.
void check_kept(const Stage& stage, const CoreWork& work, std::int64_t steps) {
  if (!work.kept) return;
  const KeptReads& kept = *work.kept;
  const KeptReads all = all_work_of_image(stage, work, steps);
  const auto is_part = [&](std::int64_t KeptReads::* count) {
    return kept.*count >= 0 && kept.*count <= all.*count;
  };
  for (const auto& [name, count] :
       {std::pair{"reads", &KeptReads::reads}, std::pair{"rows", &KeptReads::rows},
        std::pair{"columns", &KeptReads::columns},
        std::pair{"shared columns", &KeptReads::shared_columns},
        std::pair{"cells", &KeptReads::cells}}) {
    if (is_part(count)) continue;
    refuse(stage, fmt::format("core {} keeps {} {} of {} an image; expected 0 to all of them",
                              work.core, kept.*count, name, all.*count));
  }
  if (kept.tested_bits < 0 || (kept.reads == 0 && kept.rows + kept.columns + kept.cells > 0)) {
    refuse(stage, fmt::format("core {} keeps rows, columns or cells without reads, or tests fewer "
                              "than 0 bits",
                              work.core));
  }
}

void check_kept(const Stage& stage) {
  const Steps steps(stage);
  for (const TileWork& tile : stage.tiles) {
    for (const CoreWork& work : tile.cores) check_kept(stage, work, steps.share(tile.replica));
  }
}

void check_tiles(const Program& program, const Stage& stage) {
  std::set<std::pair<int, int>> tiles;  // of each replica
  for (const TileWork& tile : stage.tiles) {
    if (tile.tile < 0 || tile.tile >= program.tiles || tile.cores.empty() ||
        tile.partial_sums < 1) {
      refuse(stage, fmt::format("tile {} has no work, or is not on the chip of {} tiles", tile.tile,
                                program.tiles));
    }
    if (!tiles.emplace(tile.replica, tile.tile).second) {
      refuse(stage,
             fmt::format("tile {} is listed twice{}", tile.tile,
                         tile.replica == 0 ? "" : fmt::format(" in replica {}", tile.replica)));
    }
    check_cores(stage, tile);
  }
  if (!stage.tiles.empty() && stage.input_slices < 1) refuse(stage, "no input slices");
  check_replicas(stage);
  check_kept(stage);
  check_sums(stage);
}

// Rounds are numbered without gaps; what is read is made in the same round or before.
void check_rounds(const Program& program) {
  std::set<int> rounds;
  for (const Stage& stage : program.stages) {
    rounds.insert(stage.round);
    for (const StageInput& input : stage.inputs) {
      if (input.producer == kChipInput) continue;
      const Stage& producer = program.stages[static_cast<std::size_t>(input.producer)];
      if (producer.round <= stage.round) continue;
      refuse(stage,
             fmt::format("of round {} reads \"{}\", which round {} makes; expected one of the "
                         "same round or of an earlier one",
                         stage.round, producer.name, producer.round));
    }
  }
  int expected = 0;
  for (const int round : rounds) {
    if (round != expected) {
      throw InputError(
          fmt::format("no stage is of round {}, and one is of round {}; expected "
                      "rounds from 0 without gaps",
                      expected, round));
    }
    ++expected;
  }
}

// A core in one round.
using CoreUse = std::tuple<int, int, int>;  // round, tile, core

// The first stage that works on each core in each round.
std::map<CoreUse, const Stage*> core_users(const Program& program) {
  std::map<CoreUse, const Stage*> users;
  for (const Stage& stage : program.stages) {
    for (const TileWork& tile : stage.tiles) {
      for (const CoreWork& work : tile.cores) {
        users.try_emplace({stage.round, tile.tile, work.core}, &stage);
      }
    }
  }
  return users;
}

// Nothing is written under a stage that works.
void check_writes_ahead(const Program& program) {
  if (!program.writes_ahead) return;
  const std::map<CoreUse, const Stage*> users = core_users(program);
  for (const CoreWrite& write : program.writes) {
    const auto user = users.find({write.round - 1, write.tile, write.core});
    if (user == users.end()) continue;
    throw InputError(
        fmt::format("the writing of core {} of tile {} for round {}: stage \"{}\" of round {} "
                    "works on it; with "
                    "writes_ahead a core is written while the round before works",
                    write.core, write.tile, write.round, user->second->name, user->second->round));
  }
}

void check_writes(const Program& program) {
  const int rounds = program.rounds();
  std::set<std::tuple<int, int, int>> cores;
  double cells = 0;
  for (const CoreWrite& write : program.writes) {
    const auto refuse_write = [&write](const std::string& what) {
      throw InputError(fmt::format("the writing of core {} of tile {} for round {}: {}", write.core,
                                   write.tile, write.round, what));
    };
    if (write.round < 0 || write.round >= rounds) {
      refuse_write(fmt::format("the program has {} rounds", rounds));
    }
    if (write.tile < 0 || write.tile >= program.tiles || write.core < 0) {
      refuse_write(fmt::format("the chip has {} tiles", program.tiles));
    }
    cells += double(write.cells_set) + double(write.cells_reset);
    if (write.row_writes < 1 || write.cells_set < 0 || write.cells_reset < 0 || cells > kMostWork ||
        double(write.row_writes) > double(write.cells_set) + double(write.cells_reset)) {
      refuse_write(
          fmt::format("{} rows for {} cells set and {} reset; expected at least one row, "
                      "a cell a row, and less than 2^53 cells in all",
                      write.row_writes, write.cells_set, write.cells_reset));
    }
    if (!cores.emplace(write.round, write.tile, write.core).second) refuse_write("listed twice");
  }
}

void check_step(const Stage& stage) {
  const Grid& step = stage.step;
  if (step.height < 1 || step.width < 1 || step.height > stage.grid.height ||
      step.width > stage.grid.width) {
    refuse(stage, fmt::format("a step of {}x{} pixels; expected 1x1 to {}x{} (the whole map)",
                              step.height, step.width, stage.grid.height, stage.grid.width));
  }
  if (stage.tiles.empty() && (step.height > 1 || step.width > 1)) {
    refuse(stage, fmt::format("a step of {}x{} pixels without macros; vector work takes 1x1",
                              step.height, step.width));
  }
}

}  // namespace

void Program::validate() const {
  if (stages.empty()) throw InputError("the program has no stage");
  double work = 0;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const Stage& stage = stages[i];
    if (stage.round < 0) refuse(stage, "a round below zero");
    if (stage.grid.height < 1 || stage.grid.width < 1 || stage.inputs.empty()) {
      refuse(stage, "makes no pixels, or has no input");
    }
    if (std::ssize(stage.inputs) > kMostInputs) {
      refuse(stage, fmt::format("{} inputs; expected 1 to {}", stage.inputs.size(), kMostInputs));
    }
    check_step(stage);
    work += work_of(stage);
    if (work > kMostWork) {
      refuse(stage,
             "the program up to here counts more than 2^53 actions an image, which is more "
             "than can be counted exactly; make it smaller");
    }
    if (stage.home_tile < 0 || stage.home_tile >= tiles) {
      refuse(stage, fmt::format("its home is tile {}; the chip has {}", stage.home_tile, tiles));
    }
    for (const StageInput& input : stage.inputs) check_input(*this, stage, i, input);
    check_tiles(*this, stage);
  }
  check_rounds(*this);
  check_writes(*this);
  check_writes_ahead(*this);
}

int Program::rounds() const {
  int last = 0;
  for (const Stage& stage : stages) last = std::max(last, stage.round);
  return last + 1;
}

bool Program::comes_onto_chip(const Stage& stage, const StageInput& input) const {
  return input.producer == kChipInput ||
         stages[static_cast<std::size_t>(input.producer)].round < stage.round;
}

// Only later stages can read it.
Program::Readers Program::readers_of(int stage) const {
  const auto at = static_cast<std::size_t>(stage);
  const bool several = rounds() > 1;
  Readers readers;
  for (std::size_t s = at + 1; s < stages.size(); ++s) {
    for (const StageInput& input : stages[s].inputs) {
      if (input.producer != stage) continue;
      (stages[s].round == stages[at].round ? readers.now : readers.later) = true;
    }
    // Mostly the very next one reads it, and there is one round.
    if (readers.now && (readers.later || !several)) break;
  }
  return readers;
}

}  // namespace pimento::arch
