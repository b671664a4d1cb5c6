// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/sme.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "mapper/sparse/array_slots.h"
#include "mapper/sparse/layer_bits.h"
#include "mapper/sparse/savings.h"

namespace pimento::mapper {
namespace {

class SqueezeMapper {
 public:
  SqueezeMapper(const MappingProblem& problem, int layer, FreshMacros& macros)
      : problem_(problem),
        bits_(problem, layer, whole_plan(problem, layer)),
        slots_(problem, macros, result_) {
    result_.layer = layer;
    result_.plan = bits_.plan();
    run_ = bits_.plan().slices_of_a_sign();
    const arch::MacroSpec& macro = problem.chip.macro;
    // In two's complement the top plane is the sign, which cannot move.
    const bool moves = macro.encoding == arch::Encoding::kDifferential ||
                       macro.encoding == arch::Encoding::kSignMagnitude;
    may_squeeze_ = moves && macro.cell_bits == 1 && macro.dac_bits == 1 && run_ > 1;
  }

  LayerMapping run() {
    PassReport report{.pass = "planes apart, the top one squeezed out (SME)"};
    const arch::MacroSpec& macro = problem_.chip.macro;
    for_each_tile(bits_.shape(), macro.rows, macro.weight_columns(),
                  [&](std::int64_t block, const Range& rows, const Range& channels) {
                    report.metadata_bits += place(block, rows, channels);
                  });
    finish(std::move(report), result_, slots_, problem_);
    return std::move(result_);
  }

 private:
  // The slices of a set of weights, both signs together.
  [[nodiscard]] std::uint64_t folded(std::uint64_t mask) const {
    return (mask | mask >> run_) & ((std::uint64_t{1} << run_) - 1);
  }

  // Returns the bits of its flags and mask of planes.
  std::int64_t place(std::int64_t block, const Range& rows, const Range& channels) {
    std::vector<std::uint8_t> shifts = shifts_of(block, rows, channels);
    std::uint64_t present = 0;
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const std::uint64_t of_row = bits_.any(block, channels, {row, row + 1});
      const bool moved = !shifts.empty() && shifts[static_cast<std::size_t>(row - rows.begin)] != 0;
      present |= moved ? of_row >> 1 : of_row;
    }
    for (std::int64_t slice = 0; slice < bits_.slices(); ++slice) {
      if ((present >> slice & 1) != 0) add_plane(block, rows, channels, slice, shifts);
    }
    slots_.close();
    return bits_.slices() + (shifts.empty() ? 0 : rows.size());
  }

  void add_plane(std::int64_t block, const Range& rows, const Range& channels, std::int64_t slice,
                 const std::vector<std::uint8_t>& shifts) {
    const Indices columns =
        Indices::every(channels.begin * bits_.slices() + slice, bits_.slices(), channels.size());
    const std::int64_t placed = slots_.add_beside(block, rows, columns, shifts);
    if (placed == columns.size()) return;
    slots_.add(block, rows, columns.part(placed, columns.size() - placed), shifts);
  }

  // A one for each row that moves down; empty where the top plane stays, or is empty as it is.
  [[nodiscard]] std::vector<std::uint8_t> shifts_of(std::int64_t block, const Range& rows,
                                                    const Range& channels) const {
    if (!may_squeeze_) return {};
    const std::uint64_t top = std::uint64_t{1} << (run_ - 1);
    std::vector<std::uint8_t> shifts(static_cast<std::size_t>(rows.size()), 0);
    bool moves = false;
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const std::uint64_t mask = folded(bits_.any(block, channels, {row, row + 1}));
      if ((mask & top) == 0) continue;
      if ((mask & 1) != 0) return {};
      shifts[static_cast<std::size_t>(row - rows.begin)] = 1;
      moves = true;
    }
    return moves ? shifts : std::vector<std::uint8_t>{};
  }

  const MappingProblem& problem_;
  LayerMapping result_;
  LayerBits bits_;
  ArraySlots slots_;
  std::int64_t run_ = 0;
  bool may_squeeze_ = false;
};

}  // namespace

LayerMapping map_layer_sme(const MappingProblem& problem, int layer, FreshMacros& macros) {
  refuse_answering_zeros(problem, "sme");
  return SqueezeMapper(problem, layer, macros).run();
}

}  // namespace pimento::mapper
