// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/forms.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mapper/sparse/layer_bits.h"
#include "mapper/sparse/savings.h"
#include "mapper/sparse/unit_slots.h"

namespace pimento::mapper {
namespace {

// Columns of a fragment that belong to the signs its weights have.
std::vector<std::int32_t> columns_of(const LayerBits& bits, std::int64_t block, const Range& rows) {
  const std::int64_t run = bits.plan().slices_of_a_sign();
  const std::uint64_t positive = (std::uint64_t{1} << run) - 1;
  std::vector<std::int32_t> columns;
  for (std::int64_t channel = 0; channel < bits.shape().columns; ++channel) {
    const std::uint64_t mask = bits.any(block, {channel, channel + 1}, rows);
    const auto first = static_cast<std::int32_t>(channel * bits.slices());
    for (std::int64_t slice = 0; slice < bits.slices(); ++slice) {
      const std::uint64_t of_sign = slice < run ? positive : positive << run;
      if ((mask & of_sign) != 0) columns.push_back(first + static_cast<std::int32_t>(slice));
    }
  }
  return columns;
}

}  // namespace

LayerMapping map_layer_forms(const MappingProblem& problem, int layer, FreshMacros& macros) {
  if (problem.chip.macro.encoding != arch::Encoding::kDifferential) {
    throw InputError(
        fmt::format("{}: the strategy \"forms\" stores the columns of one sign, and this chip's "
                    "weights are {}; give macro.encoding=differential",
                    problem.chip.file, arch::encoding_name(problem.chip.macro.encoding)));
  }
  LayerMapping result;
  result.layer = layer;
  result.plan = whole_plan(problem, layer);
  UnitSlots slots(problem, "forms", macros, result);
  const LayerBits bits(problem, layer, result.plan);
  PassReport report{.pass = "fragments of one sign (FORMS)"};
  const workloads::MatrixShape& shape = bits.shape();
  for (std::int64_t block = 0; block < shape.groups; ++block) {
    for (std::int64_t row = 0; row < shape.rows; row += slots.unit_rows()) {
      const Range rows{row, std::min(shape.rows, row + slots.unit_rows())};
      const std::vector<std::int32_t> columns = columns_of(bits, block, rows);
      for (std::int64_t first = 0; first < std::ssize(columns); first += slots.unit_columns()) {
        const std::int64_t last = std::min(std::ssize(columns), first + slots.unit_columns());
        slots.add(block, rows, Indices::listed({columns.begin() + first, columns.begin() + last}));
      }
      report.metadata_bits += 2 * shape.columns;
    }
  }
  finish(std::move(report), result, slots, problem);
  return result;
}

}  // namespace pimento::mapper
