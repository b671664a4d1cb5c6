// SPDX-License-Identifier: Apache-2.0
#include "arch/program/static_counts.h"

#include <algorithm>

namespace pimento::arch {
namespace {

// Sums over the cores of a stage.
struct CoreTotals {
  std::int64_t macros = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t cells = 0;
  std::int64_t input_bits = 0;
  std::int64_t sums = 0;
};

CoreTotals totals_of(const Stage& stage) {
  CoreTotals total;
  for (const TileWork& tile : stage.tiles) {
    for (const CoreWork& work : tile.cores) {
      total.macros += work.macros;
      total.rows += work.rows;
      total.columns += work.columns;
      total.cells += work.cells;
      total.input_bits += work.input_bits.value();
      total.sums += work.partial_sums;
    }
  }
  return total;
}

void add_matrix_counts(Counts& counts, const Stage& stage, const ChipSpec& chip) {
  const CoreTotals total = totals_of(stage);
  const std::int64_t pixels = stage.grid.pixels();
  const std::int64_t reads = pixels * stage.input_slices;
  counts.record(Action::kInputRegisterBit, reads * total.rows * chip.macro.dac_bits);
  counts.record(Action::kRowDrive, reads * total.rows);
  counts.record(Action::kCellRead, reads * total.cells);
  counts.record(Action::kSample, reads * total.columns);
  counts.record(Action::kShiftAdd, reads * total.columns);
  if (chip.macro.readout == Readout::kAdc) {
    counts.record(Action::kAdcConversion, reads * total.columns);
  }
  if (stage.sums_inputs) counts.record(Action::kInputSum, reads * total.macros);
  const std::int64_t sum_bits = pixels * total.sums * stage.sum_bits.value();
  counts.record(Action::kOutputRegisterBit, sum_bits);
  counts.record(Action::kBufferReadBit, pixels * total.input_bits);
  counts.record(Action::kBusBit, pixels * total.input_bits + sum_bits);
  counts.record(Action::kAccumulate, pixels * (total.sums - stage.outputs));
  counts.record(Action::kTileRegisterBit, pixels * stage.outputs * stage.sum_bits.value());
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
    if (input.producer == kChipInput) counts.record(Action::kOffchipBit, bits);
  }
  // Only later stages can read it, and mostly the very next one does.
  const bool read_by_another = std::any_of(
      program.stages.begin() + stage_index + 1, program.stages.end(),
      [stage_index](const Stage& other) {
        return std::any_of(
            other.inputs.begin(), other.inputs.end(),
            [stage_index](const StageInput& input) { return input.producer == stage_index; });
      });
  if (!read_by_another) counts.record(Action::kOffchipBit, pixels * stage.pixel_bits.value());
  return counts;
}

}  // namespace pimento::arch
