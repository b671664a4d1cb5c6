// SPDX-License-Identifier: Apache-2.0
#include "mapper/sparse/savings.h"

#include <bit>

#include <fmt/format.h>

#include "base/ceil_div.h"
#include "mapper/placement.h"

namespace pimento::mapper {

void charge(PassReport& report, const LayerMapping& layer, const MappingProblem& problem) {
  const arch::MacroSpec& macro = problem.chip.macro;
  const workloads::MatrixShape matrix = problem.network.matrix(layer.layer);
  const std::int64_t at_once = macro.rows_at_once();
  const arch::SlicePlan plan = whole_plan(problem, layer.layer);
  const std::int64_t columns = matrix.columns * std::ssize(plan.slices);
  // Rows are read in units that do not reach over the edge of an array.
  const std::int64_t full = matrix.rows / macro.rows;
  const std::int64_t reads =
      full * ceil_div(macro.rows, at_once) + ceil_div(matrix.rows % macro.rows, at_once);
  report.cells_saved = matrix.groups * matrix.rows * columns * plan.lines();
  report.conversions_saved = matrix.groups * columns * reads;
  for (const ColumnGroup& group : layer.groups) {
    if (group.replica != 0) continue;
    report.cells_saved -= group.rows.size() * group.columns.size() * layer.plan.lines();
    report.conversions_saved -= ceil_div(group.rows.size(), at_once) * group.columns.size();
  }
  report.extra_input_slices = layer.largest_row_shift();
  report.metadata_reads = report.metadata_bits;
}

void refuse_answering_zeros(const MappingProblem& problem, const std::string& strategy) {
  if (problem.chip.macro.encoding != arch::Encoding::kXnor) return;
  throw InputError(fmt::format(
      "{}: the strategy \"{}\" leaves out zeros, and bipolar cells answer to them; choose another "
      "macro.encoding than xnor",
      problem.chip.file, strategy));
}

int index_bits(std::int64_t n) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n - 1)));
}

}  // namespace pimento::mapper
