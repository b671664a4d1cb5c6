// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/sre.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "mapper/sparse/layer_bits.h"
#include "mapper/sparse/savings.h"
#include "mapper/sparse/unit_slots.h"

namespace pimento::mapper {
namespace {

// Rows that hold a set bit in columns [columns.begin, columns.end) of a block.
std::vector<std::int32_t> rows_in_use(const LayerBits& bits, std::int64_t block,
                                      const Range& columns) {
  const std::int64_t slices = bits.slices();
  std::vector<std::int32_t> rows;
  for (std::int64_t row = 0; row < bits.shape().rows; ++row) {
    bool is_used = false;
    for (std::int64_t column = columns.begin; column < columns.end && !is_used; ++column) {
      is_used = (bits.at(block, column / slices, row) >> (column % slices) & 1) != 0;
    }
    if (is_used) rows.push_back(static_cast<std::int32_t>(row));
  }
  return rows;
}

}  // namespace

LayerMapping map_layer_sre(const MappingProblem& problem, int layer, FreshMacros& macros) {
  LayerMapping result;
  result.layer = layer;
  result.plan = whole_plan(problem, layer);
  refuse_answering_zeros(problem, "sre");
  UnitSlots slots(problem, "sre", macros, result);
  const LayerBits bits(problem, layer, result.plan);
  PassReport report{.pass = "rows of zeros (SRE)"};
  const std::int64_t columns = bits.shape().columns * bits.slices();
  const int index = index_bits(bits.shape().rows);
  for (std::int64_t block = 0; block < bits.shape().groups; ++block) {
    for (std::int64_t first = 0; first < columns; first += slots.unit_columns()) {
      const Range stripe{first, std::min(columns, first + slots.unit_columns())};
      std::vector<std::int32_t> rows = rows_in_use(bits, block, stripe);
      report.metadata_bits += std::ssize(rows) * index;
      if (!rows.empty()) slots.add(block, Indices::listed(std::move(rows)), stripe);
    }
  }
  finish(std::move(report), result, slots, problem);
  return result;
}

}  // namespace pimento::mapper
