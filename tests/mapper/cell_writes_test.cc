// SPDX-License-Identifier: Apache-2.0
// Cells that are written between rounds, against a chip kept as a list of cells.
#include "mapper/cell_writes.h"

#include <map>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

using Cell = std::tuple<int, std::int64_t, std::int64_t>;  // macro, row, column

// What the layers of a round want in their cells.
std::map<Cell, std::int64_t> wanted_in(int round, const Mapping& mapping,
                                       const MappingProblem& problem) {
  std::map<Cell, std::int64_t> cells;
  for (const LayerMapping& layer : mapping.layers) {
    const std::vector<std::int32_t> weights =
        workloads::integer_weights(problem.network, layer.layer);
    const workloads::MatrixShape matrix = problem.network.matrix(layer.layer);
    const auto slices = std::ssize(layer.plan.slices);
    const int lines = layer.plan.lines();
    for (const ColumnGroup& group : layer.groups) {
      if (group.round != round) continue;
      for (std::int64_t c = 0; c < group.columns.size() * lines; ++c) {
        const std::int64_t column = group.columns[c / lines];
        const std::int64_t channel = group.block * matrix.columns + column / slices;
        const auto first = weights.begin() + channel * matrix.rows;
        const std::vector<std::int32_t> of_channel(first, first + matrix.rows);
        const std::int64_t center = arch::center_of(layer.plan, of_channel);
        const auto at = static_cast<std::size_t>(column % slices * lines + c % lines);
        std::vector<std::int64_t> levels;
        std::int64_t sum = 0;
        for (std::int64_t r = 0; r < group.rows.size(); ++r) {
          const std::int32_t weight = of_channel[static_cast<std::size_t>(group.rows[r])];
          levels.push_back(arch::encode(layer.plan, weight, center)[at]);
          sum += levels.back();
        }
        const arch::Slice& slice = layer.plan.slices[static_cast<std::size_t>(column % slices)];
        const std::int64_t most = (1 << slice.width) - 1;
        const bool flipped = layer.plan.encoding == arch::Encoding::kOffsetFlipped &&
                             2 * sum > most * std::ssize(levels);
        for (std::int64_t r = 0; r < group.rows.size(); ++r) {
          const std::int64_t level = levels[static_cast<std::size_t>(r)];
          cells[{group.macro, group.at_row + r, group.at_column + c}] =
              flipped ? most - level : level;
        }
      }
    }
  }
  return cells;
}

// One run after another, until nothing new can happen.
Rewriting by_brute_force(const Mapping& mapping, const MappingProblem& problem, int rounds) {
  std::map<Cell, std::int64_t> chip;
  Rewriting found;
  for (int run = 0; run < 3; ++run) {
    std::map<std::tuple<int, int, int>, arch::CoreWrite> cores;
    std::map<Cell, std::int64_t> times;
    for (int round = 0; round < rounds; ++round) {
      std::map<int, std::set<std::int64_t>> rows;  // of macros
      for (const auto& [cell, level] : wanted_in(round, mapping, problem)) {
        const std::int64_t held = std::exchange(chip[cell], level);
        if (held == level) continue;
        const auto& [macro, row, column] = cell;
        const int core = macro / problem.chip.macros_per_core;
        const int tile = core / problem.chip.cores_per_tile;
        arch::CoreWrite& write = cores[{round, tile, core}];
        write.round = round;
        write.tile = tile;
        write.core = core % problem.chip.cores_per_tile;
        ++(level > held ? write.cells_set : write.cells_reset);
        rows[macro].insert(row);
        write.row_writes = std::max<std::int64_t>(write.row_writes, std::ssize(rows[macro]));
        ++times[cell];
      }
    }
    found = {};
    for (const auto& [place, write] : cores) found.writes.push_back(write);
    for (const auto& [cell, n] : times) {
      found.most_writes_of_a_cell = std::max(found.most_writes_of_a_cell, n);
    }
  }
  return found;
}

// Layers of several sizes, a depthwise one among them.
workloads::Network network_of(std::uint64_t seed) {
  NetworkBuilder b({3, 6, 6});
  b.conv("a", 5, 3, 1, 1);
  b.conv("b", 5, 3, 1, 1, 5);
  b.conv("c", 4, 1);
  b.conv("d", 7, 3);
  b.add("fc", workloads::Linear{9});
  for (const int layer : b.network.weight_layers()) b.precision(layer, 2 + layer % 4, 4);
  b.network.weight_origin.distribution = "uniform";
  b.network.weight_origin.seed = seed;
  return b.network;
}

struct Case {
  arch::Encoding encoding;
  int cell_bits;
};

class CellWritesOf : public ::testing::TestWithParam<Case> {};

TEST_P(CellWritesOf, AreThoseOfTheCells) {
  const auto& [encoding, cell_bits] = GetParam();
  int most_rounds = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const workloads::Network network = network_of(seed);
    ChipShape shape{.rows = 20,
                    .columns = 18 * arch::lines(encoding),
                    .cell_bits = cell_bits,
                    .encoding = encoding,
                    .macros_per_core = 2,
                    .cores_per_tile = 2};
    // Room for the largest layer, and a little more.
    const arch::ChipSpec any_size = make_chip(shape);
    std::int64_t largest = 0;
    for (const LayerMapping& layer : map_network({network, any_size}, "dense").layers) {
      largest = std::max(largest, layer.macros);
    }
    shape.tiles = std::to_string((largest + 3) / 4 + static_cast<std::int64_t>(seed % 2));
    const arch::ChipSpec chip = make_chip(shape);
    const MappingProblem problem{network, chip};
    const Mapping mapping = map_network(problem, "reload");
    const int rounds = 1 + mapping.layers.back().groups.front().round;
    most_rounds = std::max(most_rounds, rounds);
    if (rounds == 1) continue;
    const Rewriting expected = by_brute_force(mapping, problem, rounds);
    EXPECT_EQ(mapping.rewriting.writes, expected.writes);
    EXPECT_EQ(mapping.rewriting.most_writes_of_a_cell, expected.most_writes_of_a_cell);
    std::int64_t written = 0;
    for (const arch::CoreWrite& write : expected.writes) {
      written += write.cells_set + write.cells_reset;
    }
    std::int64_t reported = 0;
    std::int64_t taken = 0;
    for (const LayerMapping& layer : mapping.layers) {
      reported += layer.passes.at(0).cells_written;
      taken += layer.passes[0].cells_taken;
      EXPECT_EQ(layer.passes[0].cells_taken, used_cells(layer));
    }
    EXPECT_EQ(reported, written);
    EXPECT_LT(written, taken);  // some cells hold the same
    EXPECT_GT(written, 0);
  }
  EXPECT_GE(most_rounds, 2);
}
INSTANTIATE_TEST_SUITE_P(
    Encodings, CellWritesOf,
    ::testing::Values(Case{arch::Encoding::kTwosComplement, 1},
                      Case{arch::Encoding::kTwosComplement, 2}, Case{arch::Encoding::kOffset, 2},
                      Case{arch::Encoding::kOffsetFlipped, 1},
                      Case{arch::Encoding::kDifferential, 1},
                      Case{arch::Encoding::kSignMagnitude, 2},
                      Case{arch::Encoding::kCenterOffset, 2}, Case{arch::Encoding::kCsd, 1}),
    [](const auto& param_info) {
      return fmt::format("{}_{}", arch::encoding_name(param_info.param.encoding),
                         param_info.param.cell_bits);
    });

// What is set in a run is reset in it: after it the cells hold what they held before.
TEST(CellWrites, OfSingleBitsAreSetAsOftenAsReset) {
  const workloads::Network network = network_of(1);
  const arch::ChipSpec chip = make_chip(
      {.rows = 20, .columns = 18, .macros_per_core = 1, .cores_per_tile = 9, .tiles = "1"});
  std::int64_t set = 0;
  std::int64_t reset = 0;
  for (const arch::CoreWrite& write : map_network({network, chip}, "reload").rewriting.writes) {
    set += write.cells_set;
    reset += write.cells_reset;
  }
  EXPECT_GT(set, 0);
  EXPECT_EQ(set, reset);
}

TEST(CellWrites, AreNoneInOneRound) {
  const workloads::Network network = network_of(1);
  const arch::ChipSpec chip = make_chip({});
  const MappingProblem problem{network, chip};
  const CellWrites found = cell_writes(map_network(problem, "dense"), problem);
  EXPECT_EQ(found.rewriting, Rewriting{});
}

}  // namespace
}  // namespace pimento::mapper
