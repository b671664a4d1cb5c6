// SPDX-License-Identifier: Apache-2.0
// The mapper's language: column groups on macros. Every strategy speaks it, and one verifier judges
// what any of them says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/chip_spec.h"
#include "mapper/slices.h"
#include "workloads/network.h"

namespace pimento::mapper {

// Half-open range of indices.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  [[nodiscard]] std::int64_t size() const { return end - begin; }
  friend bool operator==(const Range&, const Range&) = default;
};

// Rows and columns of one layer's weight matrix, stored as a rectangle of one macro. The macro
// reads the rectangle's columns together over all its rows; the sums are shifted and signed as the
// layer's slices say.
//   Rows are the inputs of one convolution group (kernel area x channels).
//   Columns are (output channel, slice) pairs, index = channel x slices + slice.
struct ColumnGroup {
  std::int64_t block = 0;  // which group of a grouped convolution; 0 elsewhere
  Range rows;
  Range columns;
  int macro = 0;            // counted over the whole chip
  std::int64_t at_row = 0;  // where the rectangle starts in the macro
  std::int64_t at_column = 0;
  friend bool operator==(const ColumnGroup&, const ColumnGroup&) = default;
};

struct LayerMapping {
  int layer = 0;  // index in the network
  SlicePlan plan;
  std::vector<ColumnGroup> groups;
  std::int64_t macros = 0;  // distinct macros the layer owns
};

struct Mapping {
  std::string strategy;
  std::vector<LayerMapping> layers;
  std::int64_t macros = 0;  // allocated; numbered from 0, tile by tile and core by core
};

// A network with its precisions, and the chip it shall lie on.
struct MappingProblem {
  const workloads::Network& network;
  const arch::ChipSpec& chip;
  // Throws InputError where no strategy could succeed: precisions the encoding cannot hold.
  void check() const;
};

// Proves that a mapping stores every weight bit exactly once with its right place value, that no
// cell holds two bits, that nothing lies outside its array or the chip. Throws InternalError that
// names layer, group and fault.
void verify(const Mapping& mapping, const MappingProblem& problem);

// How full the chip is: cells of the macros in use, under the two averaging rules (all used cells
// over all allocated cells, and the mean of the layers' own shares), and macros of the cores in
// use.
struct Utilization {
  std::int64_t used_cells = 0;
  std::int64_t allocated_cells = 0;
  double layer_mean = 0.0;
  std::int64_t used_macros = 0;       // hold weights
  std::int64_t allocated_macros = 0;  // of the cores that hold any
  double chip_share = 0.0;            // used macros over all macros of the chip
  [[nodiscard]] double macro_share() const {
    return allocated_macros == 0 ? 0.0 : double(used_macros) / double(allocated_macros);
  }
  [[nodiscard]] double cell_share() const {
    return allocated_cells == 0 ? 0.0 : double(used_cells) / double(allocated_cells);
  }
};
[[nodiscard]] Utilization utilization(const Mapping& mapping, const arch::ChipSpec& chip);
[[nodiscard]] std::int64_t used_cells(const LayerMapping& layer);

// Tiles that the mapping touches.
[[nodiscard]] int tiles_needed(const Mapping& mapping, const arch::ChipSpec& chip);

}  // namespace pimento::mapper
