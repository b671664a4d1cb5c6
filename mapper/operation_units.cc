// SPDX-License-Identifier: Apache-2.0
#include "mapper/operation_units.h"

#include "base/ceil_div.h"
#include "base/error.h"

namespace pimento::mapper {

std::int64_t unit_reads(const LayerMapping& layer, const arch::OperationUnit& unit) {
  if (unit.is_whole()) return layer.macros;
  std::int64_t reads = 0;
  for (const ColumnGroup& group : layer.groups) {
    reads += ceil_div(group.rows.size(), unit.rows) * ceil_div(group.columns.size(), unit.columns);
  }
  return reads;
}

std::int64_t straddling_unit_reads(const workloads::MatrixShape& matrix,
                                   std::int64_t columns_per_weight,
                                   const arch::OperationUnit& unit) {
  ensure(unit.rows >= 1 && unit.columns >= 1, "an operation unit has no extent");
  return matrix.groups * ceil_div(matrix.rows, unit.rows) *
         ceil_div(matrix.columns * columns_per_weight, unit.columns);
}

}  // namespace pimento::mapper
