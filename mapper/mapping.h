// SPDX-License-Identifier: Apache-2.0
// The mapper's language: column groups on macros. Every strategy speaks it, and one verifier judges
// what any of them says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/chip_spec.h"
#include "arch/layout.h"
#include "arch/program/program.h"
#include "workloads/network.h"

namespace pimento::mapper {

using arch::ColumnGroup;
using arch::Indices;
using arch::Range;

// What a pass over a layer saved, and what it costs to know where things are then. A saving without
// its metadata is none.
struct PassReport {
  std::string pass;
  std::int64_t cells_saved = 0;        // no longer stored
  std::int64_t conversions_saved = 0;  // of one input slice at `positions`; below zero: more
  std::int64_t metadata_bits = 0;      // stored beside the arrays: indices, masks, widths, flags
  std::int64_t metadata_reads = 0;     // bits of them that are read for one position
  int extra_input_slices = 0;          // beyond those of the activation bits
  // Of the output, together: one, or all of an image where windows make several with one read and
  // the last of them reach beyond the map.
  std::int64_t positions = 1;
  std::int64_t reads_saved = 0;  // of arrays or operation units, as conversions_saved
  // Where macros are written anew during a run: the cells that the layer takes, and those of them
  // that held something else before.
  std::int64_t cells_taken = 0;
  std::int64_t cells_written = 0;
};

// Where a layer lies, and on how many macros.
struct LayerMapping : arch::LayerLayout {
  std::int64_t macros = 0;  // distinct macros that hold some of it
  std::vector<PassReport> passes;
  // Where partial sums meet and vector work is done; none: the tile of the first core.
  std::optional<int> home_tile = std::nullopt;
  [[nodiscard]] std::int64_t metadata_reads() const;
};

// Of layers that were packed into shared macros.
struct PackingSummary {
  std::int64_t macros = 0;
  std::int64_t lower_bound = 0;  // no way to lay the same cells takes fewer macros
  // Pieces beyond the tiling by arrays, made by cuts through rows and through columns.
  std::int64_t row_cuts = 0;
  std::int64_t column_cuts = 0;
  friend bool operator==(const PackingSummary&, const PackingSummary&) = default;
};

// Bits over routers for one image: bits times routers passed.
struct TrafficSummary {
  std::int64_t before = 0;  // tiles in the order in which they were filled
  std::int64_t after = 0;
  friend bool operator==(const TrafficSummary&, const TrafficSummary&) = default;
};

// What writing the macros takes in one run of a network of several rounds. Runs follow each other:
// the first round finds what the last one left.
struct Rewriting {
  std::vector<arch::CoreWrite> writes;  // ordered by round, tile and core
  std::int64_t most_writes_of_a_cell = 0;
  // Cores are written while the round before works, on other cores.
  bool ahead = false;
  friend bool operator==(const Rewriting&, const Rewriting&) = default;
};

struct Mapping {
  std::string strategy;
  std::vector<LayerMapping> layers;
  std::int64_t macros = 0;  // allocated; numbered from 0, tile by tile and core by core
  std::optional<PackingSummary> packing = std::nullopt;
  std::optional<TrafficSummary> traffic = std::nullopt;  // where tiles were placed by it
  std::string reason;        // why this mapping, where a strategy chose among several
  Rewriting rewriting = {};  // empty where there is one round
};

// A network with its precisions, and the chip it shall lie on.
struct MappingProblem {
  const workloads::Network& network;
  const arch::ChipSpec& chip;
  // Throws InputError where no strategy could succeed: precisions the encoding cannot hold.
  void check() const;
};

// The layer's matrix as the mapping has it: of its kernel, or of a window of several copies.
[[nodiscard]] workloads::MatrixShape matrix_of(const LayerMapping& layer,
                                               const workloads::Network& network);

// Proves that a mapping stores every weight bit exactly once in each replica with its right place
// value (bits that are not stored are zero), that no cell holds two bits, that what is read
// together fits together, that nothing lies outside its array or the chip. Throws InternalError
// that names layer and fault.
void verify(const Mapping& mapping, const MappingProblem& problem);

// How full the chip is: cells of the macros in use (counted once a round), under the two averaging
// rules (all used cells over all allocated cells, and the mean of the layers' own shares), and
// macros of the cores in use. Layers that share a macro are each allocated a part of it, in
// proportion to what they use.
struct Utilization {
  std::int64_t used_cells = 0;
  std::int64_t allocated_cells = 0;
  std::vector<double> allocated_to_layers;  // adds up to allocated_cells
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
