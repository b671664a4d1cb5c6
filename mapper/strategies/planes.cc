// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/planes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "mapper/sparse/array_slots.h"
#include "mapper/sparse/layer_bits.h"
#include "mapper/sparse/savings.h"

namespace pimento::mapper {
namespace {

class PlanesMapper {
 public:
  PlanesMapper(const MappingProblem& problem, int layer, FreshMacros& macros)
      : problem_(problem),
        bits_(LayerBits::trimmed(problem, layer)),
        keeps_all_(bits_.plan().encoding == arch::Encoding::kXnor),
        slots_(problem, macros, result_) {
    result_.layer = layer;
    result_.plan = bits_.plan();
  }

  LayerMapping run() {
    PassReport report{.pass = "zero planes, rows and columns"};
    report.metadata_bits = result_.plan == whole_plan(problem_, result_.layer)
                               ? 0
                               : problem_.network.layers[static_cast<std::size_t>(result_.layer)]
                                     .precision.weight_bits;
    for (std::int64_t block = 0; block < bits_.shape().groups; ++block) place(block, report);
    finish(std::move(report), result_, slots_, problem_);
    return std::move(result_);
  }

 private:
  void place(std::int64_t block, PassReport& report) {
    const std::vector<std::int32_t> rows = rows_in_use(block);
    if (std::ssize(rows) < bits_.shape().rows) report.metadata_bits += bits_.shape().rows;
    const std::int64_t height = problem_.chip.macro.rows;
    for (std::int64_t first = 0; first < std::ssize(rows); first += height) {
      const std::int64_t last = std::min(first + height, std::ssize(rows));
      const std::vector<std::int32_t> tile(rows.begin() + first, rows.begin() + last);
      std::vector<std::int32_t> columns = columns_in_use(block, tile);
      const std::int64_t all = bits_.shape().columns * bits_.slices();
      if (std::ssize(columns) < all) report.metadata_bits += all;
      if (columns.empty()) continue;
      slots_.add(block, Indices::listed(tile), Indices::listed(std::move(columns)));
    }
  }

  [[nodiscard]] std::vector<std::int32_t> rows_in_use(std::int64_t block) const {
    std::vector<bool> used(static_cast<std::size_t>(bits_.shape().rows), keeps_all_);
    for (std::int64_t channel = 0; channel < bits_.shape().columns; ++channel) {
      for (std::size_t row = 0; row < used.size(); ++row) {
        if (bits_.at(block, channel, static_cast<std::int64_t>(row)) != 0) used[row] = true;
      }
    }
    std::vector<std::int32_t> rows;
    for (std::size_t row = 0; row < used.size(); ++row) {
      if (used[row]) rows.push_back(static_cast<std::int32_t>(row));
    }
    return rows;
  }

  [[nodiscard]] std::vector<std::int32_t> columns_in_use(
      std::int64_t block, const std::vector<std::int32_t>& rows) const {
    std::vector<std::int32_t> columns;
    for (std::int64_t channel = 0; channel < bits_.shape().columns; ++channel) {
      std::uint64_t mask = keeps_all_ ? ~std::uint64_t{0} : 0;
      for (const std::int32_t row : rows) mask |= bits_.at(block, channel, row);
      for (std::int64_t slice = 0; slice < bits_.slices(); ++slice) {
        if ((mask >> slice & 1) == 0) continue;
        columns.push_back(static_cast<std::int32_t>(channel * bits_.slices() + slice));
      }
    }
    return columns;
  }

  const MappingProblem& problem_;
  LayerMapping result_;
  LayerBits bits_;
  bool keeps_all_;
  ArraySlots slots_;
};

}  // namespace

LayerMapping map_layer_planes(const MappingProblem& problem, int layer, FreshMacros& macros) {
  return PlanesMapper(problem, layer, macros).run();
}

}  // namespace pimento::mapper
