// SPDX-License-Identifier: Apache-2.0
#include "arch/program/program.h"

#include <algorithm>

#include <fmt/format.h>

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
  const std::int64_t top =
      std::clamp<std::int64_t>(y * window.stride_height - window.pad_top, 0, grid.height - 1);
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
    const std::int64_t pixels = input.window.whole
                                    ? input.grid.pixels()
                                    : input.window.span_height * input.window.span_width;
    sum += input.pixel_bits * pixels;
  }
  return sum;
}

std::int64_t Stage::home_additions() const {
  std::int64_t sums = 0;
  for (const TileWork& tile : tiles) sums += tile.partial_sums;
  return tiles.empty() ? 0 : sums - outputs;
}

namespace {

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

void check_tiles(const Program& program, const Stage& stage) {
  for (const TileWork& tile : stage.tiles) {
    if (tile.tile < 0 || tile.tile >= program.tiles || tile.cores.empty() ||
        tile.partial_sums < 1) {
      refuse(stage, fmt::format("tile {} has no work, or is not on the chip of {} tiles", tile.tile,
                                program.tiles));
    }
    for (const CoreWork& work : tile.cores) {
      if (work.core < 0 || work.macros < 1 || work.rows < 1 || work.columns < 1 ||
          work.max_columns < 1 || work.partial_sums < 1) {
        refuse(stage, fmt::format("core {} of tile {} has no work", work.core, tile.tile));
      }
    }
  }
  if (!stage.tiles.empty() && stage.input_slices < 1) refuse(stage, "no input slices");
}

}  // namespace

void Program::validate() const {
  if (stages.empty()) throw InputError("the program has no stage");
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const Stage& stage = stages[i];
    if (stage.grid.height < 1 || stage.grid.width < 1 || stage.inputs.empty()) {
      refuse(stage, "makes no pixels, or has no input");
    }
    if (stage.home_tile < 0 || stage.home_tile >= tiles) {
      refuse(stage, fmt::format("its home is tile {}; the chip has {}", stage.home_tile, tiles));
    }
    for (const StageInput& input : stage.inputs) check_input(*this, stage, i, input);
    check_tiles(*this, stage);
  }
}

}  // namespace pimento::arch
