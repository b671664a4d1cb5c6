// SPDX-License-Identifier: Apache-2.0
// Small random networks on random chips: what holds for every mapping and every program, checked
// cell by cell without help of the verifier.
#include <map>
#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
#include "mapper/buffers.h"
#include "mapper/lower.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

class RandomCase {
 public:
  explicit RandomCase(std::uint32_t seed)
      : random_(seed), builder_({from(1, 6), from(3, 9), from(3, 9)}) {
    const std::int64_t length = from(1, 8);
    for (int i = 0; i < length; ++i) add_image_layer(fmt::format("l{}", i));
    if (from(0, 2) == 0) builder_.add("average", workloads::GlobalPool{});
    if (from(0, 1) == 0) builder_.add("flatten", workloads::Flatten{});
    builder_.add("fc", workloads::Linear{from(1, 9)});
    if (from(0, 1) == 0) builder_.add("softmax", workloads::Softmax{});
    for (const int layer : builder_.network.weight_layers()) {
      builder_.precision(layer, static_cast<int>(from(1, 9)), static_cast<int>(from(1, 9)));
    }
    shape_ = {.rows = static_cast<int>(from(1, 40)),
              .columns = static_cast<int>(from(1, 40)),
              .cell_bits = static_cast<int>(from(1, 4)),
              .dac_bits = static_cast<int>(from(1, 4)),
              .encoding = static_cast<arch::Encoding>(from(0, 2)),
              .macros_per_core = static_cast<int>(from(1, 5)),
              .cores_per_tile = static_cast<int>(from(1, 4))};
  }
  [[nodiscard]] const workloads::Network& network() const { return builder_.network; }
  [[nodiscard]] const ChipShape& shape() const { return shape_; }

 private:
  std::int64_t from(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  void add_image_layer(const std::string& name) {
    const workloads::Shape shape = builder_.network.shape_of(builder_.last());
    switch (from(0, 6)) {
      case 0:
        builder_.add(name, workloads::Relu{});
        return;
      case 1:
        builder_.add(name, workloads::BatchNorm{});
        return;
      case 2:
        add_sum(name, shape);
        return;
      case 3: {
        workloads::Pool pool;
        pool.window.kernel = {std::min<std::int64_t>(2, shape[1]),
                              std::min<std::int64_t>(2, shape[2])};
        pool.window.stride = {from(1, 2), from(1, 2)};
        builder_.add(name, pool);
        return;
      }
      default: {
        const bool depthwise = from(0, 3) == 0;
        const std::int64_t kernel = 2 * from(0, 1) + 1;
        builder_.conv(name, depthwise ? shape[0] * from(1, 2) : from(1, 8), kernel, from(1, 2),
                      kernel / 2, depthwise ? shape[0] : 1);
      }
    }
  }
  void add_sum(const std::string& name, const workloads::Shape& shape) {
    std::vector<int> same;
    for (int i = workloads::kNetworkInput; i <= builder_.last(); ++i) {
      if (builder_.network.shape_of(i) == shape) same.push_back(i);
    }
    const int other = same[static_cast<std::size_t>(from(0, std::ssize(same) - 1))];
    builder_.add(name, workloads::Add{}, {builder_.last(), other});
  }

  std::mt19937 random_;
  NetworkBuilder builder_;
  ChipShape shape_;
};

// Paints every cell of every group and every weight bit it stands for.
void expect_every_bit_once(const Mapping& mapping, const MappingProblem& problem) {
  std::set<std::tuple<int, std::int64_t, std::int64_t>> cells;
  std::map<std::pair<int, std::int64_t>, std::set<std::int64_t>> rows_of_block;
  for (const LayerMapping& layer : mapping.layers) {
    const auto slices = std::ssize(layer.plan.slices);
    const int lines = layer.plan.lines();
    const workloads::MatrixShape matrix = problem.network.matrix(layer.layer);
    std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>> bits;
    std::set<int> macros;
    for (const ColumnGroup& group : layer.groups) {
      ASSERT_GE(group.macro, 0);
      ASSERT_LT(group.macro, mapping.macros);
      macros.insert(group.macro);
      for (std::int64_t r = 0; r < group.rows.size(); ++r) {
        for (std::int64_t c = 0; c < group.columns.size(); ++c) {
          ASSERT_LT(group.at_row + r, problem.chip.macro.rows);
          for (std::int64_t line = c * lines; line < (c + 1) * lines; ++line) {
            ASSERT_LT(group.at_column + line, problem.chip.macro.columns);
            ASSERT_TRUE(
                cells.emplace(group.macro, group.at_row + r, group.at_column + line).second);
          }
          const std::int64_t column = group.columns[c];
          ASSERT_TRUE(
              bits.emplace(group.block, group.rows[r], column / slices, column % slices).second);
        }
      }
    }
    ASSERT_EQ(std::ssize(macros), layer.macros);
    for (const auto& [block, row, out, slice] : bits) {
      ASSERT_TRUE(block >= 0 && block < matrix.groups && row >= 0 && row < matrix.rows &&
                  out >= 0 && out < matrix.columns);
    }
    ASSERT_EQ(std::ssize(bits), matrix.weights() * slices);
    ASSERT_EQ(used_cells(layer), std::ssize(bits) * lines);
  }
}

// What the cores of a stage do, added up, is what the layer's groups say.
void expect_work_of_layer(const arch::Stage& stage, const LayerMapping& layer,
                          const MappingProblem& problem) {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  for (const ColumnGroup& group : layer.groups) {
    rows += group.rows.size();
    columns += group.columns.size();
  }
  std::int64_t macros = 0;
  arch::CoreWork sum;
  for (const arch::TileWork& tile : stage.tiles) {
    for (const arch::CoreWork& work : tile.cores) {
      macros += work.macros;
      sum.rows += work.rows;
      sum.columns += work.columns;
      sum.cells += work.cells;
      ASSERT_LT(work.core, problem.chip.cores_per_tile);
      ASSERT_LE(work.macros, problem.chip.macros_per_core);
      ASSERT_LE(work.max_columns, problem.chip.macro.columns);
      ASSERT_LE(work.partial_sums, stage.outputs);
    }
    ASSERT_LE(tile.partial_sums, stage.outputs);
  }
  EXPECT_EQ(macros, layer.macros);
  EXPECT_EQ(sum.rows, rows);
  EXPECT_EQ(sum.columns, columns);
  EXPECT_EQ(sum.cells, used_cells(layer));
  EXPECT_EQ(stage.grid.pixels(), problem.network.matrix(layer.layer).positions);
}

TEST(RandomNetworks, AreMappedAndLoweredRight) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase random(seed);
    const arch::ChipSpec chip = make_chip(random.shape());
    const MappingProblem problem{random.network(), chip};
    const Mapping mapping = map_network(problem, "dense");
    ASSERT_NO_FATAL_FAILURE(expect_every_bit_once(mapping, problem));

    const Lowered lowered = lower(problem, mapping);
    ASSERT_NO_THROW(lowered.program.validate());
    ASSERT_NO_THROW(check_buffers(lowered.program));
    ASSERT_TRUE(completes(lowered.program));
    std::size_t mapped = 0;
    for (std::size_t s = 0; s < lowered.program.stages.size(); ++s) {
      const arch::Stage& stage = lowered.program.stages[s];
      const int layer = lowered.layer_of_stage[s];
      EXPECT_EQ(stage.name, random.network().layers[static_cast<std::size_t>(layer)].name);
      EXPECT_EQ(stage.grid.pixels() * stage.outputs,
                workloads::element_count(random.network().shape_of(layer)));
      if (!stage.tiles.empty()) {
        ASSERT_NO_FATAL_FAILURE(expect_work_of_layer(stage, mapping.layers[mapped++], problem));
      }
      for (const auto& [key, n] : arch::static_counts(lowered.program, static_cast<int>(s), chip)) {
        EXPECT_GE(n, 0) << arch::info(key.action).name;
      }
    }
    EXPECT_EQ(mapped, mapping.layers.size());
    EXPECT_EQ(
        arch::read_program(ConfigDocument::parse(arch::to_text(lowered.program), "program.yaml")),
        lowered.program);
  }
}

// Strategies that share macros, on whole arrays and on operation units.
TEST(RandomNetworks, ArePackedRight) {
  int cut = 0;
  int turns = 0;
  int shared = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase random(seed);
    ChipShape shape = random.shape();
    if (seed % 2 == 0) {
      shape.encoding = arch::Encoding::kSignMagnitude;
      ++shape.columns;
    }
    const bool has_units = seed % 3 == 0 && shape.encoding != arch::Encoding::kOffsetFlipped;
    if (has_units) {
      shape.more = fmt::format("operation_unit: {{rows: {}}}, ", 1 + seed % shape.rows);
    }
    const arch::ChipSpec chip = make_chip(shape);
    const MappingProblem problem{random.network(), chip};
    const std::int64_t dense = utilization(map_network(problem, "dense"), chip).used_macros;
    for (const char* strategy : {"packed", "area"}) {
      const Mapping mapping = map_network(problem, strategy);
      ASSERT_NO_FATAL_FAILURE(expect_every_bit_once(mapping, problem));
      const Utilization use = utilization(mapping, chip);
      EXPECT_EQ(use.used_macros, mapping.macros);
      EXPECT_LE(mapping.macros, dense);
      const PackingSummary summary = mapping.packing.value_or(PackingSummary{});
      EXPECT_LE(summary.lower_bound, summary.macros);
      std::int64_t of_layers = 0;
      std::int64_t saved = 0;
      int last_turn = 0;
      for (const LayerMapping& layer : mapping.layers) {
        of_layers += layer.macros;
        saved += layer.passes.at(0).conversions_saved;
        EXPECT_LE(layer.passes[0].conversions_saved, 0);
        for (const ColumnGroup& group : layer.groups) last_turn = std::max(last_turn, group.turn);
      }
      EXPECT_TRUE(summary.row_cuts > 0 || saved == 0);
      cut += saved < 0 ? 1 : 0;
      turns += last_turn > 0 ? 1 : 0;
      shared += of_layers > mapping.macros ? 1 : 0;
    }
  }
  EXPECT_GT(cut, 10);
  EXPECT_GT(turns, 10);
  EXPECT_GT(shared, 100);
}

TEST(RandomNetworks, AreMappedTheSameEveryTime) {
  const RandomCase random(17);
  const arch::ChipSpec chip = make_chip(random.shape());
  const MappingProblem problem{random.network(), chip};
  const Lowered first = lower(problem, map_network(problem, "dense"));
  const Lowered second = lower(problem, map_network(problem, "dense"));
  EXPECT_EQ(first.program, second.program);
}

TEST(RandomNetworks, ResNet18ComesBackFromItsText) {
  const workloads::Network network = shipped_network("resnet18_imagenet", "uniform8");
  const arch::ChipSpec chip = shipped_chip("reram_128x128_1b");
  const MappingProblem problem{network, chip};
  const Lowered lowered = lower(problem, map_network(problem, "dense"));
  EXPECT_EQ(
      arch::read_program(ConfigDocument::parse(arch::to_text(lowered.program), "program.yaml")),
      lowered.program);
}

}  // namespace
}  // namespace pimento::mapper
