// SPDX-License-Identifier: Apache-2.0
#include "mapper/layer_work.h"

#include "base/ceil_div.h"
#include "mapper/placement.h"

namespace pimento::mapper {

LayerWork dense_work(const MappingProblem& problem, int layer) {
  const arch::MacroSpec& macro = problem.chip.macro;
  const workloads::MatrixShape matrix = problem.network.matrix(layer);
  const arch::SlicePlan plan = whole_plan(problem, layer);
  const std::int64_t columns = matrix.groups * matrix.columns * std::ssize(plan.slices);
  const std::int64_t at_once = macro.rows_at_once();
  const std::int64_t full = matrix.rows / macro.rows;
  const std::int64_t reads =
      full * ceil_div(macro.rows, at_once) + ceil_div(matrix.rows % macro.rows, at_once);
  return {matrix.rows * columns * plan.lines(), columns * reads};
}

LayerWork mapped_work(const MappingProblem& problem, const LayerMapping& layer) {
  const std::int64_t at_once = problem.chip.macro.rows_at_once();
  LayerWork work;
  for (const ColumnGroup& group : layer.groups) {
    if (group.replica != 0) continue;
    work.cells += group.rows.size() * group.columns.size() * layer.plan.lines();
    work.conversions += ceil_div(group.rows.size(), at_once) * group.columns.size();
  }
  return work;
}

}  // namespace pimento::mapper
