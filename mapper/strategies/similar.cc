// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/similar.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "arch/cell_table.h"
#include "mapper/sparse/layer_bits.h"
#include "mapper/sparse/savings.h"
#include "mapper/sparse/unit_slots.h"

namespace pimento::mapper {
namespace {

class SimilarMapper {
 public:
  SimilarMapper(const MappingProblem& problem, int layer, FreshMacros& macros)
      : problem_(problem),
        bits_(problem, layer, whole_plan(problem, layer)),
        table_(bits_.plan()),
        slots_(problem, "similar", macros, result_) {
    result_.layer = layer;
    result_.plan = bits_.plan();
  }

  LayerMapping run() {
    PassReport report{.pass = "columns that are alike"};
    const workloads::MatrixShape& shape = bits_.shape();
    for (std::int64_t block = 0; block < shape.groups; ++block) {
      for (std::int64_t row = 0; row < shape.rows; row += slots_.unit_rows()) {
        report.metadata_bits += place(block, {row, std::min(shape.rows, row + slots_.unit_rows())});
      }
    }
    finish(std::move(report), result_, slots_, problem_);
    return std::move(result_);
  }

 private:
  using Contents = std::vector<std::int64_t>;  // of a column's cells in a band, line by line

  [[nodiscard]] Contents contents(std::int64_t block, std::int64_t column, const Range& rows) {
    const std::int64_t channel = column / bits_.slices();
    const auto lines = static_cast<std::size_t>(bits_.plan().lines());
    const std::size_t first = static_cast<std::size_t>(column % bits_.slices()) * lines;
    const std::int64_t center = bits_.center(block, channel);
    Contents result;
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const std::vector<std::int64_t>& cells =
          table_.of(bits_.weight(block, channel, row), center).cells;
      for (std::size_t line = 0; line < lines; ++line) result.push_back(cells[first + line]);
    }
    return result;
  }

  // Returns the bits of the band's map of columns.
  std::int64_t place(std::int64_t block, const Range& rows) {
    const std::int64_t all = bits_.shape().columns * bits_.slices();
    std::vector<std::int32_t> stored;  // in the order in which they come
    std::map<Contents, std::size_t> known;
    std::vector<std::vector<std::int64_t>> others;  // that take the sums of a stored one
    for (std::int64_t column = 0; column < all; ++column) {
      Contents held = contents(block, column, rows);
      if (std::all_of(held.begin(), held.end(), [](std::int64_t cell) { return cell == 0; })) {
        continue;
      }
      const auto [it, is_new] = known.try_emplace(std::move(held), stored.size());
      if (is_new) {
        stored.push_back(static_cast<std::int32_t>(column));
        others.emplace_back();
      } else {
        others[it->second].push_back(column);
      }
    }
    const auto count = std::ssize(stored);
    for (std::int64_t first = 0; first < count; first += slots_.unit_columns()) {
      const std::int64_t last = std::min(count, first + slots_.unit_columns());
      std::vector<arch::SharedColumn> shared;
      for (std::int64_t i = first; i < last; ++i) {
        for (const std::int64_t column : others[static_cast<std::size_t>(i)]) {
          shared.push_back({column, i - first});
        }
      }
      slots_.add(block, rows, Indices::listed({stored.begin() + first, stored.begin() + last}),
                 std::move(shared));
    }
    return all * index_bits(count + 1);
  }

  const MappingProblem& problem_;
  LayerMapping result_;
  LayerBits bits_;
  arch::CellTable table_;
  UnitSlots slots_;
};

}  // namespace

LayerMapping map_layer_similar(const MappingProblem& problem, int layer, FreshMacros& macros) {
  refuse_answering_zeros(problem, "similar");
  return SimilarMapper(problem, layer, macros).run();
}

}  // namespace pimento::mapper
