// SPDX-License-Identifier: Apache-2.0
// Hand-sized chips and programs whose times can be written down.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "arch/chip_spec.h"
#include "arch/program/program.h"
#include "sim/engine/simulate.h"

namespace pimento::sim::testing {

// A chip whose every time can be chosen; empty texts leave the component out.
struct ChipText {
  std::string read_time = "100 ns";
  std::string adc_rate = "1 GHz";
  int columns_per_adc = 128;
  std::string tile_components = {};
  std::string chip_components = {};
  std::string hop_time = "0 ns";
  std::string write_time = {};  // empty: not given
};

inline arch::ChipSpec chip_of(const ChipText& text) {
  const std::string yaml =
      fmt::format(R"(
schema: pimento/chip/1
name: test
source: none
macro:
  rows: 128
  columns: 128
  cell_bits: 1
  dac_bits: 1
  encoding: twos_complement
  columns_per_adc: {}
  read_time: {}{}
  components:
    adc: {{kind: fixed, rate: {}, energy: 1 pJ, source: none}}
core: {{macros: 8}}
tile:
  cores: 12
  components: {{{}}}
chip:
  tiles: auto
  hop_time: {}
  components: {{{}}}
)",
                  text.columns_per_adc, text.read_time,
                  text.write_time.empty() ? "" : "\n  write_time: " + text.write_time,
                  text.adc_rate, text.tile_components, text.hop_time, text.chip_components);
  return arch::read_chip(ConfigDocument::parse(yaml, "test.yaml"), "test.yaml");
}

// A stage on one macro of one tile that reads `columns` columns; 1x1 window on its producer.
struct StageShape {
  int slices = 8;
  std::int64_t columns = 128;
  arch::Grid grid{4, 5};
  int tile = 0;
};

inline arch::Stage matrix_stage(const StageShape& shape, int producer) {
  arch::Stage stage;
  stage.name = fmt::format("stage after {}", producer);
  stage.grid = shape.grid;
  stage.pixel_bits = Bits(64);
  stage.outputs = 8;
  stage.home_tile = shape.tile;
  stage.input_slices = shape.slices;
  stage.inputs.push_back({producer, shape.grid, {}, Bits(64), shape.grid.pixels()});
  arch::TileWork tile;
  tile.tile = shape.tile;
  tile.partial_sums = 8;
  arch::CoreWork core;
  core.core = 0;
  core.macros = 1;
  core.rows = 16;
  core.columns = shape.columns;
  core.cells = 16 * shape.columns;
  core.max_columns = shape.columns;
  core.input_bits = Bits(64);
  core.partial_sums = 8;
  tile.cores.push_back(core);
  stage.tiles.push_back(tile);
  return stage;
}

inline arch::Program program_of(std::vector<arch::Stage> stages, int tiles = 4) {
  arch::Program program;
  program.network = "test";
  program.chip = "test";
  program.tiles = tiles;
  // Stages of one tile stand on cores of their own.
  int core = 0;
  for (arch::Stage& stage : stages) {
    for (arch::TileWork& tile : stage.tiles) {
      for (arch::CoreWork& work : tile.cores) work.core = core++;
    }
  }
  program.stages = std::move(stages);
  return program;
}

inline double nanoseconds(Time time) {
  return time.value() * 1e9;
}

}  // namespace pimento::sim::testing
