// SPDX-License-Identifier: Apache-2.0
// The text form of a program: YAML in a fixed order of fields, one line a core.
#include <array>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "arch/program/program.h"

namespace pimento::arch {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 50;
constexpr IntRange kCount{.min = 0, .max = kMost};
constexpr IntRange kPositive{.min = 1, .max = kMost};
constexpr IntRange kIndex{.min = 0, .max = 1 << 30};

// A double-quoted YAML string. Line breaks in it would be folded, so they are written as escapes.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\x{:02x}", c);
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string window_text(const ReadWindow& w) {
  if (w.whole) return "{whole: true}";
  return fmt::format("{{span: [{}, {}], stride: [{}, {}], pad: [{}, {}]}}", w.span_height,
                     w.span_width, w.stride_height, w.stride_width, w.pad_top, w.pad_left);
}

// What follows the rest of a core's work; empty where nothing is passed over.
std::string kept_text(const CoreWork& work) {
  const std::optional<KeptReads>& kept = work.kept;
  if (!kept) return {};
  return fmt::format(
      ", kept: {{reads: {}, rows: {}, columns: {}, {}cells: {}, tested_bits: {}}}", kept->reads,
      kept->rows, kept->columns,
      kept->shared_columns == 0 ? "" : fmt::format("shared_columns: {}, ", kept->shared_columns),
      kept->cells, kept->tested_bits);
}

void write_stage(std::string& out, const Stage& stage) {
  auto line = std::back_inserter(out);
  fmt::format_to(line, "  - name: {}\n", quoted(stage.name));
  fmt::format_to(line, "    grid: [{}, {}]\n", stage.grid.height, stage.grid.width);
  if (!(stage.step == Grid{})) {
    fmt::format_to(line, "    step: [{}, {}]\n", stage.step.height, stage.step.width);
  }
  if (stage.round != 0) fmt::format_to(line, "    round: {}\n", stage.round);
  fmt::format_to(line, "    pixel_bits: {}\n    outputs: {}\n    home_tile: {}\n",
                 stage.pixel_bits.value(), stage.outputs, stage.home_tile);
  fmt::format_to(line, "    inputs:\n");
  for (const StageInput& input : stage.inputs) {
    fmt::format_to(
        line, "      - {{from: {}, grid: [{}, {}], window: {}, pixel_bits: {}, capacity: {}}}\n",
        input.producer, input.grid.height, input.grid.width, window_text(input.window),
        input.pixel_bits.value(), input.capacity);
  }
  if (!stage.tiles.empty()) {
    fmt::format_to(line, "    input_slices: {}\n    sums_inputs: {}\n    sum_bits: {}\n",
                   stage.input_slices, stage.sums_inputs, stage.sum_bits.value());
    if (stage.index_bits.value() != 0) {
      fmt::format_to(line, "    index_bits: {}\n", stage.index_bits.value());
    }
    fmt::format_to(line, "    tiles:\n");
  }
  for (const TileWork& tile : stage.tiles) {
    fmt::format_to(line, "      - tile: {}\n", tile.tile);
    if (tile.replica != 0) fmt::format_to(line, "        replica: {}\n", tile.replica);
    fmt::format_to(line, "        partial_sums: {}\n        cores:\n", tile.partial_sums);
    for (const CoreWork& w : tile.cores) {
      fmt::format_to(
          line,
          "          - {{core: {}, {}macros: {}, rows: {}, columns: {}, {}cells: {}, "
          "reads: {}, max_columns: {}, input_bits: {}, partial_sums: {}{}}}\n",
          w.core, w.lane == 0 ? "" : fmt::format("lane: {}, ", w.lane), w.macros, w.rows, w.columns,
          w.shared_columns == 0 ? "" : fmt::format("shared_columns: {}, ", w.shared_columns),
          w.cells, w.reads, w.max_columns, w.input_bits.value(), w.partial_sums, kept_text(w));
    }
  }
  fmt::format_to(line, "    vector_ops: {}\n    pool_ops: {}\n    macs: {}\n    mac_bits: {}\n",
                 stage.vector_ops, stage.pool_ops, stage.macs, stage.mac_bits);
}

void write_writes(std::string& out, const std::vector<CoreWrite>& writes) {
  if (writes.empty()) return;
  out += "writes:\n";
  for (const CoreWrite& w : writes) {
    fmt::format_to(std::back_inserter(out),
                   "  - {{round: {}, tile: {}, core: {}, row_writes: {}, cells_set: {}, "
                   "cells_reset: {}}}\n",
                   w.round, w.tile, w.core, w.row_writes, w.cells_set, w.cells_reset);
  }
}

std::pair<std::int64_t, std::int64_t> read_pair(ConfigMap& map, std::string_view key,
                                                IntRange range) {
  ConfigList list = map.list(key);
  if (list.size() != 2) {
    if (map.is_list(key)) {
      map.problem(key, fmt::format("found {} numbers; expected [height, width]", list.size()));
    }
    return {1, 1};
  }
  return {list.integer(0, range), list.integer(1, range)};
}

Grid read_grid(ConfigMap& map, std::string_view key = "grid") {
  const auto [height, width] = read_pair(map, key, kPositive);
  return {height, width};
}

StageInput read_input(ConfigMap map) {
  StageInput input;
  input.producer = static_cast<int>(map.integer("from", {.min = kChipInput, .max = 1 << 30}));
  input.grid = read_grid(map);
  ConfigMap window = map.map("window");
  input.window.whole = window.boolean_or("whole", false);
  if (!input.window.whole) {
    ReadWindow& w = input.window;
    std::tie(w.span_height, w.span_width) = read_pair(window, "span", kPositive);
    std::tie(w.stride_height, w.stride_width) = read_pair(window, "stride", kPositive);
    std::tie(w.pad_top, w.pad_left) = read_pair(window, "pad", kCount);
  }
  input.pixel_bits = Bits(map.integer("pixel_bits", kCount));
  input.capacity = map.integer("capacity", kPositive);
  return input;
}

KeptReads read_kept(ConfigMap map) {
  KeptReads kept;
  kept.reads = map.integer("reads", kCount);
  kept.rows = map.integer("rows", kCount);
  kept.columns = map.integer("columns", kCount);
  kept.shared_columns = map.integer_or("shared_columns", 0, kCount);
  kept.cells = map.integer("cells", kCount);
  kept.tested_bits = map.integer("tested_bits", kCount);
  return kept;
}

CoreWork read_core(ConfigMap map) {
  CoreWork work;
  work.core = static_cast<int>(map.integer("core", kIndex));
  work.lane = static_cast<int>(map.integer_or("lane", 0, kIndex));
  work.macros = static_cast<int>(map.integer("macros", {.min = 1, .max = 1 << 30}));
  work.rows = map.integer("rows", kPositive);
  work.columns = map.integer("columns", kPositive);
  work.shared_columns = map.integer_or("shared_columns", 0, kCount);
  work.cells = map.integer("cells", kPositive);
  work.reads = map.integer_or("reads", 1, {.min = 1, .max = 1 << 30});
  work.max_columns = map.integer("max_columns", kPositive);
  work.input_bits = Bits(map.integer("input_bits", kCount));
  work.partial_sums = map.integer("partial_sums", kPositive);
  if (map.has("kept")) work.kept = read_kept(map.map("kept"));
  return work;
}

TileWork read_tile(ConfigMap map) {
  TileWork tile;
  tile.tile = static_cast<int>(map.integer("tile", kIndex));
  tile.replica = static_cast<int>(map.integer_or("replica", 0, kIndex));
  tile.partial_sums = map.integer("partial_sums", kPositive);
  ConfigList cores = map.list("cores");
  for (std::size_t i = 0; i < cores.size(); ++i) tile.cores.push_back(read_core(cores.map(i)));
  return tile;
}

Stage read_stage(ConfigMap map) {
  Stage stage;
  stage.name = map.text("name");
  stage.grid = read_grid(map);
  if (map.has("step")) stage.step = read_grid(map, "step");
  stage.round = static_cast<int>(map.integer_or("round", 0, kIndex));
  stage.pixel_bits = Bits(map.integer("pixel_bits", kCount));
  stage.outputs = map.integer("outputs", kPositive);
  stage.home_tile = static_cast<int>(map.integer("home_tile", {.min = 0, .max = 1 << 30}));
  ConfigList inputs = map.list("inputs");
  for (std::size_t i = 0; i < inputs.size(); ++i) stage.inputs.push_back(read_input(inputs.map(i)));
  if (std::optional<ConfigList> tiles = map.optional_list("tiles")) {
    stage.input_slices = static_cast<int>(map.integer("input_slices", {.min = 1, .max = 64}));
    stage.sums_inputs = map.boolean_or("sums_inputs", false);
    stage.sum_bits = Bits(map.integer("sum_bits", {.min = 1, .max = 256}));
    stage.index_bits = Bits(map.integer_or("index_bits", 0, kCount));
    for (std::size_t i = 0; i < tiles->size(); ++i) stage.tiles.push_back(read_tile(tiles->map(i)));
  }
  stage.vector_ops = map.integer_or("vector_ops", 0, kCount);
  stage.pool_ops = map.integer_or("pool_ops", 0, kCount);
  stage.macs = map.integer_or("macs", 0, kCount);
  stage.mac_bits = static_cast<int>(map.integer_or("mac_bits", 0, {.min = 0, .max = 32}));
  return stage;
}

CoreWrite read_write(ConfigMap map) {
  CoreWrite write;
  write.round = static_cast<int>(map.integer("round", kIndex));
  write.tile = static_cast<int>(map.integer("tile", kIndex));
  write.core = static_cast<int>(map.integer("core", kIndex));
  write.row_writes = map.integer("row_writes", kPositive);
  write.cells_set = map.integer("cells_set", kCount);
  write.cells_reset = map.integer("cells_reset", kCount);
  return write;
}

}  // namespace

std::string to_text(const Program& program) {
  std::string out =
      fmt::format("schema: pimento/program/1\nnetwork: {}\nchip: {}\ntiles: {}\nstages:\n",
                  quoted(program.network), quoted(program.chip), program.tiles);
  for (const Stage& stage : program.stages) write_stage(out, stage);
  if (program.writes_ahead) out += "writes_ahead: true\n";
  write_writes(out, program.writes);
  return out;
}

Program read_program(ConfigDocument document) {
  ConfigMap root = document.root();
  constexpr std::array<std::pair<std::string_view, int>, 1> kSchemas{{{"pimento/program/1", 1}}};
  (void)root.choice<int>("schema", kSchemas);
  Program program;
  program.network = root.text("network");
  program.chip = root.text("chip");
  program.tiles = static_cast<int>(root.integer("tiles", {.min = 1, .max = 1 << 20}));
  ConfigList stages = root.list("stages");
  for (std::size_t i = 0; i < stages.size(); ++i) {
    program.stages.push_back(read_stage(stages.map(i)));
  }
  program.writes_ahead = root.boolean_or("writes_ahead", false);
  if (std::optional<ConfigList> writes = root.optional_list("writes")) {
    for (std::size_t i = 0; i < writes->size(); ++i) {
      program.writes.push_back(read_write(writes->map(i)));
    }
  }
  document.finish();
  program.validate();
  return program;
}

}  // namespace pimento::arch
