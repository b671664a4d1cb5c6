// SPDX-License-Identifier: Apache-2.0
// What a chip is told to do: stages that wait for windows of pixels, work on cores, and hand pixels
// on. The mapper writes programs, the SystemC model reads them; neither knows the other.
//
// A pixel is one position of a feature map with all its channels. A stage makes its pixels in steps
// (arch/program/steps.h), mostly one pixel each, and hands them on in raster order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config_reader.h"
#include "base/units.h"

namespace pimento::arch {

inline constexpr int kChipInput = -1;
// Of one stage: a map that was made in parts has one a part.
inline constexpr int kMostInputs = 512;

struct Grid {
  std::int64_t height = 1;
  std::int64_t width = 1;
  [[nodiscard]] std::int64_t pixels() const { return height * width; }
  friend bool operator==(const Grid&, const Grid&) = default;
};

// Which pixels of its producer a stage needs for one pixel of its own. Spans include dilation.
struct ReadWindow {
  bool whole = false;  // every pixel of the image; the other fields then mean nothing
  std::int64_t span_height = 1;
  std::int64_t span_width = 1;
  std::int64_t stride_height = 1;
  std::int64_t stride_width = 1;
  std::int64_t pad_top = 0;
  std::int64_t pad_left = 0;
  friend bool operator==(const ReadWindow&, const ReadWindow&) = default;
};

struct StageInput {
  int producer = kChipInput;  // an earlier stage
  Grid grid;                  // of the producer's pixels
  ReadWindow window;
  Bits pixel_bits;            // of one producer pixel as this stage stores it
  std::int64_t capacity = 0;  // pixels the stage's input buffer holds
  friend bool operator==(const StageInput&, const StageInput&) = default;

  // How many pixels of an image must have arrived before output pixel (y, x) can start.
  [[nodiscard]] std::int64_t needed(std::int64_t y, std::int64_t x) const;
  // How many pixels of an image are no longer needed once all output pixels before (y, x) are done.
  [[nodiscard]] std::int64_t released(std::int64_t y, std::int64_t x) const;
};

// What is left of a core's work for one image, all steps and input slices together, where reads of
// zero inputs are passed over. Which step has how much of it is not kept: it is shared out evenly
// (arch/program/kept_reads.h).
struct KeptReads {
  std::int64_t reads = 0;  // one after the other: of the macro with most in each step
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t shared_columns = 0;
  std::int64_t cells = 0;
  std::int64_t tested_bits = 0;  // of inputs, that were looked at to know
  friend bool operator==(const KeptReads&, const KeptReads&) = default;
};

// What macros of one core do for one step of a stage, all together. Rows, columns and cells are for
// one input slice.
struct CoreWork {
  int core = 0;  // within its tile
  int macros = 0;
  std::int64_t rows = 0;          // driven, over all macros and reads
  std::int64_t columns = 0;       // converted, over all macros and reads
  std::int64_t cells = 0;         // at a driven row and a read column of one group
  std::int64_t max_columns = 0;   // of the read with most: it sets the time of conversion
  Bits input_bits;                // loaded into the core for one step
  std::int64_t partial_sums = 0;  // leave the core for one step
  // One after the other for one input slice: 1, or the operation units of the busiest macro.
  std::int64_t reads = 1;
  // Columns that take their sums from others: shifted and added, not converted.
  std::int64_t shared_columns = 0;
  // Stages that name the same core and lane use the same macros, one after the other; lanes of a
  // core work at the same time.
  int lane = 0;
  std::optional<KeptReads> kept = std::nullopt;  // none: nothing is passed over
  friend bool operator==(const CoreWork&, const CoreWork&) = default;
};

// The cores of one tile that hold one copy of a stage's weights, or a part of it. The tile adds up
// what they hold of the same outputs before anything leaves it.
struct TileWork {
  int tile = 0;
  std::vector<CoreWork> cores;
  std::int64_t partial_sums = 0;  // leave the tile for one step
  // Which copy of the weights. Copies take turns: of n, copy s mod n makes step s of each image.
  int replica = 0;
  friend bool operator==(const TileWork&, const TileWork&) = default;

  [[nodiscard]] Bits input_bits() const;
  [[nodiscard]] std::int64_t core_sums() const;  // partial sums of all its cores
};

struct Stage {
  std::string name;
  Grid grid;        // of the pixels it makes
  Bits pixel_bits;  // of one pixel it hands on
  std::vector<StageInput> inputs;
  int home_tile = 0;            // where partial sums meet and vector work is done
  std::vector<TileWork> tiles;  // empty: a stage of vector work only
  Bits sum_bits;                // of one partial sum
  int input_slices = 0;         // reads a pixel: activation bits over DAC bits
  bool sums_inputs = false;     // the encoding needs the sum of the inputs (offset)
  std::int64_t outputs = 0;     // elements of a pixel
  std::int64_t vector_ops = 0;  // a pixel
  std::int64_t pool_ops = 0;    // a pixel
  std::int64_t macs = 0;        // an image, for chips that price MACs
  int mac_bits = 0;
  Bits index_bits;  // metadata of the mapping, read from the cores' index memories in one step
  // Pixels that one read makes, a parallel window. Sums of pixels beyond the grid are made and
  // dropped.
  Grid step;
  // Stages of one round work while the arrays hold the weights of that round. A round begins when
  // the one before it has made all images of the run and the arrays are written.
  int round = 0;
  friend bool operator==(const Stage&, const Stage&) = default;

  // Bits that a stage of vector work reads from the buffer for one pixel: its window, or its share
  // of a map that it needs as a whole.
  [[nodiscard]] Bits window_bits() const;
  // Copies of the weights; 1 for a stage of vector work.
  [[nodiscard]] int replicas() const;
  // Outputs of all pixels of a step.
  [[nodiscard]] std::int64_t step_outputs() const { return outputs * step.pixels(); }
  // Partial sums of one step that reach the home tile beyond one an output: what it has to add.
  [[nodiscard]] std::int64_t home_additions(int replica = 0) const;
};

// What writing a core's macros takes before a round begins. The macros of a core are written at
// the same time, each row by row; a row whose cells stay as they are is passed over.
struct CoreWrite {
  int round = 0;
  int tile = 0;
  int core = 0;                 // within its tile
  std::int64_t row_writes = 0;  // of the macro with most
  std::int64_t cells_set = 0;   // to a higher level, over all macros
  std::int64_t cells_reset = 0;
  friend bool operator==(const CoreWrite&, const CoreWrite&) = default;
};

struct Program {
  std::string network;
  std::string chip;
  int tiles = 1;                  // of the chip it is written for
  std::vector<Stage> stages;      // producers come before users
  std::vector<CoreWrite> writes;  // in one run, however many images it has
  // Cores are written for a round while the round before it works, which then uses none of them.
  bool writes_ahead = false;
  friend bool operator==(const Program&, const Program&) = default;

  // 1 + the last.
  [[nodiscard]] int rounds() const;
  // Whether an input's pixels come onto the chip: those of the network's input, and of maps that an
  // earlier round has made, which wait for their reader in a memory off the chip.
  [[nodiscard]] bool comes_onto_chip(const Stage& stage, const StageInput& input) const;
  // For each stage, whether a stage of the same round, and whether one of a later round reads it.
  struct Readers {
    bool now = false;
    bool later = false;
    // Of the chip's results and of maps for later rounds. A pixel leaves once for all of them.
    [[nodiscard]] bool leaves_chip() const { return later || !now; }
    [[nodiscard]] bool is_result() const { return !later && !now; }
  };
  [[nodiscard]] Readers readers_of(int stage) const;

  // Checks what the model relies on: order, rounds, grids, capacities within the map, tiles that
  // exist, copies that are complete, partial sums that add up, and sizes whose counts stay exact.
  // Whether the capacities are large enough is for mapper/buffers.h to say. Throws InputError that
  // names the stage.
  void validate() const;
};

// The text form: YAML that people can read, edit and feed back.
[[nodiscard]] std::string to_text(const Program& program);
[[nodiscard]] Program read_program(ConfigDocument document);

}  // namespace pimento::arch
