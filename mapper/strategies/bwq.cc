// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/bwq.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "mapper/placement.h"
#include "mapper/sparse/layer_bits.h"
#include "mapper/sparse/savings.h"
#include "mapper/sparse/unit_slots.h"

namespace pimento::mapper {
namespace {

class BlockwiseMapper {
 public:
  BlockwiseMapper(const MappingProblem& problem, int layer, FreshMacros& macros)
      : problem_(problem),
        bits_(LayerBits::trimmed(problem, layer)),
        slots_(problem, "bwq", macros, result_) {
    result_.layer = layer;
    result_.plan = bits_.plan();
    run_ = bits_.plan().slices_of_a_sign();
  }

  LayerMapping run() {
    PassReport report{.pass = "precision of blocks (BWQ)"};
    const arch::SlicePlan whole = whole_plan(problem_, result_.layer);
    if (!(result_.plan == whole)) report.metadata_bits += whole.weight_bits;  // which planes
    for_each_tile(bits_.shape(), slots_.unit_rows(), slots_.unit_columns(),
                  [&](std::int64_t block, const Range& rows, const Range& channels) {
                    report.metadata_bits += place(block, rows, channels);
                  });
    finish(std::move(report), result_, slots_, problem_);
    return std::move(result_);
  }

 private:
  // Returns the bits of its entry in the table of widths.
  std::int64_t place(std::int64_t block, const Range& rows, const Range& channels) {
    std::uint64_t present = bits_.any(block, channels, rows);
    const bool is_one_run = run_ == bits_.slices();
    std::int64_t entry = 0;
    for (std::int64_t first = 0; first < bits_.slices(); first += run_) {
      const std::uint64_t of_run =
          is_one_run ? present : present & ((std::uint64_t{1} << run_) - 1);
      const auto width = static_cast<std::int64_t>(std::bit_width(of_run));
      for (std::int64_t slice = 0; slice < width; ++slice) {
        slots_.add(block, rows,
                   Indices::every(channels.begin * bits_.slices() + first + slice, bits_.slices(),
                                  channels.size()));
      }
      entry += index_bits(run_ + 1);
      if (!is_one_run) present >>= run_;
    }
    return entry;
  }

  const MappingProblem& problem_;
  LayerMapping result_;
  LayerBits bits_;
  UnitSlots slots_;
  std::int64_t run_ = 0;
};

}  // namespace

LayerMapping map_layer_bwq(const MappingProblem& problem, int layer, FreshMacros& macros) {
  refuse_answering_zeros(problem, "bwq");
  return BlockwiseMapper(problem, layer, macros).run();
}

}  // namespace pimento::mapper
