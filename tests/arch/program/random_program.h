// SPDX-License-Identifier: Apache-2.0
// Small random programs with all a program may have: branches, windows of every form, layers that
// share lanes, copies of layers that differ in their work, parallel windows.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arch/program/program.h"

namespace pimento::arch {

class RandomProgram {
 public:
  static constexpr int kTiles = 4;

  explicit RandomProgram(std::uint32_t seed) : random_(seed) {
    program_.network = "random";
    program_.chip = "test";
    program_.tiles = kTiles;
    map_ = {from(2, 7), from(2, 7)};
    add_behind(kChipInput, map_);
  }
  // One stage behind the other.
  Program chain(int length) {
    while (std::ssize(program_.stages) < length) add_behind(last(), program_.stages.back().grid);
    return program_;
  }
  // Stages behind one or two earlier ones of one grid, so that branches of all lengths meet.
  Program graph(int length) {
    while (std::ssize(program_.stages) < length) {
      const auto a = static_cast<int>(from(0, last()));
      const Grid grid = program_.stages[static_cast<std::size_t>(a)].grid;
      if (from(0, 2) == 0) {
        add(grid, {input_of(a, grid, {}), input_of(partner(grid), grid, {})});
      } else {
        add_behind(a, grid);
      }
    }
    return program_;
  }

 private:
  std::int64_t from(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  [[nodiscard]] int last() const { return static_cast<int>(program_.stages.size()) - 1; }
  int partner(Grid grid) {
    std::vector<int> partners;
    for (int b = 0; b <= last(); ++b) {
      if (program_.stages[static_cast<std::size_t>(b)].grid == grid) partners.push_back(b);
    }
    return partners[static_cast<std::size_t>(from(0, std::ssize(partners) - 1))];
  }

  StageInput input_of(int producer, Grid grid, const ReadWindow& window) {
    StageInput input;
    input.producer = producer;
    input.grid = grid;
    input.window = window;
    input.pixel_bits = Bits(from(1, 40));
    input.capacity = grid.pixels();
    return input;
  }
  void add_behind(int producer, Grid grid) {
    ReadWindow w;
    Grid made;
    if (from(0, 9) == 0) {
      w.whole = true;
      made = {from(1, 3), from(1, 3)};
      add(made, {input_of(producer, grid, w)});
      return;
    }
    do {
      w = from(0, 1) == 0 ? ReadWindow{false, 3, 3, 1, 1, 1, 1}
                          : ReadWindow{false,      from(1, 3), from(1, 3), from(1, 2),
                                       from(1, 2), from(0, 2), from(0, 2)};
      made.height = (grid.height + w.pad_top + from(0, 1) - w.span_height) / w.stride_height + 1;
      made.width = (grid.width + w.pad_left + from(0, 1) - w.span_width) / w.stride_width + 1;
      if (w == ReadWindow{false, 3, 3, 1, 1, 1, 1}) made = grid;
    } while (made.height < 1 || made.width < 1);
    add(made, {input_of(producer, grid, w)});
  }

  void add(Grid grid, std::vector<StageInput> inputs) {
    Stage stage;
    stage.name = fmt::format("s{}", program_.stages.size());
    stage.grid = grid;
    stage.inputs = std::move(inputs);
    stage.pixel_bits = Bits(from(1, 40));
    stage.outputs = from(1, 5);
    stage.vector_ops = from(0, 9);
    stage.home_tile = static_cast<int>(from(0, kTiles - 1));
    if (from(0, 3) == 0) {
      stage.pool_ops = from(0, 9);
    } else {
      add_matrix_work(stage);
    }
    program_.stages.push_back(stage);
  }

  void add_matrix_work(Stage& stage) {
    stage.input_slices = static_cast<int>(from(1, 3));
    stage.sums_inputs = from(0, 1) == 0;
    stage.sum_bits = Bits(from(1, 20));
    if (from(0, 1) == 0) {
      stage.step = {from(1, std::min<std::int64_t>(3, stage.grid.height)),
                    from(1, std::min<std::int64_t>(3, stage.grid.width))};
    }
    const std::int64_t down = (stage.grid.height + stage.step.height - 1) / stage.step.height;
    const std::int64_t across = (stage.grid.width + stage.step.width - 1) / stage.step.width;
    const std::int64_t replicas = from(1, std::min<std::int64_t>(down * across, 4));
    for (int replica = 0; replica < replicas; ++replica) {
      const std::int64_t first = from(0, kTiles - 1);
      const std::int64_t tiles = from(1, 2);
      for (std::int64_t t = 0; t < tiles; ++t) {
        stage.tiles.push_back(tile_of(stage, static_cast<int>((first + t) % kTiles), replica));
      }
    }
    std::shuffle(stage.tiles.begin(), stage.tiles.end(), random_);
  }

  TileWork tile_of(const Stage& stage, int index, int replica) {
    TileWork tile;
    tile.tile = index;
    tile.replica = replica;
    tile.partial_sums = stage.outputs * stage.step.height * stage.step.width;
    std::map<std::pair<int, int>, bool> lanes;
    const std::int64_t cores = from(1, 3);
    for (std::int64_t c = 0; c < cores; ++c) {
      CoreWork work;
      work.core = static_cast<int>(from(0, 1));
      work.lane = static_cast<int>(from(0, 1));
      if (!lanes.emplace(std::pair(work.core, work.lane), true).second) continue;
      work.macros = static_cast<int>(from(1, 3));
      work.rows = from(1, 50);
      work.columns = from(1, 50);
      work.cells = from(1, 500);
      work.max_columns = from(1, work.columns);
      work.input_bits = Bits(from(0, 90));
      work.partial_sums = tile.partial_sums;
      work.reads = from(1, 2);
      tile.cores.push_back(work);
    }
    return tile;
  }

  std::mt19937 random_;
  Grid map_;
  Program program_;
};

}  // namespace pimento::arch
