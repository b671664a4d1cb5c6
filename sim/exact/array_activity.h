// SPDX-License-Identifier: Apache-2.0
// What the cells of a layer's arrays were read with, summed over every cell and every read, from
// counts of what rows were driven with: exact, without going through cells and cycles.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "arch/chip_spec.h"
#include "arch/layout.h"
#include "sim/exact/input_counts.h"

namespace pimento::exact {

// Totals over all input slices of all vectors, and all cells of the layer's column groups. k is
// arch::drive_power(macro.drive).
struct ArrayActivity {
  std::int64_t vectors = 0;      // of each block
  std::int64_t cell_reads = 0;   // cells x reads
  std::int64_t level_reads = 0;  // sum of (driven level)^k x (stored level)
  std::int64_t drive_reads = 0;  // sum of (driven level)^k
  std::int64_t row_drives = 0;   // rows x reads
  // Of them those that are not zero. None where a drive has several bits, as counts do not tell.
  std::optional<std::int64_t> driven_rows;
  // What level_reads and drive_reads would be if, within the layer, the level that a row is driven
  // with did not depend on which row it is, and so not on what the row stores: for each input slice
  // and weight slice, mean driven level^k (over all row drives and vectors) x mean stored level
  // (over all cells of the slice) x cells x vectors. Means of slices are those that occurred:
  // between layers and between slices nothing is assumed.
  double independent_level_reads = 0.0;
  double independent_drive_reads = 0.0;
};

// The reads of a row are linear in what its cells store, so
//   level_reads = sum over rows of (sum of driven level^k over reads) x (sum of stored levels),
// whatever the correlation between rows, bits, inputs and weights. `weights`: blocks x channels x
// rows, as laid out. Throws InputError where totals leave the range of 64-bit numbers, for bipolar
// cells and for inputs in two phases.
[[nodiscard]] ArrayActivity array_activity(const InputCounts& inputs,
                                           std::span<const std::int32_t> weights,
                                           std::int64_t channels, const arch::LayerLayout& layout,
                                           const arch::MacroSpec& macro);

}  // namespace pimento::exact
