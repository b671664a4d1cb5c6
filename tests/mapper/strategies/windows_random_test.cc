// SPDX-License-Identifier: Apache-2.0
// The strategy "windows" on random networks and chips: what holds for every mapping, counted cell
// by cell and group by group.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "base/ceil_div.h"
#include "mapper/strategies/dense.h"
#include "mapper/windows.h"
#include "tests/mapper/support.h"
#include "workloads/window_matrix.h"

namespace pimento::mapper {
namespace {

using Pair = std::array<std::int64_t, 2>;

workloads::MatrixShape shape_of(const LayerMapping& layer, const MappingProblem& problem) {
  return matrix_of(layer, problem.network);
}

// Reads an image, array after array.
std::int64_t cycles_of(const LayerMapping& layer, const MappingProblem& problem) {
  return shape_of(layer, problem).positions * layer.macros;
}

class RandomConvolutions {
 public:
  explicit RandomConvolutions(std::uint32_t seed)
      : random_(seed), builder_({from(1, 6), from(4, 12), from(4, 12)}) {
    const std::int64_t length = from(1, 4);
    for (int i = 0; i < length; ++i) add_convolution(fmt::format("l{}", i));
    builder_.add("flatten", workloads::Flatten{});
    builder_.add("fc", workloads::Linear{from(1, 5)});
    for (const int layer : builder_.network.weight_layers()) {
      builder_.precision(layer, static_cast<int>(from(1, 4)), static_cast<int>(from(1, 8)));
    }
    const auto encoding = static_cast<arch::Encoding>(from(0, 7));
    chip_ = make_chip({.rows = static_cast<int>(from(8, 90)),
                       .columns = static_cast<int>(from(8, 90)),
                       .cell_bits = static_cast<int>(from(1, 3)),
                       .encoding = encoding,
                       .macros_per_core = static_cast<int>(from(1, 5)),
                       .more = encoding == arch::Encoding::kOffsetFlipped ? "" : unit()});
  }
  [[nodiscard]] MappingProblem problem() const { return {builder_.network, chip_}; }

 private:
  std::int64_t from(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  std::string unit() {
    return from(0, 3) != 0
               ? ""
               : fmt::format("operation_unit: {{rows: {}, columns: {}}}, ", from(1, 8), from(1, 4));
  }
  void add_convolution(const std::string& name) {
    const workloads::Shape shape = builder_.network.shape_of(builder_.last());
    workloads::Conv conv;
    conv.groups = from(0, 2) == 0 ? shape[0] : 1;
    conv.out_channels = conv.groups * from(1, 3);
    conv.window = {.kernel = {std::min(shape[1], from(1, 3)), std::min(shape[2], from(1, 4))},
                   .stride = {from(1, 3), from(1, 3)},
                   .dilation = {1, 1},
                   .pads = {from(0, 2), from(0, 2), from(0, 2), from(0, 2)}};
    const bool is_small = shape[1] < 3 || shape[2] < 3;
    if (from(0, 7) == 0 && !is_small) {
      conv.window.kernel = {2, 2};
      conv.window.dilation = {2, 1};
    }
    builder_.add(name, conv);
  }

  std::mt19937 random_;
  NetworkBuilder builder_;
  arch::ChipSpec chip_;
};

// Each weight of each copy has its slices where the copy's row and column cross, in a cell of its
// own; what is not zero elsewhere is nobody's.
void expect_every_copy(const LayerMapping& layer, const MappingProblem& problem) {
  const workloads::WindowMatrix matrix(problem.network, layer.layer, layer.copies);
  const auto slices = std::ssize(layer.plan.slices);
  std::set<std::tuple<int, std::int64_t, std::int64_t>> cells;
  std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> stored;
  std::set<int> macros;
  for (const ColumnGroup& group : layer.groups) {
    macros.insert(group.macro);
    for (std::int64_t r = 0; r < group.rows.size(); ++r) {
      for (std::int64_t c = 0; c < group.columns.size(); ++c) {
        ASSERT_LT(group.at_row + r, problem.chip.macro.rows);
        for (int line = 0; line < layer.plan.lines(); ++line) {
          const std::int64_t at = group.at_column + c * layer.plan.lines() + line;
          ASSERT_LT(at, problem.chip.macro.columns);
          ASSERT_TRUE(cells.emplace(group.macro, group.at_row + r, at).second);
        }
        ASSERT_TRUE(stored.emplace(group.block, group.rows[r], group.columns[c]).second);
      }
    }
  }
  ASSERT_EQ(std::ssize(macros), layer.macros);
  const workloads::MatrixShape kernel = problem.network.matrix(layer.layer);
  std::int64_t found = 0;
  for (std::int64_t block = 0; block < kernel.groups; ++block) {
    for (std::int64_t copy = 0; copy < matrix.copy_count(); ++copy) {
      for (std::int64_t weight = 0; weight < kernel.rows; ++weight) {
        for (std::int64_t channel = 0; channel < kernel.columns; ++channel) {
          for (std::int64_t slice = 0; slice < slices; ++slice) {
            const std::int64_t column = (channel * matrix.copy_count() + copy) * slices + slice;
            ASSERT_EQ(stored.count({block, matrix.row_of(weight, copy), column}), 1U);
            ++found;
          }
        }
      }
    }
  }
  ASSERT_GE(std::ssize(stored), found);
}

// Conversions and reads of one input slice of an image, group by group.
struct Counted {
  std::int64_t conversions = 0;
  std::int64_t reads = 0;
};
Counted count(const LayerMapping& layer, const MappingProblem& problem) {
  const arch::MacroSpec& macro = problem.chip.macro;
  Counted counted;
  for (const ColumnGroup& group : layer.groups) {
    const std::int64_t below =
        macro.unit.is_whole() ? 1 : ceil_div(group.rows.size(), macro.unit.rows);
    counted.conversions += below * group.columns.size();
    if (!macro.unit.is_whole()) {
      counted.reads += below * ceil_div(group.columns.size(), macro.unit.columns);
    }
  }
  if (macro.unit.is_whole()) counted.reads = layer.macros;
  const std::int64_t positions = shape_of(layer, problem).positions;
  return {counted.conversions * positions, counted.reads * positions};
}

TEST(WindowStrategy, RandomNetworksAreMappedRight) {
  std::map<int, int> with_copies;  // by encoding
  int listed = 0;
  int beyond = 0;
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    const RandomConvolutions random(seed);
    const MappingProblem problem = random.problem();
    const Mapping mapping = map_network(problem, "windows");  // verifies
    const Mapping dense = map_dense(problem);
    for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
      const LayerMapping& layer = mapping.layers[i];
      ASSERT_NO_FATAL_FAILURE(expect_every_copy(layer, problem));
      const Counted before = count(dense.layers[i], problem);
      const Counted after = count(layer, problem);
      if (layer.copies == Pair{1, 1}) {
        ASSERT_EQ(layer.groups.size(), dense.layers[i].groups.size());
        continue;
      }
      ++with_copies[static_cast<int>(problem.chip.macro.encoding)];
      const ParallelWindow window = best_window(window_problem(problem, layer.layer));
      ASSERT_EQ(layer.copies, window.copies);
      ASSERT_EQ(layer.macros, window.arrays());
      ASSERT_EQ(shape_of(layer, problem).positions, window.windows);
      ASSERT_EQ(layer.groups[0].rows.size(), window.rows_a_channel * window.channels_a_tile);
      ASSERT_EQ(cycles_of(layer, problem), window.cycles());
      ASSERT_LT(cycles_of(layer, problem), cycles_of(dense.layers[i], problem));
      ASSERT_LT(after.reads, before.reads);
      const PassReport& report = layer.passes.at(0);
      ASSERT_EQ(report.cells_saved, used_cells(dense.layers[i]) - used_cells(layer));
      ASSERT_LT(report.cells_saved, 0);
      ASSERT_EQ(report.conversions_saved, before.conversions - after.conversions);
      ASSERT_EQ(report.reads_saved, before.reads - after.reads);
      const workloads::MatrixShape kernel = problem.network.matrix(layer.layer);
      ASSERT_EQ(report.positions, kernel.positions);
      listed += layer.groups[0].rows.is_range() ? 0 : 1;
      beyond += window.windows * layer.copies[0] * layer.copies[1] > kernel.positions ? 1 : 0;
    }
  }
  for (int encoding = 0; encoding < 8; ++encoding) EXPECT_GT(with_copies[encoding], 30) << encoding;
  EXPECT_GT(listed, 30);
  EXPECT_GT(beyond, 100);
}

}  // namespace
}  // namespace pimento::mapper
