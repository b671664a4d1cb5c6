// SPDX-License-Identifier: Apache-2.0
#include "mapper/sparse/savings.h"

#include <bit>
#include <utility>

#include <fmt/format.h>

#include "mapper/layer_work.h"

namespace pimento::mapper {

void charge(PassReport report, LayerMapping& layer, const MappingProblem& problem) {
  const LayerWork dense = dense_work(problem, layer.layer);
  const LayerWork mapped = mapped_work(problem, layer);
  report.cells_saved = dense.cells - mapped.cells;
  report.conversions_saved = dense.conversions - mapped.conversions;
  report.extra_input_slices = layer.largest_row_shift();
  report.metadata_reads = report.metadata_bits;
  layer.passes.push_back(std::move(report));
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
