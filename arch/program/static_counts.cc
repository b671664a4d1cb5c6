// SPDX-License-Identifier: Apache-2.0
#include "arch/program/static_counts.h"

#include <algorithm>

#include "arch/program/kept_reads.h"
#include "arch/program/steps.h"

namespace pimento::arch {
namespace {

// What a stage does for one image, summed over its cores.
struct CoreTotals {
  std::int64_t input_sums = 0;
  KeptReads reads;  // all input slices
  std::int64_t input_bits = 0;
  std::int64_t sums = 0;
};

// Each copy of the weights works in the steps whose turn it has.
CoreTotals totals_of(const Stage& stage, const Steps& steps) {
  CoreTotals total;
  for (const TileWork& tile : stage.tiles) {
    const std::int64_t turns = steps.share(tile.replica);
    for (const CoreWork& work : tile.cores) {
      total.input_sums += turns * stage.input_slices * work.macros;
      const KeptReads reads = work_of_image(stage, work, turns);
      total.reads.rows += reads.rows;
      total.reads.columns += reads.columns;
      total.reads.shared_columns += reads.shared_columns;
      total.reads.cells += reads.cells;
      total.reads.tested_bits += reads.tested_bits;
      total.input_bits += turns * work.input_bits.value();
      total.sums += turns * work.partial_sums;
    }
  }
  return total;
}

void add_matrix_counts(Counts& counts, const Stage& stage, const ChipSpec& chip) {
  const Steps steps(stage);
  const CoreTotals total = totals_of(stage, steps);
  counts.record(Action::kInputRegisterBit, total.reads.rows * chip.macro.dac_bits);
  counts.record(Action::kInputTestBit, total.reads.tested_bits);
  counts.record(Action::kRowDrive, total.reads.rows);
  counts.record(Action::kCellRead, total.reads.cells);
  counts.record(Action::kSample, total.reads.columns);
  counts.record(Action::kShiftAdd, total.reads.columns + total.reads.shared_columns);
  if (chip.macro.readout == Readout::kAdc) {
    counts.record(Action::kAdcConversion, total.reads.columns);
  }
  if (stage.sums_inputs) counts.record(Action::kInputSum, total.input_sums);
  counts.record(Action::kIndexBit, steps.count() * stage.index_bits.value());
  const std::int64_t sum_bits = total.sums * stage.sum_bits.value();
  counts.record(Action::kOutputRegisterBit, sum_bits);
  counts.record(Action::kBufferReadBit, total.input_bits);
  counts.record(Action::kBusBit, total.input_bits + sum_bits);
  counts.record(Action::kAccumulate, total.sums - steps.count() * stage.step_outputs());
  counts.record(Action::kTileRegisterBit,
                stage.grid.pixels() * stage.outputs * stage.sum_bits.value());
}

}  // namespace

Counts static_counts(const Program& program, int stage_index, const ChipSpec& chip) {
  const Stage& stage = program.stages[static_cast<std::size_t>(stage_index)];
  const std::int64_t pixels = stage.grid.pixels();
  Counts counts;
  if (stage.tiles.empty()) {
    counts.record(Action::kBufferReadBit, pixels * stage.window_bits().value());
    counts.record(Action::kBusBit, pixels * stage.window_bits().value());
    counts.record(Action::kPoolOp, pixels * stage.pool_ops);
  } else {
    add_matrix_counts(counts, stage, chip);
  }
  counts.record(Action::kVectorOp, pixels * stage.vector_ops);
  counts.record(Action::kMac, stage.macs, stage.mac_bits);
  for (const StageInput& input : stage.inputs) {
    const std::int64_t bits = input.grid.pixels() * input.pixel_bits.value();
    counts.record(Action::kBufferWriteBit, bits);
    if (program.comes_onto_chip(stage, input)) counts.record(Action::kOffchipBit, bits);
  }
  if (program.readers_of(stage_index).leaves_chip()) {
    counts.record(Action::kOffchipBit, pixels * stage.pixel_bits.value());
  }
  return counts;
}

Counts write_counts(const Program& program, int stage_index) {
  Counts counts;
  const auto first =
      std::find_if(program.stages.begin(), program.stages.end(),
                   [round = program.stages[static_cast<std::size_t>(stage_index)].round](
                       const Stage& s) { return s.round == round; });
  if (first - program.stages.begin() != stage_index) return counts;
  for (const CoreWrite& write : program.writes) {
    if (write.round != first->round) continue;
    counts.record(Action::kCellSet, write.cells_set);
    counts.record(Action::kCellReset, write.cells_reset);
  }
  return counts;
}

}  // namespace pimento::arch
