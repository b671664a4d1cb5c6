// SPDX-License-Identifier: Apache-2.0
// Rows of a layer's matrix that are read together, with the cells of their columns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "arch/cell_table.h"
#include "arch/layout.h"
#include "sim/exact/adc.h"
#include "sim/exact/programmed_group.h"
#include "sim/kernels/analog_tile.h"
#include "sim/kernels/tile.h"

namespace pimento::exact {

// A weight matrix for each group of a grouped convolution (a block).
struct BlockShape {
  std::int64_t blocks = 1;
  std::int64_t rows = 0;
  std::int64_t channels = 0;  // of a block
};

// Weights: blocks x channels x rows, and a center for each channel of each block.
struct LayerWeights {
  BlockShape shape;
  std::span<const std::int32_t> values;
  std::span<const std::int64_t> centers;
  [[nodiscard]] std::span<const std::int32_t> channel(std::int64_t block,
                                                      std::int64_t channel) const {
    const std::int64_t first = (block * shape.channels + channel) * shape.rows;
    return values.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(shape.rows));
  }
  [[nodiscard]] std::int64_t center(std::int64_t block, std::int64_t channel) const {
    return centers[static_cast<std::size_t>(block * shape.channels + channel)];
  }
};

struct RowTile {
  // What a channel's converted and added sums lack of the sum of input x code:
  // inputs_worth x (sum of the inputs) + constant x (worth of an input slice).
  struct Correction {
    double inputs_worth = 0.0;
    double constant = 0.0;
  };

  arch::Indices rows;                         // of the layer's matrix
  std::vector<std::uint8_t> row_shifts;       // of their inputs; empty: none
  kernels::Tile cells;                        // as they are meant
  std::optional<kernels::AnalogTile> analog;  // as they are, of devices that differ from that
  double scale = 1.0;                         // of converted sums
  std::vector<Correction> corrections;        // of channels, by their place in the tile
  std::vector<int> all;                       // channels, by their place in the tile
  std::vector<bool> is_whole;                 // of each of them: all its slices are here
  std::vector<int> through_adc;               // those whose sums an ADC can change
  std::int64_t conversions = 0;               // of one drive

  // Whether the inputs of its rows lie one after the other, and are driven as they are.
  [[nodiscard]] bool reads_a_run() const { return rows.is_range() && row_shifts.empty(); }
  // The output channel of a channel by its place in the tile.
  [[nodiscard]] std::size_t channel_at(int place) const {
    return static_cast<std::size_t>(cells.channels()[static_cast<std::size_t>(place)].channel);
  }
  // The sums of a channel whose slices lie apart are not those of its integers.
  void find_through_adc();
  // Those of channels, by their number in the block, that are not exact.
  void find_through_adc(const std::vector<bool>& exact_channels);
};

// How the arrays of a layer are built and read.
struct ArrayContext {
  const arch::MacroSpec& macro;
  arch::CellTable& table;  // of the layer's slices
  kernels::Transfer transfer;
  int unit_rows = 0;
  const ArrayDevices* devices = nullptr;  // null: ideal cells
};

// The tile of column groups of one block that share their rows, and how they are driven.
[[nodiscard]] RowTile make_row_tile(const LayerWeights& weights, const ArrayContext& context,
                                    std::span<const arch::ColumnGroup* const> groups);

}  // namespace pimento::exact
