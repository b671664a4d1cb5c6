// SPDX-License-Identifier: Apache-2.0
#include "arch/program/kept_reads.h"

namespace pimento::arch {
namespace {

// With nothing passed over.
KeptReads all_reads(const CoreWork& work, std::int64_t slices) {
  return {slices * work.reads,          slices * work.rows,  slices * work.columns,
          slices * work.shared_columns, slices * work.cells, 0};
}

}  // namespace

// total = quotient x count + rest keeps the products small.
std::int64_t part_of(std::int64_t total, const Turn& turn) {
  const std::int64_t rest = total % turn.count;
  return total / turn.count + (turn.number + 1) * rest / turn.count -
         turn.number * rest / turn.count;
}

KeptReads work_of_step(const Stage& stage, const CoreWork& work, const Turn& turn) {
  const std::optional<KeptReads>& kept = work.kept;
  if (!kept) return all_reads(work, stage.input_slices);
  return {part_of(kept->reads, turn),   part_of(kept->rows, turn),
          part_of(kept->columns, turn), part_of(kept->shared_columns, turn),
          part_of(kept->cells, turn),   part_of(kept->tested_bits, turn)};
}

KeptReads all_work_of_image(const Stage& stage, const CoreWork& work, std::int64_t steps) {
  return all_reads(work, steps * stage.input_slices);
}

KeptReads work_of_image(const Stage& stage, const CoreWork& work, std::int64_t steps) {
  return work.kept.value_or(all_work_of_image(stage, work, steps));
}

}  // namespace pimento::arch
